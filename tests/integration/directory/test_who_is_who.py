"""Agencies, people and positions on real servers: entering, races, reading, who sees what."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, event, func, select

from contracts.directory import access, agencies
from contracts.directory import staff as c
from contracts.directory.roles import Role
from kernel.base import clock
from kernel.data.tables import outbox, trail
from org.tables import agency_closure
from services.directory.bootstrap import USERNAME
from services.directory.staff.tables import positions
from tests.integration.directory.conftest import (
    ADMIN_PASSWORD,
    BEGIN,
    CHEAP,
    Directory,
    an_appointment,
)


def topics(directory):
    with directory.database.sessions() as session:
        return session.scalars(
            select(outbox.c.topic).order_by(outbox.c.recorded_at, outbox.c.message_id)
        ).all()


def test_the_beginning_is_entered_once(running, rpc, beginning):
    service = running("directory", **CHEAP)
    assert len(beginning(service)) == 2
    assert beginning(service) == []
    directory = Directory(service, rpc)
    me = directory.sign_in(USERNAME, ADMIN_PASSWORD)["ok"]["me"]
    assert me["agency"]["name"] == "Ủy ban nhân dân tỉnh Ninh Bình"
    roles = {(role["role"], role["with_subtree"]) for role in me["position"]["roles"]}
    assert roles == {("province_admin", True), ("system_operator", True)}
    assert me["must_change_password"] is False


def test_me_is_who_signed_in(directory):
    me = directory.ok("me", access.Me())
    assert me["person"]["full_name"] == "Quản trị hệ thống"
    assert me["business_today"] == clock.today().isoformat()
    directory.token = ""
    assert directory.rpc.call("directory.me", access.Me())["refused"]["code"] == "not_signed_in"


def test_entering_an_agency_puts_it_into_the_tree_the_log_and_the_trail(directory):
    agency_id = directory.an_agency(name="Sở Dân tộc và Tôn giáo")
    with directory.database.sessions() as session:
        above = session.scalars(
            select(agency_closure.c.ancestor_id).where(agency_closure.c.descendant_id == agency_id)
        ).all()
        row = session.execute(select(trail).where(trail.c.subject_id == agency_id)).one()
    assert set(above) == {directory.root_id, agency_id}
    assert (row.agency_id, row.action) == (agency_id, "directory:create_agency")
    assert row.after["periods"][0]["name"] == "Sở Dân tộc và Tôn giáo"
    assert topics(directory).count("directory.agency_changed.v1") == 2


def test_the_same_command_twice_enters_one_agency(directory):
    command = agencies.CreateAgency(
        request_id=uuid4(),
        code="H42.99",
        name="Sở Tài chính",
        short_name="STC",
        kind="department",
        parent_id=directory.root_id,
        valid_from=BEGIN,
    )
    first, second = directory.together(("create_agency", command), ("create_agency", command))
    assert first == second
    assert topics(directory).count("directory.agency_changed.v1") == 2


def test_when_two_agencies_claim_one_code_the_second_is_refused(directory):
    def command(short_name):
        return agencies.CreateAgency(
            request_id=uuid4(),
            code="H42.50",
            name="Sở Xây dựng",
            short_name=short_name,
            kind="department",
            parent_id=directory.root_id,
            valid_from=BEGIN,
        )

    done = directory.together(("create_agency", command("một")), ("create_agency", command("hai")))
    [refusal] = [each["refused"] for each in done if "refused" in each]
    assert (refusal["kind"], refusal["code"], refusal["field"]) == ("Conflict", "agency_code_taken", "code")


def test_a_second_root_is_refused(directory):
    command = agencies.CreateAgency(
        request_id=uuid4(), code="H43", name="Tỉnh khác", short_name="TK", kind="province", valid_from=BEGIN
    )
    assert directory.refused("create_agency", command) == ("not_permitted", None)


def test_an_agency_below_another_kind_is_refused_with_the_kinds_that_fit(directory):
    department = directory.an_agency()
    command = agencies.CreateAgency(
        request_id=uuid4(),
        code="H42.70",
        name="UBND xã Gia Viễn",
        short_name="Gia Viễn",
        kind="commune",
        parent_id=department,
        valid_from=BEGIN,
    )
    answer = directory.ask("create_agency", command)["refused"]
    assert (answer["code"], answer["field"]) == ("agency_wrong_parent", "parentId")
    assert "UBND tỉnh" in answer["remedy"]["vi"]


def test_who_administers_a_department_enters_nothing_beside_it(directory):
    directory.an_account("quan.tri.so", Role.PROVINCE_ADMIN)
    token = directory.token_of("quan.tri.so")
    command = agencies.CreateAgency(
        request_id=uuid4(),
        code="H42.71",
        name="Sở Y tế",
        short_name="SYT",
        kind="department",
        parent_id=directory.root_id,
        valid_from=BEGIN,
    )
    assert directory.refused("create_agency", command, token=token) == ("not_permitted", None)


def test_agencies_are_as_they_were_on_the_day_asked_about(directory):
    agency_id = directory.an_agency(valid_from="2026-03-01")
    before = agencies.AgenciesByIds(ids=[agency_id], as_of=date(2026, 2, 28))
    on = agencies.AgenciesByIds(ids=[agency_id], as_of=date(2026, 3, 1))
    assert directory.ok("agencies_by_ids", before) == []
    assert [view["id"] for view in directory.ok("agencies_by_ids", on)] == [str(agency_id)]


def test_a_search_needs_no_diacritics_and_prefers_those_who_have_them_right(directory):
    for name in ("Sở Nội vụ", "Sở Noi Vu", "Sở Y tế", "Sở Nội Vụ Hai"):
        directory.an_agency(name=name)

    def found(search, **more):
        page = directory.ok("list_agencies", agencies.ListAgencies(search=search, **more))
        return [item["name"] for item in page["items"]]

    assert found("noi vu") == ["Sở Noi Vu", "Sở Nội vụ", "Sở Nội Vụ Hai"]
    assert found("Nội vụ") == ["Sở Nội vụ", "Sở Nội Vụ Hai", "Sở Noi Vu"]
    assert found("vu noi hai") == ["Sở Nội Vụ Hai"]
    assert found("100%_") == []
    assert found("sở", kind="commune") == []


def test_pages_of_a_search_join_without_gap_or_repetition(directory):
    for number in range(7):
        directory.an_agency(name=f"Sở số {number}")
    seen, after = [], None
    while True:
        page = directory.ok("list_agencies", agencies.ListAgencies(search="so", first=3, after=after))
        seen += [item["name"] for item in page["items"]]
        if not page["has_next"]:
            break
        after = page["cursors"][-1]
    assert seen == [f"Sở số {number}" for number in range(7)]


def test_a_broken_cursor_is_refused(directory):
    assert directory.refused("list_agencies", agencies.ListAgencies(after="khong-phai")) == (
        "bad_cursor",
        "after",
    )


def test_anybody_sees_agencies_but_only_colleagues_see_people(directory):
    person_id = directory.a_person(email="mau@ninhbinh.example")
    public = directory.ok("public_grant", access.PublicGrant())["grant"]
    assert directory.ok("list_agencies", agencies.ListAgencies(), token=public)["items"]
    for method, question in (
        ("people_by_ids", c.PeopleByIds(ids=[person_id])),
        ("positions_by_ids", c.PositionsByIds(ids=[uuid4()])),
        ("list_positions", c.ListPositions(agency_id=directory.root_id)),
    ):
        assert directory.refused(method, question, token=public) == ("not_signed_in", None)
    [seen] = directory.ok("people_by_ids", c.PeopleByIds(ids=[person_id]))
    assert seen["email"] == "mau@ninhbinh.example"


def test_positions_of_an_agency_are_listed_by_title_as_held_that_day(directory):
    agency_id = directory.an_agency()
    for title, begin, end in (
        ("Giám đốc", BEGIN, None),
        ("Chánh Văn phòng", BEGIN, date(2026, 1, 1)),
        ("Phó Giám đốc", BEGIN, None),
    ):
        directory.a_position(agency_id, directory.a_person(), title=title, held_from=begin, held_to=end)

    def titles(day):
        page = directory.ok("list_positions", c.ListPositions(agency_id=agency_id, as_of=day))
        return [item["title"] for item in page["items"]]

    assert titles(date(2025, 12, 31)) == ["Chánh Văn phòng", "Giám đốc", "Phó Giám đốc"]
    assert titles(date(2026, 1, 1)) == ["Giám đốc", "Phó Giám đốc"]


def test_when_two_appoint_one_person_to_one_position_the_second_is_refused(directory):
    agency_id, person_id = directory.an_agency(), directory.a_person()
    both = [("appoint_position", an_appointment(agency_id, person_id)) for _ in range(2)]
    done = directory.together(*both)
    [refusal] = [each["refused"] for each in done if "refused" in each]
    assert (refusal["kind"], refusal["code"]) == ("Conflict", "position_held_already")
    with directory.database.sessions() as session:
        held = select(func.count()).where(positions.c.person_id == person_id)
        assert session.scalar(held) == 1


def test_the_same_position_may_be_held_again_after_it_ended(directory):
    agency_id, person_id = directory.an_agency(), directory.a_person()
    directory.a_position(agency_id, person_id, held_to=date(2026, 1, 1))
    directory.a_position(agency_id, person_id, held_from=date(2026, 1, 1))
    clash = an_appointment(agency_id, person_id, held_from=date(2026, 6, 1))
    assert directory.refused("appoint_position", clash) == ("position_held_already", "heldFrom")


def test_a_leader_appoints_in_the_own_unit_and_hands_out_its_roles_only(directory):
    _, agency_id = directory.an_account("lanh.dao", Role.UNIT_LEADER)
    token, person_id = directory.token_of("lanh.dao"), directory.a_person(home=agency_id)
    drafter = [c.RoleToGrant(role=Role.DRAFTER)]
    directory.ok("appoint_position", an_appointment(agency_id, person_id, roles=drafter), token=token)
    admin = [c.RoleToGrant(role=Role.PROVINCE_ADMIN)]
    higher = an_appointment(agency_id, person_id, title="Khác", roles=admin)
    assert directory.refused("appoint_position", higher, token=token) == ("role_beyond_reach", "roles")
    farther = an_appointment(
        agency_id,
        person_id,
        title="Khác",
        roles=[c.RoleToGrant(role=Role.DRAFTER, agency_id=directory.root_id)],
    )
    assert directory.refused("appoint_position", farther, token=token) == ("role_beyond_reach", "roles")
    elsewhere = an_appointment(directory.an_agency(), person_id)
    assert directory.refused("appoint_position", elsewhere, token=token) == ("not_permitted", None)


def test_a_leader_does_not_end_the_position_of_an_administrator(directory):
    _, agency_id = directory.an_account("lanh.dao", Role.UNIT_LEADER)
    token = directory.token_of("lanh.dao")
    admin = [c.RoleToGrant(role=Role.PROVINCE_ADMIN)]
    position = directory.a_position(agency_id, directory.a_person(), roles=admin)
    command = c.EndPosition(
        request_id=uuid4(), position_id=UUID(position["id"]), held_to=clock.today(), expected_version=1
    )
    assert directory.refused("end_position", command, token=token) == ("role_beyond_reach", "roles")


def test_ending_a_position_seen_in_an_older_state_is_refused(directory):
    position = directory.a_position(directory.an_agency(), directory.a_person())
    tomorrow = clock.today() + timedelta(days=1)

    def command(version, day):
        return c.EndPosition(
            request_id=uuid4(), position_id=UUID(position["id"]), held_to=day, expected_version=version
        )

    ended = directory.ok("end_position", command(1, tomorrow))
    assert (ended["held_to"], ended["version"]) == (tomorrow.isoformat(), 2)
    assert directory.refused("end_position", command(1, clock.today())) == ("changed_meanwhile", None)
    assert topics(directory).count("directory.position_changed.v1") == 3


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"title": "   "}, ("too_short", "title")),
        ({"held_from": date(2025, 6, 30)}, ("agency_not_there_then", "heldFrom")),
        ({"held_to": BEGIN}, ("position_ends_before_it_begins", "heldTo")),
        ({"person_id": uuid4()}, ("person_not_found", "personId")),
    ],
)
def test_an_appointment_that_cannot_be_is_refused_by_field(directory, change, refusal):
    given = {"agency_id": directory.an_agency(), "person_id": directory.a_person()} | change
    assert directory.refused("appoint_position", an_appointment(**given)) == refusal


def test_text_is_kept_in_its_composed_form(directory):
    person_id = directory.a_person(full_name="Nguye\u0302\u0303n  Thị  Ánh")
    [seen] = directory.ok("people_by_ids", c.PeopleByIds(ids=[person_id]))
    assert seen["full_name"] == "Nguyễn Thị Ánh"


def test_reads_go_by_index_in_a_province_of_full_size(directory):
    """3,000 agencies, 20,000 people: no page may walk through a table from end to end."""
    fill(directory)
    with directory.database.sessions() as session:
        held = session.execute(select(positions).limit(1)).one()
    asked = {
        "agencies_by_ids": agencies.AgenciesByIds(ids=[held.agency_id]),
        "list_agencies": agencies.ListAgencies(parent_id=held.agency_id),
        "people_by_ids": c.PeopleByIds(ids=[held.person_id]),
        "positions_by_ids": c.PositionsByIds(ids=[held.id]),
        "list_positions": c.ListPositions(agency_id=held.agency_id),
        "me": access.Me(),
    }
    for method, question in asked.items():
        for plan in plans_of(directory, method, question):
            assert "Seq Scan" not in plan, f"{method}:\n{plan}"
    found = plans_of(directory, "list_agencies", agencies.ListAgencies(search="1234"))
    assert any("agency_periods_search" in plan for plan in found), "\n".join(found)


def plans_of(directory, method, question, how="explain"):
    """How PostgreSQL carries out each read that answering the question takes."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.lstrip().lower().startswith("select") and " from " in statement.lower().replace(
            "\n", " "
        ):
            seen.append((statement, parameters))

    engine = directory.database.readers
    event.listen(engine, "before_cursor_execute", note)
    try:
        directory.ok(method, question)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert seen, f"{method} read nothing"
    with engine.connect() as connection:
        explained = [connection.exec_driver_sql(f"{how} {sql}", given).scalars() for sql, given in seen]
        return ["\n".join(lines) for lines in explained]


def fill(directory, statements=None):
    """Put there what the statements say (a tree of two levels below the root, and a position for each of
    20,000 people), with the statistics of a live database."""
    root = f"'{directory.root_id}'::uuid"
    with directory.database.engine.begin() as connection:
        for statement in statements or FILL:
            connection.exec_driver_sql(statement.replace("$root", root))
    owner = create_engine(directory.databases.url_as("directory_owner", directory.database))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")
    owner.dispose()


FILL = (
    """create temporary table made on commit drop as
       select n, gen_random_uuid() as id from generate_series(1, 3000) n""",
    "insert into agencies select id, 1 from made",
    """insert into agency_periods (agency_id, valid_from, code, name, short_name, kind, parent_id,
                                   name_folded, search_folded)
       select m.id, '2025-07-01', 'H42.9.' || m.n, 'Xã số ' || m.n, 'Xã ' || m.n, 'commune',
              coalesce(above.id, $root), 'xa so ' || m.n, 'xa so ' || m.n || ' xa ' || m.n || ' h42.9.' || m.n
         from made m left join made above on above.n = m.n / 100 and m.n >= 100""",
    """create temporary table staff on commit drop as
       select n, gen_random_uuid() as id from generate_series(1, 20000) n""",
    "insert into people select id, 1, 'Người số ' || n, null from staff",
    """insert into positions (id, version, agency_id, person_id, title, title_folded, held_from)
       select gen_random_uuid(), 1, m.id, s.id, 'Chuyên viên', 'chuyen vien', '2025-07-01'
         from staff s join made m on m.n = 1 + mod(s.n, 3000)""",
    """insert into position_roles select id, 'reader', agency_id, '2025-07-01', null, false from positions
        on conflict do nothing""",
    """insert into accounts
       select gen_random_uuid(), 1, id, 'nguoi.' || n, 'x', now(), gen_random_uuid(), false from staff""",
)
