"""What a dossier adds to the statistics: where, in which month, and that the sum never depends on the way."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.cases.dossiers import DossierStatus
from services.cases.statistics.domain import MEASURES, Key, as_rows, contribution, difference, summed
from tests.unit.cases.factories import at

UNIT, HEIR, PROCEDURE = (uuid4() for _ in range(3))
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
IN_JULY = at("2026-07-15 09:00")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A dossier as far as it is counted."""

    status: DossierStatus = DossierStatus.PROCESSING
    received_at: datetime = IN_JULY
    finished_at: datetime | None = None
    competent_agency_id: UUID = UNIT
    first_competent_agency_id: UUID | None = None
    document_id: UUID = PROCEDURE
    is_overdue: bool = False
    on_time: bool | None = None


def counted(**changes):
    """`{(agency, month): measures}` of what is counted at all."""
    found: dict[tuple[UUID, date], dict[str, int]] = {}
    for (key, measure), count in contribution(Counted(**changes)).items():
        assert key.document_id == PROCEDURE
        if count:
            found.setdefault((key.agency_id, key.month), {})[measure] = count
    return found


def finished(*, on_time):
    end = at("2026-08-03 09:00")
    return {"status": DossierStatus.FINISHED, "finished_at": end, "on_time": on_time}


def test_what_is_open_is_counted_as_received_and_open():
    for status in (DossierStatus.PROCESSING, DossierStatus.PAUSED):
        assert counted(status=status) == {(UNIT, JULY): {"received": 1, "open": 1}}
        late = counted(status=status, is_overdue=True)
        assert late == {(UNIT, JULY): {"received": 1, "open": 1, "overdue_open": 1}}


def test_a_result_is_counted_in_the_month_it_was_there_as_on_time_or_late():
    received = {(UNIT, JULY): {"received": 1}}
    assert counted(**finished(on_time=True)) == received | {(UNIT, AUGUST): {"finished": 1, "on_time": 1}}
    late = counted(**finished(on_time=False), is_overdue=True)
    assert late == received | {(UNIT, AUGUST): {"finished": 1, "late": 1}}


def test_one_that_was_stopped_is_neither_on_time_nor_late():
    stopped = counted(status=DossierStatus.STOPPED, finished_at=at("2026-08-03 09:00"), is_overdue=True)
    assert stopped == {(UNIT, JULY): {"received": 1}, (UNIT, AUGUST): {"stopped": 1}}


def test_an_end_nobody_knows_the_day_of_is_in_no_month():
    assert counted(status=DossierStatus.STOPPED) == {(UNIT, JULY): {"received": 1}}


def test_months_are_those_of_vietnam():
    # 17:30 in UTC is half past midnight of the next day in Vietnam.
    last_of_july = datetime(2026, 7, 31, 17, 30, tzinfo=UTC)
    assert list(counted(received_at=last_of_july)) == [(UNIT, AUGUST)]
    assert list(counted(received_at=datetime(2026, 7, 31, 16, 59, tzinfo=UTC))) == [(UNIT, JULY)]


def test_a_receipt_stays_with_who_answered_then_and_what_is_open_or_done_is_the_heirs():
    followed = {"competent_agency_id": HEIR, "first_competent_agency_id": UNIT}
    assert counted(**followed) == {(UNIT, JULY): {"received": 1}, (HEIR, JULY): {"open": 1}}
    done = counted(**followed, **finished(on_time=True))
    assert done == {(UNIT, JULY): {"received": 1}, (HEIR, AUGUST): {"finished": 1, "on_time": 1}}


def test_rows_hold_every_measure_in_one_order():
    first, second = sorted([UNIT, HEIR])
    here, there = Key(first, PROCEDURE, AUGUST), Key(second, PROCEDURE, JULY)
    found = as_rows({(there, "open"): -1, (here, "received"): 2, (there, "finished"): 1, (here, "late"): 0})
    assert [(row["agency_id"], row["document_id"], row["month"]) for row in found] == [here, there]
    measures = [{name: row[name] for name in MEASURES if row[name]} for row in found]
    assert measures == [{"received": 2}, {"open": -1, "finished": 1}]
    assert all(set(MEASURES) <= set(row) for row in found)
    everything = {"received", "finished", "on_time", "late", "stopped", "open", "overdue_open"}
    [row] = as_rows(dict.fromkeys(((here, measure) for measure in everything), 1))
    assert {name for name, value in row.items() if value == 1} == everything


def test_a_dossier_that_did_not_change_adds_nothing():
    same = contribution(Counted())
    assert difference(same, same) == {}
    assert difference(None, same) == {place: 1 for place, n in same.items() if n}


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
states = st.builds(
    Counted,
    status=st.sampled_from(DossierStatus),
    received_at=moments,
    finished_at=moments,
    competent_agency_id=st.sampled_from([UNIT, HEIR]),
    first_competent_agency_id=st.sampled_from([None, UNIT]),
    is_overdue=st.booleans(),
    on_time=st.booleans(),
)


@given(st.lists(st.lists(states, min_size=1, max_size=4), max_size=4))
def test_what_is_added_change_by_change_is_what_a_count_of_all_finds(lives):
    total: Counter[tuple[Key, str]] = Counter()
    for life in lives:
        before = None
        for state in life:
            after = contribution(state)
            for place, count in difference(before, after).items():
                assert count
                total[place] += count
            before = after
    anew = summed(life[-1] for life in lives)
    assert {place: n for place, n in total.items() if n} == {place: n for place, n in anew.items() if n}


@given(states)
def test_every_dossier_is_received_once_and_open_stopped_or_finished_once(state):
    found: Counter[str] = Counter()
    for (_, measure), count in contribution(state).items():
        found[measure] += count
    assert found["received"] == 1
    assert found["open"] + found["stopped"] + found["finished"] == 1
    assert found["on_time"] + found["late"] == found["finished"]
    assert found["overdue_open"] <= found["open"]
