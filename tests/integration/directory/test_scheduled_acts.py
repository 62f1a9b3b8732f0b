"""Acts that wait: applied once when their day has come, taken back before it, or failing with words."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.directory import reorganisations as r
from kernel.base import clock
from kernel.base.errors import Conflict
from services.directory.bootstrap import USERNAME
from services.directory.quality_systems import queries as systems
from services.directory.reorganisations import handlers as reorganising
from tests.integration.directory.acts import a_preview, an_act, as_of, held
from tests.integration.directory.conftest import ADMIN_PASSWORD, CHEAP, Directory

DAY = date(2026, 7, 1)
EVE = DAY - timedelta(days=1)


@pytest.fixture
def scheduled(running, rpc, beginning, databases, business_clock):
    """A directory on 1 June 2026 whose sweeps run, and the clock to move it."""
    business_clock("2026-06-01T08:00+07:00")
    service = running("directory", "sweep", **CHEAP)
    beginning(service)
    directory = Directory(service, rpc, databases)
    directory.token = directory.token_of(USERNAME, ADMIN_PASSWORD)
    return directory, business_clock


def state(directory, act_id):
    items = directory.ok("list_reorganisations", r.ListReorganisations())["items"]
    return next(each for each in items if each["id"] == act_id)


def test_a_scheduled_act_is_applied_when_its_day_has_come_also_after_an_outage(scheduled, eventually):
    directory, set_clock = scheduled
    agency_id = directory.an_agency()
    first = an_act(DAY, amendments=[r.AgencyAmendment(agency_id=agency_id, name="Sở Sau")])
    done = directory.ok("reorganise", first)
    assert (done["state"], done["agencies"]) == (
        "scheduled",
        [{"agency_id": str(agency_id), "part": "changed"}],
    )
    overlapping = an_act(date(2026, 8, 1), amendments=[r.AgencyAmendment(agency_id=agency_id, name="Khác")])
    assert directory.refused("reorganise", overlapping) == ("another_act_waits", "effectiveOn")
    assert as_of(directory, agency_id, DAY)["name"] != "Sở Sau"
    # Nobody swept for three weeks: it has its effect from its own day on all the same.
    set_clock("2026-07-22T08:00+07:00")
    eventually(lambda: state(directory, done["id"])["state"] == "applied")
    assert as_of(directory, agency_id, EVE)["name"] != "Sở Sau"
    assert as_of(directory, agency_id, DAY)["name"] == "Sở Sau"
    [_, _] = directory.ok("agency_histories", r.AgencyHistories(ids=[agency_id]))


def test_an_act_too_large_to_wait_for_is_taken_on_and_applied_by_itself(scheduled, eventually, monkeypatch):
    monkeypatch.setattr(reorganising, "MOST_AT_ONCE", 1)
    directory, _ = scheduled
    old, new = (directory.an_agency() for _ in range(2))
    for n in range(2):
        directory.a_position(old, directory.a_person(), title=f"Chức danh {n}")
    act = an_act(date(2026, 5, 1), merges=[r.AgencyMerge(from_ids=[old], into_id=new)])
    assert directory.ok("reorganisation_preview", a_preview(act))["at_once"] is False
    act_id = directory.ok("reorganise", act)["id"]
    eventually(lambda: state(directory, act_id)["state"] == "applied")
    assert directory.ok("reorganise", act)["id"] == act_id
    assert len(held(directory, new, date(2026, 5, 1))) == 2


def test_an_act_is_taken_back_before_its_day_and_not_after(scheduled, eventually):
    directory, set_clock = scheduled
    agency_id = directory.an_agency()
    act = an_act(DAY, dissolutions=[r.AgencyDissolution(agency_id=agency_id)])
    act_id = directory.ok("reorganise", act)["id"]

    def cancel():
        return r.CancelReorganisation(
            request_id=uuid4(), reorganisation_id=act_id, reason="Chưa đủ điều kiện"
        )

    assert directory.ok("cancel_reorganisation", cancel())["state"] == "cancelled"
    assert directory.refused("cancel_reorganisation", cancel())[0] == "reorganisation_not_waiting"
    set_clock("2026-07-02T08:00+07:00")
    again = an_act(DAY, amendments=[r.AgencyAmendment(agency_id=agency_id, name="Còn đây")])
    assert directory.ok("reorganise", again)["state"] == "applied"


def test_an_act_that_cannot_be_applied_on_its_day_says_why_and_does_nothing(scheduled, eventually):
    directory, set_clock = scheduled
    old, new = directory.an_agency(), [directory.an_agency() for _ in range(2)]
    split = r.AgencySplit(agency_id=old, into_ids=new)
    act_id = directory.ok("reorganise", an_act(DAY, splits=[split]))["id"]
    directory.a_position(old, directory.a_person())
    set_clock("2026-07-02T08:00+07:00")
    eventually(lambda: state(directory, act_id)["state"] == "failed")
    assert "chưa có nơi công tác" in state(directory, act_id)["failure"]
    assert as_of(directory, old, DAY) is not None
    assert clock.today() > DAY


def test_an_act_that_a_constraint_refuses_on_its_day_fails_with_words_and_holds_up_no_other(
    scheduled, eventually, monkeypatch
):
    directory, set_clock = scheduled
    first, second = directory.an_agency(), directory.an_agency()
    blocked = directory.ok(
        "reorganise", an_act(DAY, amendments=[r.AgencyAmendment(agency_id=first, name="Sở Vướng")])
    )
    free = directory.ok(
        "reorganise", an_act(DAY, amendments=[r.AgencyAmendment(agency_id=second, name="Sở Thông")])
    )
    follow = systems.follow

    def refuses(call, outcome):
        if first in outcome.changed:
            raise Conflict("system_code_taken", "code")
        follow(call, outcome)

    monkeypatch.setattr(systems, "follow", refuses)
    set_clock("2026-07-01T08:00+07:00")
    eventually(lambda: state(directory, blocked["id"])["state"] == "failed")
    assert state(directory, blocked["id"])["failure"]
    eventually(lambda: state(directory, free["id"])["state"] == "applied")
    assert as_of(directory, first, DAY)["name"] != "Sở Vướng"
    assert as_of(directory, second, DAY)["name"] == "Sở Thông"
