"""Dates that a caller sends: within the years that can be counted with, or refused by the field's name."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import get_type_hints
from uuid import uuid4

import pytest

from contracts.audits.nonconformities import PlanAction
from contracts.base import DueDay
from contracts.cases.dossiers import RegisterDossier
from contracts.directory.delegations import Delegate
from contracts.documents.procedures import ProcedureContent
from kernel.base import bounds, clock, wire
from kernel.base.errors import Invalid


@dataclass
class Leaf:
    on: date | None = None


@dataclass
class Tree:
    at: datetime | None = None
    leaves: list[Leaf] = field(default_factory=list)
    name: str = ""


def refused(thing):
    with pytest.raises(Invalid) as caught:
        bounds.check(thing)
    return caught.value


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2026, 11, 28), date(2199, 12, 31)])
def test_days_within_the_bounds_pass(day):
    bounds.check(Tree(leaves=[Leaf(day)]))
    bounds.check(Tree(at=datetime(day.year, day.month, day.day, 23, 59, 59)))


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2200, 1, 1), date.max])
def test_days_outside_are_refused_by_the_name_of_their_field(day):
    no = refused(Tree(leaves=[Leaf(), Leaf(day)]))
    assert (no.code, no.field) == ("date_out_of_bounds", "leaves.1.on")
    assert "01/01/1900" in no.message.vi
    assert "0001-01-01" in no.remedy.vi


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_edge_of_time_is_read_and_refused(said):
    raw = {"request_id": str(uuid4()), "agency_id": str(uuid4()), "number": "HS-1", "received_at": said}
    with pytest.raises(Invalid) as caught:
        wire.admit(RegisterDossier, raw)
    assert caught.value.field == "receivedAt"


def test_a_day_by_which_something_is_to_be_done_lies_no_more_than_ten_years_ahead():
    today = clock.today()
    raw = {"request_id": str(uuid4()), "nonconformity_id": str(uuid4()), "expected_version": 1}
    raw |= {"description": "Sửa quy trình", "owner_id": str(uuid4())}
    assert wire.admit(PlanAction, raw | {"due_on": f"{today.replace(day=1, year=today.year + 9)}"})
    with pytest.raises(Invalid) as caught:
        wire.admit(PlanAction, raw | {"due_on": f"{today.year + 11}-01-01"})
    assert caught.value.field == "dueOn"


def test_every_kind_of_shape_is_judged_or_holds_no_date():
    assert bounds._judge(Delegate) is not None
    assert bounds._judge(ProcedureContent) is None
    assert get_type_hints(PlanAction, include_extras=True)["due_on"] == DueDay
