"""Who goes where when agencies end, and how many grants move with them or end."""

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from contracts.directory.reorganisations import Posting
from contracts.directory.roles import Role
from kernel.base.errors import Conflict, Invalid
from services.directory.reorganisations.domain.posting import Moves, joined, place, roles_in
from tests.unit.directory.factories import a_position, a_role

ENDED, HEIR, CLOSED = (uuid4() for _ in range(3))


def heirs(rest, everybody_placed=True):
    return SimpleNamespace(rest=rest, everybody_placed=everybody_placed, path="merges.0.fromIds", among=[])


def an_outcome(**given):
    ended = {ENDED: heirs(HEIR), CLOSED: heirs(None, everybody_placed=False)} | given
    return SimpleNamespace(heirs=ended, ended=dict.fromkeys((ENDED, CLOSED), "x"))


def test_everybody_goes_with_their_agency_and_whose_agency_closes_ends():
    going, ending = a_position(agency_id=ENDED), a_position(agency_id=CLOSED)
    moves = place([going, ending], [], [], an_outcome())
    assert (moves.going, moves.ending, len(moves)) == ([(going, HEIR)], [ending], 2)


def test_nobody_is_left_nowhere_unless_their_agency_closes():
    outcome = an_outcome()
    outcome.heirs[ENDED] = heirs(None)
    with pytest.raises(Conflict, match="people_left_nowhere") as refused:
        place([a_position(agency_id=ENDED) for _ in range(3)], [], [], outcome)
    assert (refused.value.field, refused.value.facts["count"]) == ("merges.0.fromIds", 3)


def posting(position, agency_id):
    return Posting(position_id=position.id, agency_id=agency_id)


def test_who_is_posted_goes_there_and_the_others_with_the_rest():
    one, other = a_position(agency_id=ENDED), a_position(agency_id=ENDED)
    elsewhere, new = uuid4(), uuid4()
    outcome = an_outcome()
    outcome.heirs[ENDED].among, outcome.created = [HEIR, elsewhere], {new: None}
    moves = place([one, other], [], [posting(one, elsewhere)], outcome)
    assert moves.going == [(one, elsewhere), (other, HEIR)]
    assert place([one, other], [], [posting(other, new)], outcome).going == [(one, HEIR), (other, new)]


def test_a_posting_is_of_somebody_concerned_once_and_to_one_that_takes_over():
    one, outcome = a_position(agency_id=ENDED), an_outcome()
    outcome.heirs[ENDED].among, outcome.created = [HEIR], {}
    stranger = posting(a_position(), HEIR)
    for postings, code, field in (
        ([stranger], "posting_not_concerned", "postings.0.positionId"),
        ([posting(one, HEIR), posting(one, HEIR)], "posting_not_concerned", "postings.1.positionId"),
        ([posting(one, uuid4())], "posting_elsewhere", "postings.0.agencyId"),
    ):
        with pytest.raises(Invalid) as refused:
            place([one], [], postings, outcome)
        assert (refused.value.code, refused.value.field) == (code, field)


def test_so_many_are_moved_as_go_end_and_hold_anew():
    moves = Moves(going=[(a_position(), HEIR)] * 2, ending=[a_position()] * 3)
    assert len(moves) == 5
    moves.regranted, moves.personal = [a_position()] * 4, [SimpleNamespace()] * 6
    assert len(moves) == 15


def test_who_holds_one_title_in_several_agencies_that_become_one_holds_it_once():
    person = uuid4()
    later = a_position(agency_id=ENDED, person_id=person, title="Chuyên viên", held_from=date(2026, 3, 1))
    first = a_position(agency_id=CLOSED, person_id=person, title="chuyên  viên", held_from=date(2026, 2, 1))
    leads = a_position(agency_id=ENDED, person_id=person, title="Trưởng phòng")
    colleague = a_position(agency_id=ENDED)
    elsewhere = a_position(agency_id=CLOSED, person_id=person)
    groups = joined([(later, HEIR), (first, HEIR), (leads, HEIR), (colleague, HEIR), (elsewhere, CLOSED)])
    assert sorted(groups.values(), key=len)[-1] == [first, later]
    assert [len(each) for each in groups.values()].count(1) == 3


def test_of_two_of_one_day_the_same_comes_first_whatever_the_order():
    one, other = sorted((a_position(person_id=HEIR) for _ in range(2)), key=lambda each: each.id)
    for moves in ([(one, HEIR), (other, HEIR)], [(other, HEIR), (one, HEIR)]):
        assert list(joined(moves).values()) == [[one, other]]


def test_who_goes_holds_for_the_new_agency_what_they_held_for_their_own():
    roles = [a_role(Role.DRAFTER, ENDED, with_subtree=True), a_role(Role.READER, CLOSED)]
    [role] = roles_in(a_position(agency_id=ENDED, roles=roles), HEIR, {ENDED: None, CLOSED: None})
    assert role == a_role(Role.DRAFTER, HEIR, with_subtree=True)


def test_who_stays_where_they_are_does_not_move():
    outcome = an_outcome()
    outcome.heirs[ENDED] = heirs(ENDED)
    assert len(place([a_position(agency_id=ENDED)], [], [], outcome)) == 0


def test_only_who_does_not_leave_holds_their_roles_anew():
    leaving, staying = a_position(agency_id=ENDED), a_position(agency_id=uuid4())
    moves = place([leaving], [leaving, staying], [], an_outcome())
    assert moves.regranted == [staying]


def test_grants_for_an_agency_that_ended_move_to_its_heir_or_end():
    roles = [a_role(Role.DRAFTER, ENDED), a_role(Role.REVIEWER, CLOSED), a_role(Role.READER, uuid4())]
    moves = Moves(heirs={ENDED: HEIR, CLOSED: None})
    moves.regranted = [a_position(agency_id=uuid4(), roles=roles)]
    assert moves.grants == (1, 1)
    moves.personal = [SimpleNamespace(agency_id=each) for each in (ENDED, ENDED, CLOSED)]
    assert moves.grants == (3, 2)
    more = [a_role(Role.DRAFTER, ENDED), a_role(Role.READER, ENDED)]
    moves.regranted.append(a_position(agency_id=uuid4(), roles=more))
    assert moves.grants == (5, 2)


def test_who_ends_loses_what_they_hold_and_who_goes_keeps_it():
    roles = [a_role(Role.DRAFTER, ENDED), a_role(Role.REVIEWER, ENDED)]
    moves = Moves(heirs={ENDED: HEIR, CLOSED: None})
    moves.ending = [a_position(agency_id=CLOSED, roles=roles)]
    assert moves.grants == (0, 2)
    moves.ending, moves.going = [], [(a_position(agency_id=ENDED, roles=roles), HEIR)]
    assert moves.grants == (2, 0)
