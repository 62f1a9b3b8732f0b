"""Imports of people that do nothing rather than a part, or more than may be."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from contracts.directory import agencies
from contracts.directory import imports as i
from contracts.directory import roles as c
from kernel.base import clock
from kernel.run.process import sweep_once
from services.directory.imports.tables import import_rows, staff_imports
from services.directory.service import DirectoryService
from services.directory.staff.tables import people
from tests.integration.directory.desk import Desk, a_row, faults

LONG_AGO = timedelta(days=31)
[FORGET] = [sweep for sweep in DirectoryService.sweeps if sweep.name == "forget"]


@pytest.fixture
def desk(directory):
    return Desk(directory)


def lay_back(desk, **more):
    """As if every import had been asked for a month ago."""
    with desk.directory.database.engine.begin() as connection:
        connection.execute(update(staff_imports).values(requested_at=clock.now() - LONG_AGO, **more))


def asked_to_apply(desk, batch):
    asked = i.ApplyPeopleImport(
        request_id=uuid4(), import_id=UUID(batch["id"]), expected_version=desk.seen(batch)["version"]
    )
    return desk.directory.refused("apply_people_import", asked)


def test_an_import_whose_rows_were_forgotten_says_so_and_applies_nothing(desk):
    checked, _ = desk.judged(a_row(2), a_row(3))
    lay_back(desk)
    sweep_once(desk.directory.running.means, FORGET)
    assert (desk.seen(checked)["state"], desk.count(import_rows)) == ("forgotten", 0)
    assert asked_to_apply(desk, checked) == ("import_forgotten", "importId")
    again = i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(checked["id"]))
    assert desk.directory.refused("check_people_import", again) == ("import_forgotten", "importId")
    assert desk.count(people) == 1


def test_a_part_of_the_rows_is_never_applied_as_the_whole(desk):
    checked, _ = desk.judged(a_row(2), a_row(3))
    one = import_rows.c.line == 3
    with desk.directory.database.engine.begin() as connection:
        connection.execute(import_rows.delete().where(one))
    assert asked_to_apply(desk, checked) == ("import_forgotten", "importId")
    assert desk.seen(checked)["state"] == "checked"


def test_the_rows_of_an_import_at_work_are_not_forgotten_and_those_of_an_applied_one_are(desk):
    batch = desk.begin([a_row(2)])
    desk.directory.ok(
        "check_people_import", i.CheckPeopleImport(request_id=uuid4(), import_id=UUID(batch["id"]))
    )
    lay_back(desk)
    sweep_once(desk.directory.running.means, FORGET)
    assert (desk.seen(batch)["state"], desk.count(import_rows)) == ("checking", 1)
    desk.work()
    done = desk.apply(desk.seen(batch))
    sweep_once(desk.directory.running.means, FORGET)
    assert (done["state"], desk.seen(batch)["state"], desk.count(import_rows)) == ("applied", "applied", 0)


def test_a_role_for_a_holding_that_is_over_is_a_bad_row_and_not_a_job_that_fails(desk):
    over = (clock.today() - timedelta(days=1)).isoformat()
    desk.imported(a_row(2, held_to=over, roles="drafter"))
    checked, [row] = desk.judged(a_row(2, held_to=over, roles="drafter; reader"))
    assert (checked["state"], row["verdict"]) == ("checked", "bad")
    assert faults(row) == {("held_to", "import_holding_over")}
    again, [same] = desk.judged(a_row(2, held_to=over, roles="drafter"))
    assert (again["bad"], same["verdict"]) == (0, "unchanged")


def test_an_import_brings_nobody_more_roles_than_a_request_can_carry(desk, monkeypatch):
    monkeypatch.setattr("services.directory.imports.judging.MOST", 2)
    monkeypatch.setattr("services.directory.staff.domain.position.MOST_ROLES", 2)
    granted = {"title": "", "staff_number": "NB.00002"}
    desk.imported(a_row(2, **granted, roles="reader"))
    _, rows = desk.judged(
        a_row(2, **granted, roles="reader; drafter"),
        a_row(3, **granted, roles="reviewer", held_to="2025-12-31"),
        a_row(4, **granted, roles="approver"),
        a_row(5, roles="reader; drafter; reviewer"),
        a_row(6, roles="reader; drafter; drafter"),
    )
    assert [faults(row) for row in rows] == [
        set(),
        set(),
        {("roles", "grants_too_many")},
        {("roles", "position_roles_too_many")},
        set(),
    ]
    kept = a_row(7, roles="reader; drafter")
    desk.imported(kept)
    _, [row] = desk.judged(replace(kept, roles="reader; drafter; reviewer"))
    assert faults(row) == {("roles", "position_roles_too_many")}


def test_what_is_known_of_somebody_who_works_nowhere_is_not_a_departments_to_amend(desk, directory):
    over, to_come = clock.today() - timedelta(days=1), clock.today() + timedelta(days=7)
    desk.imported(
        a_row(2, held_to=over.isoformat()),
        a_row(3, held_from=to_come.isoformat()),
    )
    _, agency_id = directory.an_account("quan.tri.so", c.Role.PROVINCE_ADMIN)
    code = directory.ok("agencies_by_ids", agencies.AgenciesByIds(ids=[agency_id]))[0]["code"]
    directory.token = directory.token_of("quan.tri.so")
    _, rows = desk.judged(
        a_row(2, agency_code=code, full_name="Tên Khác"),
        a_row(3, agency_code=code),
    )
    assert [faults(row) for row in rows] == [{("staff_number", "import_person_beyond_reach")}] * 2
    _, [row] = desk.judged(a_row(2, agency_code=code))
    assert faults(row) == {("staff_number", "import_person_beyond_reach")}, "left, and kept where they were"
