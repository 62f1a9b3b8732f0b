"""Importing people on real servers: a verdict for every row, all or nothing, repeatable without doubles."""

from dataclasses import replace
from datetime import date
from time import perf_counter
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from contracts.directory import access, agencies
from contracts.directory import imports as i
from contracts.directory import staff as c
from contracts.directory.roles import Role
from kernel.data.tables import outbox, trail
from kernel.work.jobs import JobRunner
from services.directory.imports import handlers as importing
from services.directory.roles.tables import personal_grants
from services.directory.staff.tables import people, position_roles, positions
from tests.integration.directory.desk import STEPS, Desk, a_row, faults


@pytest.fixture
def desk(directory):
    return Desk(directory)


def test_people_come_with_their_positions_and_roles_and_the_trail_names_who_asked(desk, directory):
    below = directory.an_agency(kind="public_unit", parent_id=desk.agency_id)
    done = desk.imported(
        a_row(2, email="A@NB.example", phone="0229 3871 156", identity_number="037 090 001 234"),
        a_row(3, staff_number="NB.00002", title="Kế toán", roles="reader@H42.002; iso_secretary+"),
        a_row(4, full_name="Trần Thị Ánh", title="", roles="internal_auditor+", held_to="2026-12-31"),
    )
    assert (done["state"], done["creating"], done["done"]) == ("applied", 3, 3), done
    with directory.database.sessions() as session:
        person = session.execute(select(people).where(people.c.staff_number == "NB.00002")).one()
        held = session.execute(select(positions).where(positions.c.person_id == person.id)).all()
        roles = session.execute(
            select(position_roles.c.role, position_roles.c.agency_id, position_roles.c.with_subtree).where(
                position_roles.c.position_id.in_([each.id for each in held])
            )
        ).all()
        [token] = session.execute(select(personal_grants)).all()
        left = session.execute(select(trail).where(trail.c.subject_id == person.id)).one()
        published = session.scalars(select(outbox.c.topic).where(outbox.c.aggregate_id == person.id)).all()
    assert (person.full_name, person.email) == ("Nguyễn Văn Mẫu", "a@nb.example")
    assert {each.title for each in held} == {"Chuyên viên", "Kế toán"}
    assert {(str(role), at, far) for role, at, far in roles} == {
        ("drafter", desk.agency_id, False),
        ("reader", desk.agency_id, False),
        ("reader", below, False),
        ("iso_secretary", desk.agency_id, True),
    }
    assert (token.role.value, token.with_subtree, token.valid_to) == (
        "internal_auditor",
        True,
        date(2026, 12, 31),
    )
    me = directory.ok("me", access.Me())
    assert (str(left.person_id), left.cause[:4]) == (me["person"]["id"], "job:")
    assert published == ["directory.person_changed.v1"]
    [seen] = directory.ok("people_by_ids", c.PeopleByIds(ids=[person.id]))
    assert seen["identity_masked"] == "•" * 9 + "234"


def test_the_same_file_again_changes_nothing_and_an_amended_one_only_what_differs(desk, directory):
    rows = [a_row(2), a_row(3, full_name="Trần Thị Ánh")]
    desk.imported(*rows)
    before = {table.name: desk.count(table) for table in (people, positions, position_roles, outbox)}
    again = desk.imported(*rows)
    assert (again["creating"], again["amending"], again["unchanged"]) == (0, 0, 2)
    assert {table.name: desk.count(table) for table in (people, positions, position_roles, outbox)} == before
    amended = desk.imported(
        rows[0], replace(rows[1], full_name="Trần Thị Ánh Hai", roles="drafter;reader;reviewer")
    )
    assert (amended["amending"], amended["unchanged"]) == (1, 1)
    assert desk.count(people) == before["people"]
    assert desk.count(position_roles) == before["position_roles"] + 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"staff_number": ""}, ("staff_number", "import_cell_missing")),
        ({"staff_number": "Số 1?"}, ("staff_number", "import_wrong_form")),
        ({"full_name": " "}, ("full_name", "import_cell_missing")),
        ({"full_name": "Nguyeãn Vaên An"}, ("full_name", "name_mixed_font")),
        ({"full_name": "Пётр"}, ("full_name", "name_mixed_font")),
        ({"email": "không có"}, ("email", "import_wrong_form")),
        ({"phone": "gọi"}, ("phone", "import_wrong_form")),
        ({"identity_number": "12345"}, ("identity_number", "import_wrong_form")),
        ({"agency_code": "H42/01"}, ("agency_code", "import_wrong_form")),
        ({"agency_code": "H42.999"}, ("agency_code", "import_agency_unknown")),
        ({"agency_code": ""}, ("agency_code", "import_cell_missing")),
        ({"title": "", "roles": ""}, ("title", "import_cell_missing")),
        ({"held_from": ""}, ("held_from", "import_cell_missing")),
        ({"held_from": "31/02/2026"}, ("held_from", "import_wrong_form")),
        ({"held_from": "30/06/2025"}, ("agency_code", "import_agency_unknown")),
        ({"held_to": "01/07/2025"}, ("held_to", "position_ends_before_it_begins")),
        ({"roles": "giám đốc"}, ("roles", "import_role_unknown")),
        ({"roles": "reader@H42.999"}, ("roles", "import_agency_unknown")),
        ({"roles": "integration_client"}, ("roles", "role_beyond_reach")),
        ({"roles": "province_steering+"}, ("roles", "role_not_for_this_kind")),
    ],
)
def test_a_bad_cell_is_named_with_its_column_and_remedy_in_both_languages(desk, changes, fault):
    checked, [good, bad] = desk.judged(a_row(2), a_row(3, **changes))
    assert (checked["state"], checked["bad"]) == ("checked", 1)
    assert (good["verdict"], bad["verdict"], faults(bad)) == ("creates", "bad", {fault})
    [remark] = bad["problems"]
    assert all(remark[name] for name in ("message", "message_en", "remedy", "remedy_en"))
    refusal = desk.directory.refused(
        "apply_people_import",
        i.ApplyPeopleImport(
            request_id=uuid4(), import_id=UUID(checked["id"]), expected_version=checked["version"]
        ),
    )
    assert refusal == ("import_has_bad_rows", "importId")


def test_a_row_names_all_its_faults_at_once(desk):
    _, [row] = desk.judged(a_row(2, full_name="Пётр", email="x", held_to="hôm qua", roles="khách"))
    assert faults(row) == {
        ("full_name", "name_mixed_font"),
        ("email", "import_wrong_form"),
        ("held_to", "import_wrong_form"),
        ("roles", "import_role_unknown"),
    }


def test_names_are_composed_and_mended_where_that_is_certain(desk, directory):
    names = ("Nguye\u0302\u0303n  Thị Ánh", "Nguyễn Thị Hоа", "NguyÔn V¨n §øc")
    _, rows = desk.judged(*(a_row(n, full_name=name) for n, name in enumerate(names, 2)))
    assert [[note["code"] for note in row["notes"]] for row in rows] == [
        [],
        ["name_lookalikes_mended"],
        ["name_tcvn3_mended"],
    ]
    desk.imported(*(a_row(n, full_name=name) for n, name in enumerate(names, 2)))
    with directory.database.sessions() as session:
        wanted = select(people.c.full_name).where(people.c.staff_number.is_not(None))
        kept = session.scalars(wanted.order_by(people.c.staff_number)).all()
    assert kept == ["Nguyễn Thị Ánh", "Nguyễn Thị Hoa", "Nguyễn Văn Đức"]


def test_rows_of_one_person_must_agree_and_not_overlap(desk):
    same = {"staff_number": "NB.00002"}
    _, rows = desk.judged(
        a_row(2),
        a_row(3, **same, full_name="Người khác", title="Kế toán"),
        a_row(4, **same, title="chuyên  VIÊN", held_from="2026-01-01"),
        a_row(5, identity_number="037090001234"),
        a_row(6, identity_number="037090001234"),
    )
    assert [faults(row) for row in rows] == [
        set(),
        {("full_name", "import_same_person_differs")},
        {("held_from", "import_line_repeated")},
        {("identity_number", "import_identity_twice")},
        {("identity_number", "import_identity_twice")},
    ]


def test_a_position_that_overlaps_one_there_is_refused(desk):
    desk.imported(a_row(2))
    _, [row] = desk.judged(a_row(2, held_from="2026-01-01"))
    assert faults(row) == {("held_from", "position_held_already")}


def test_an_administrator_of_a_department_imports_for_it_alone(desk, directory):
    _, agency_id = directory.an_account("quan.tri.so", Role.PROVINCE_ADMIN)
    other = directory.a_person()
    directory.a_position(desk.agency_id, other)
    with directory.database.engine.begin() as connection:
        connection.execute(people.update().where(people.c.id == other).values(staff_number="NB.KHAC"))
    mine, directory.token = directory.token, directory.token_of("quan.tri.so")
    code = directory.ok("agencies_by_ids", agencies.AgenciesByIds(ids=[agency_id]))[0]["code"]
    _, rows = desk.judged(
        a_row(2, agency_code=code),
        a_row(3),
        a_row(4, agency_code=code, roles="reader@H42"),
        a_row(5, agency_code=code, staff_number="NB.KHAC"),
    )
    assert [faults(row) for row in rows] == [
        set(),
        {("agency_code", "import_agency_beyond_reach"), ("roles", "role_beyond_reach")},
        {("roles", "role_beyond_reach")},
        {("staff_number", "import_person_beyond_reach")},
    ]
    batch = {"id": str(rows and desk.begin([a_row(2)])["id"])}
    directory.token = mine
    for method, body in (
        ("people_import", i.PeopleImport(import_id=UUID(batch["id"]))),
        ("check_people_import", i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(batch["id"]))),
        ("people_import", i.PeopleImport(import_id=uuid4())),
    ):
        assert directory.refused(method, body) == ("import_not_found", "importId")


def test_rows_may_come_twice_but_not_too_many_nor_after_the_check(desk, directory):
    batch = desk.begin([a_row(2), a_row(3)])
    assert desk.add(batch, [a_row(3, full_name="Trần Thị Ánh")])["received"] == 2
    more = i.AddImportedRows(request_id=uuid4(), import_id=UUID(batch["id"]), rows=[a_row(4)])
    assert directory.refused("add_imported_rows", more) == ("import_too_many_rows", "rows")
    desk.check(batch)
    assert [row["full_name"] for row in desk.rows(batch)] == ["Nguyễn Văn Mẫu", "Trần Thị Ánh"]
    assert directory.refused("add_imported_rows", more) == ("import_not_in_this_state", "importId")
    missing = directory.ok(
        "begin_people_import", i.BeginPeopleImport(request_id=uuid4(), file_name="x.csv", rows=2)
    )
    asked = i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(missing["id"]))
    assert directory.refused("check_people_import", asked) == ("import_not_complete", "importId")


def test_what_changed_since_the_check_undoes_all_of_it_and_says_which_line(desk, directory):
    checked, _ = desk.judged(*(a_row(n) for n in range(2, 500)))
    taken = c.RegisterPerson(request_id=uuid4(), full_name="Người khác", staff_number="NB.00450")
    person = UUID(directory.ok("register_person", taken)["id"])
    directory.a_position(desk.agency_id, person, title="Chuyên viên", held_from=date(2025, 8, 1))
    before = desk.count(people), desk.count(positions), desk.count(outbox), desk.count(trail)
    after = desk.apply(checked)
    assert (after["state"], after["failed_line"]) == ("checked", 450)
    assert "chức danh" in after["failure"]
    assert "position" in after["failure_en"]
    counted = desk.count(people), desk.count(positions), desk.count(outbox)
    assert counted == before[:3]
    again = desk.check(after)
    assert again["bad"] == 1


def test_a_job_killed_in_the_middle_goes_on_and_does_nothing_twice(desk, directory):
    batch = desk.begin([a_row(n) for n in range(2, 700)])
    asked = i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(batch["id"]))
    directory.ok("check_people_import", asked)

    class Killed(BaseException):
        """As a process that is killed: nothing is caught and nothing cleaned up."""

    def dying(step, after):
        left = [after]

        def carry_out(call, arguments, checkpoint):
            progress = step(call, arguments, checkpoint)
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return progress

        return carry_out

    def killed_at(kind, after):
        runner = JobRunner(directory.running.means, STEPS | {kind: dying(STEPS[kind], after)})
        with pytest.raises(Killed):
            runner.turn()
        with directory.database.engine.begin() as connection:
            connection.execute(text("update jobs set heartbeat_at = now() - interval '1 hour'"))

    killed_at(importing.CHECK, 1)
    assert desk.seen(batch)["done"] == 200
    desk.work()
    checked = desk.seen(batch)
    assert (checked["state"], checked["creating"], checked["done"]) == ("checked", 698, 698)
    applying = i.ApplyPeopleImport(
        request_id=uuid4(), import_id=UUID(batch["id"]), expected_version=checked["version"]
    )
    directory.ok("apply_people_import", applying)
    before = desk.count(people)
    killed_at(importing.APPLY, 0)
    assert desk.count(people) == before
    desk.work()
    assert (desk.seen(batch)["state"], desk.count(people)) == ("applied", before + 698)


def test_identity_numbers_wait_sealed_and_rows_are_forgotten_in_the_end(desk, directory):
    checked, _ = desk.judged(a_row(2, identity_number="037090001234"), a_row(3, identity_number="03709"))
    with directory.database.sessions() as session:
        for table in ("import_rows", "staff_imports", "jobs", "commands", "trail"):
            whole = session.scalar(text(f"select string_agg({table}::text, ' ') from {table}")) or ""
            assert "03709" not in whole, table
    from kernel.upkeep.acting import acting
    from services.directory.housekeeping import sweeps

    with directory.database.engine.begin() as connection:
        connection.execute(text("update staff_imports set requested_at = now() - interval '31 days'"))
    with acting(directory.running.means, "thử", "forget") as call:
        sweeps.forget(call)
    assert desk.rows(checked) == []


def test_a_large_import_with_bad_rows_names_each_and_a_good_one_is_applied(desk, directory):
    """2,000 rows here; `make proof` takes 20,000 good and 100,000 with bad ones."""
    import os

    good, many = (20_000, 100_000) if os.environ.get("EISO_PROOF") else (2_000, 2_000)
    rows = [a_row(n, full_name="Пётр" if n % 100 == 0 else "Trần Thị Ánh") for n in range(1, many + 1)]
    began = perf_counter()
    checked, _ = desk.judged(*rows)
    print(f"{many} rows judged in {perf_counter() - began:.1f} s")
    assert (checked["bad"], checked["creating"]) == (many // 100, many - many // 100)
    began = perf_counter()
    done = desk.imported(*(a_row(n) for n in range(1, good + 1)))
    print(f"{good} rows judged and applied in {perf_counter() - began:.1f} s")
    assert (done["state"], desk.count(positions)) == ("applied", good + 1)
