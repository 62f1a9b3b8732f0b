"""A quality management system: what it covers on which day, its committee, and when it is declared anew."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.directory.events import DeclarationDue
from contracts.directory.quality_systems import DeclareReason, Seat, SeatKind, SystemState
from kernel.base.errors import Conflict, Invalid
from services.directory.quality_systems.domain import Amendment, QualitySystem

DAY = timedelta(days=1)
BEGUN, TODAY = date(2026, 3, 1), date(2026, 8, 10)
KEEPER, ONE, OTHER, HEIR = (uuid4() for _ in range(4))
COMMITTEE = [Seat(kind=kind, position_id=uuid4()) for kind in (SeatKind.HEAD, SeatKind.SECRETARY)]


def a_system(*agencies, state=SystemState.BUILDING, **changes):
    given = {"code": "HT-01", "name": "Hệ thống", "scope": "Thủ tục", "standards": ["9001", "9001"]}
    about = {"id": uuid4(), "agency_id": KEEPER, "day": BEGUN, "agencies": agencies or (ONE,)}
    system = QualitySystem.begin(**given | about | changes)
    system.state = state
    if state is SystemState.DECLARED:
        system.declared_on = BEGUN
    return system


def declared(*agencies):
    return a_system(*agencies, state=SystemState.DECLARED)


def spans(system):
    return [(each.agency_id, each.valid_from, each.valid_to) for each in system.covers]


def test_it_begins_with_each_agency_and_standard_once():
    system = a_system(ONE, OTHER, ONE)
    assert spans(system) == [(ONE, BEGUN, None), (OTHER, BEGUN, None)]
    assert (system.standards, system.coded_in, system.state) == (("9001",), KEEPER, SystemState.BUILDING)
    assert system.covered_on(BEGUN) == [ONE, OTHER]
    assert system.covered_on(BEGUN - DAY) == []


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Amendment(scope="Khác"), [DeclareReason.SCOPE]),
        (Amendment(standards=["9001", "27001"]), [DeclareReason.STANDARD]),
        (Amendment(agencies=[ONE, OTHER]), [DeclareReason.AGENCIES]),
        (Amendment(name="Tên khác"), []),
        (Amendment(scope="Thủ tục", standards=["9001"], agencies=[ONE]), []),
    ],
)
def test_only_what_was_declared_and_became_another_is_declared_again(wanted, why):
    system, building = declared(), a_system()
    for each in (system, building):
        each.amend(wanted, TODAY, TODAY)
    published = system.drain()
    assert (list(system.declare_again), bool(published)) == (why, bool(why))
    assert system.declare_again_since == (TODAY if why else None)
    assert (building.declare_again, building.drain()) == ((), [])


def test_a_change_is_what_it_says():
    system = a_system()
    system.amend(Amendment(name="Mới", scope="Rộng", standards=["a", "b", "a"]), TODAY, TODAY)
    assert (system.name, system.scope, system.standards) == ("Mới", "Rộng", ("a", "b"))


def test_two_reasons_are_both_kept_and_published_once():
    system = declared()
    system.amend(Amendment(scope="x"), TODAY - DAY, TODAY)
    system.amend(Amendment(standards=["x"]), TODAY, TODAY)
    system.amend(Amendment(scope="y"), TODAY, TODAY)
    [published] = system.drain()
    assert isinstance(published, DeclarationDue)
    assert (published.why, published.since, published.agency_id) == (DeclareReason.SCOPE, TODAY - DAY, KEEPER)
    assert system.declare_again == (DeclareReason.SCOPE, DeclareReason.STANDARD)
    assert system.declare_again_since == TODAY - DAY


@pytest.mark.parametrize(
    ("day", "code"), [(TODAY + DAY, "system_day_to_come"), (BEGUN - DAY, "system_day_gone_by")]
)
def test_a_change_lies_between_the_last_one_and_today(day, code):
    with pytest.raises(Invalid, match=code):
        a_system().amend(Amendment(agencies=[OTHER]), day, TODAY)
    with pytest.raises(Invalid, match=code):
        a_system().close(day, TODAY)


@pytest.mark.parametrize("day", [BEGUN, TODAY])
def test_both_ends_of_that_time_are_days_of_a_change(day):
    system = a_system()
    system.amend(Amendment(agencies=[OTHER]), day, TODAY)
    assert system.covered_on(day) == [OTHER]


def test_who_leaves_was_covered_until_then_and_who_comes_is_from_then_on():
    system = a_system(ONE, OTHER)
    system.amend(Amendment(agencies=[OTHER, HEIR]), TODAY, TODAY)
    assert spans(system) == [(ONE, BEGUN, TODAY), (OTHER, BEGUN, None), (HEIR, TODAY, None)]
    assert set(system.covered_on(TODAY - DAY)) == {ONE, OTHER}
    assert set(system.covered_on(TODAY)) == {OTHER, HEIR}


def test_what_left_the_day_it_came_never_was():
    system = a_system(ONE)
    system.amend(Amendment(agencies=[ONE, OTHER]), TODAY, TODAY)
    system.amend(Amendment(agencies=[ONE]), TODAY, TODAY)
    assert spans(system) == [(ONE, BEGUN, None)]


def test_who_left_may_come_again():
    system = a_system(ONE, OTHER)
    system.amend(Amendment(agencies=[OTHER]), TODAY - 9 * DAY, TODAY)
    system.amend(Amendment(agencies=[ONE, OTHER]), TODAY, TODAY)
    assert [each for each in spans(system) if each[0] == ONE] == [
        (ONE, BEGUN, TODAY - 9 * DAY),
        (ONE, TODAY, None),
    ]


def test_a_committee_has_one_head_and_one_secretary_and_nobody_sits_twice():
    system, head, secretary = a_system(), *COMMITTEE
    for seats in ([head], [secretary], [head, head, secretary], [head, secretary, secretary]):
        with pytest.raises(Invalid, match="committee_seat_once"):
            system.appoint(seats, "QĐ 1", TODAY)
    twice = Seat(kind=SeatKind.SECRETARY, position_id=head.position_id)
    with pytest.raises(Invalid, match="committee_position_twice"):
        system.appoint([head, twice], "QĐ 1", TODAY)
    system.appoint(COMMITTEE, "QĐ 1", TODAY)
    assert (list(system.seats), system.committee_decision) == (COMMITTEE, "QĐ 1")
    assert system.committee_since == TODAY


def test_it_is_applied_once_and_with_a_committee():
    system = a_system()
    with pytest.raises(Conflict, match="system_without_committee"):
        system.apply()
    system.appoint(COMMITTEE, "QĐ 1", TODAY)
    system.apply()
    assert system.state is SystemState.APPLIED
    with pytest.raises(Conflict, match="system_not_in_this_state"):
        system.apply()


def test_it_is_declared_once_it_is_applied_and_again_on_a_later_day():
    system = a_system()
    with pytest.raises(Conflict, match="system_not_in_this_state"):
        system.declare("QĐ 2", TODAY, TODAY)
    system.state = SystemState.APPLIED
    with pytest.raises(Invalid, match="declared_in_the_future"):
        system.declare("QĐ 2", TODAY + DAY, TODAY)
    system.declare("QĐ 2", TODAY - DAY, TODAY)
    with pytest.raises(Invalid, match="declared_before_last"):
        system.declare("QĐ 3", TODAY - DAY, TODAY)
    system.amend(Amendment(scope="x"), TODAY, TODAY)
    system.declare("QĐ 3", TODAY, TODAY)
    assert (system.state, system.declared_by, system.declared_on) == (SystemState.DECLARED, "QĐ 3", TODAY)
    assert (system.declare_again, system.declare_again_since) == ((), None)


def test_one_that_ended_covers_nothing_and_is_never_touched_again():
    system = declared(ONE, OTHER)
    system.amend(Amendment(scope="x"), TODAY, TODAY)
    system.close(TODAY, TODAY)
    assert (system.state, system.ended_on, system.covered_on(TODAY)) == (SystemState.ENDED, TODAY, [])
    assert (system.declare_again, system.declare_again_since) == ((), None)
    for act in (
        lambda: system.close(TODAY, TODAY),
        lambda: system.amend(Amendment(name="x"), TODAY, TODAY),
        lambda: system.appoint(COMMITTEE, "x", TODAY),
    ):
        with pytest.raises(Conflict, match="system_has_ended"):
            act()
    before = (spans(system), system.agency_id)
    system.follow({ONE: [HEIR]}, {KEEPER: HEIR}, TODAY)
    assert (spans(system), system.agency_id) == before


# -- agencies that end ---------------------------------------------------------------------------------


def test_it_follows_to_those_that_took_over_and_is_declared_again():
    system = declared(ONE, OTHER)
    system.follow({ONE: [HEIR]}, {KEEPER: HEIR}, TODAY)
    assert spans(system) == [(ONE, BEGUN, TODAY), (OTHER, BEGUN, None), (HEIR, TODAY, None)]
    assert (system.agency_id, system.coded_in) == (HEIR, KEEPER)
    assert system.declare_again == (DeclareReason.REORGANISED,)


def test_of_two_that_became_one_the_heir_is_covered_once():
    system = declared(ONE, OTHER)
    system.follow({ONE: [HEIR], OTHER: [HEIR]}, {}, TODAY)
    assert [each for each in spans(system) if each[0] == HEIR] == [(HEIR, TODAY, None)]
    assert (system.covered_on(TODAY), system.agency_id) == ([HEIR], KEEPER)


def test_an_heir_that_was_covered_already_stays_so():
    system = declared(ONE, HEIR)
    system.follow({ONE: [HEIR]}, {}, TODAY)
    assert [each for each in spans(system) if each[0] == HEIR] == [(HEIR, BEGUN, None)]


def test_an_end_that_concerns_nobody_of_it_changes_nothing():
    system = declared(ONE)
    system.follow({OTHER: [HEIR]}, {}, TODAY)
    assert (spans(system), system.declare_again) == ([(ONE, BEGUN, None)], ())


def test_what_had_left_before_the_end_has_no_heir():
    system = declared(ONE, OTHER)
    system.amend(Amendment(agencies=[OTHER]), TODAY - DAY, TODAY)
    system.follow({ONE: [HEIR]}, {}, TODAY)
    assert HEIR not in {each.agency_id for each in system.covers}


def test_what_left_on_the_very_day_has_no_heir_and_what_came_that_day_leaves_no_trace():
    left = declared(ONE, OTHER)
    left.amend(Amendment(agencies=[OTHER]), TODAY, TODAY)
    left.follow({ONE: [HEIR]}, {}, TODAY)
    assert spans(left) == [(ONE, BEGUN, TODAY), (OTHER, BEGUN, None)]
    came = declared(OTHER)
    came.amend(Amendment(agencies=[OTHER, ONE]), TODAY, TODAY)
    came.follow({ONE: [HEIR]}, {}, TODAY)
    assert spans(came) == [(OTHER, BEGUN, None), (HEIR, TODAY, None)]


def test_an_heir_that_had_left_that_day_is_covered_from_then_on_again():
    system = declared(ONE, HEIR)
    system.amend(Amendment(agencies=[ONE]), TODAY, TODAY)
    system.follow({ONE: [HEIR]}, {}, TODAY)
    assert spans(system) == [(ONE, BEGUN, TODAY), (HEIR, BEGUN, TODAY), (HEIR, TODAY, None)]


def test_without_anybody_left_it_ends():
    system = declared(ONE)
    system.follow({ONE: []}, {}, TODAY)
    assert (system.state, system.ended_on, spans(system)) == (SystemState.ENDED, TODAY, [(ONE, BEGUN, TODAY)])


def test_what_would_have_begun_later_begins_with_the_heir():
    system = declared(OTHER)
    system.amend(Amendment(agencies=[OTHER, ONE]), TODAY, TODAY)
    system.follow({ONE: [HEIR]}, {}, TODAY - DAY)
    assert spans(system) == [(OTHER, BEGUN, None), (HEIR, TODAY, None)]
