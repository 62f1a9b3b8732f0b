"""Who goes where when agencies end, and how many grants move with them or end."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from contracts.directory.roles import Role
from kernel.base.errors import Conflict
from services.directory.reorganisations.domain.posting import Moves, place
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


def test_who_ends_loses_what_they_hold_and_who_goes_keeps_it():
    roles = [a_role(Role.DRAFTER, ENDED), a_role(Role.REVIEWER, ENDED)]
    moves = Moves(heirs={ENDED: HEIR, CLOSED: None})
    moves.ending = [a_position(agency_id=CLOSED, roles=roles)]
    assert moves.grants == (0, 2)
    moves.ending, moves.going = [], [(a_position(agency_id=ENDED, roles=roles), HEIR)]
    assert moves.grants == (2, 0)
