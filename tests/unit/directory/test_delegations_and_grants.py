"""Rights for a time: what is lent and what is granted in person, from when to when, and how far."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.authority import Basis
from contracts.directory.delegations import DelegationKind
from contracts.directory.events import AuthorityEnded, DelegationChanged, GrantChanged
from contracts.directory.roles import HeldRole, Role
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory import rules
from services.directory.agencies.domain.periods import covers, earlier
from services.directory.roles.domain.delegation import Delegation, includes, share
from services.directory.roles.domain.granting import check_may_grant
from services.directory.roles.domain.role_grant import PersonalGrant, meeting, most_at_once, uncovered
from tests.unit.directory.factories import a_role

DAY = timedelta(days=1)
TODAY = date(2026, 8, 10)
ABOVE, HERE, BELOW, PERSON = (uuid4() for _ in range(4))
LATER = TODAY + 10 * DAY


def is_below(over, under):
    return (over, under) in {(ABOVE, HERE), (ABOVE, BELOW), (HERE, BELOW)}


def a_delegation(valid_from=TODAY, valid_to=LATER, today=TODAY, **changes):
    people = dict.fromkeys(("from_position_id", "given_by", "to_position_id", "to_person_id"), PERSON)
    about = {"id": uuid4(), "kind": next(iter(DelegationKind)), "agency_id": HERE, "basis": "QĐ 1"}
    given = about | people | {"signing_authority": False} | changes
    return Delegation.give(today=today, valid_from=valid_from, valid_to=valid_to, **given)


def a_grant(valid_from=TODAY, valid_to=LATER, role=Role.DRAFTER, agency=HERE, person=PERSON):
    held = a_role(role, agency, with_subtree=True)
    return PersonalGrant.give(
        id=uuid4(), person_id=person, role=held, valid_from=valid_from, valid_to=valid_to, basis="QĐ 1"
    )


MADE = {"delegation": a_delegation, "grant": a_grant}


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("end", [TODAY, TODAY - DAY])
def test_a_right_lasts_a_day_at_least(make, end):
    with pytest.raises(Invalid, match=f"{make}_ends_before_it_begins"):
        MADE[make](valid_to=end)
    MADE[make](valid_to=TODAY + DAY)


def test_nothing_is_lent_backwards():
    with pytest.raises(Invalid, match="delegation_in_the_past"):
        a_delegation(valid_from=TODAY - DAY)


@pytest.mark.parametrize("make", MADE)
def test_a_right_holds_from_its_first_day_to_the_eve_of_its_last(make):
    given = MADE[make]()
    days = (TODAY - DAY, TODAY, LATER - DAY, LATER)
    assert [given.is_in_force(day) for day in days] == [False, True, True, False]


def test_a_grant_without_an_end_goes_on():
    assert a_grant(valid_to=None).is_in_force(TODAY + 9999 * DAY)


@pytest.mark.parametrize("make", MADE)
def test_a_right_is_published_and_its_end_only_where_it_was_there_before(make):
    given = MADE[make]()
    [published] = given.drain()
    assert isinstance(published, DelegationChanged | GrantChanged)
    assert (published.valid_from, published.valid_to) == (TODAY, LATER)
    given.version = 1
    given.end(TODAY + DAY)
    changed, ended = given.drain()
    assert changed.valid_to == TODAY + DAY
    assert isinstance(ended, AuthorityEnded)
    assert (ended.basis, ended.subject_id) == (Basis(make), given.id)


@pytest.mark.parametrize("make", MADE)
def test_a_right_ends_once_and_never_after_its_own_end(make):
    given = MADE[make]()
    with pytest.raises(Conflict, match=f"{make}_already_ended"):
        given.end(LATER)
    given.end(LATER - DAY)
    with pytest.raises(Conflict, match=f"{make}_already_ended"):
        given.end(LATER - DAY)


@pytest.mark.parametrize("make", MADE)
def test_one_that_has_not_begun_never_does(make):
    given = MADE[make](valid_from=TODAY + DAY)
    given.end(TODAY)
    assert (given.valid_to, given.is_in_force(TODAY + DAY)) == (TODAY + DAY, False)


def test_a_grant_without_an_end_is_ended():
    given = a_grant(valid_to=None)
    given.end(LATER)
    assert given.valid_to == LATER


# -- how far -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "wanted", "does"),
    [
        ((HERE, False), (HERE, False), True),
        ((HERE, False), (HERE, True), False),
        ((HERE, True), (HERE, True), True),
        ((HERE, True), (BELOW, True), True),
        ((HERE, True), (BELOW, False), True),
        ((HERE, False), (BELOW, False), False),
        ((HERE, True), (ABOVE, False), False),
    ],
)
def test_a_role_held_includes_what_lies_within_its_reach(held, wanted, does):
    one, other = (a_role(Role.DRAFTER, at, with_subtree=deep) for at, deep in (held, wanted))
    assert includes(one, other, is_below) is does
    assert not includes(one, a_role(Role.REVIEWER, wanted[0], with_subtree=wanted[1]), is_below)
    may = {Role.UNIT_LEADER: frozenset({Role.DRAFTER})}
    leader = a_role(Role.UNIT_LEADER, held[0], with_subtree=held[1])
    if does:
        check_may_grant([leader], other, may_grant=may, is_below=is_below)
    else:
        with pytest.raises(Forbidden, match="role_beyond_reach"):
            check_may_grant([leader], other, may_grant=may, is_below=is_below)


def test_nobody_grants_a_role_that_theirs_does_not_name():
    leader, wanted = a_role(Role.UNIT_LEADER, HERE, with_subtree=True), a_role(Role.DRAFTER, HERE)
    for may in ({}, {Role.UNIT_LEADER: frozenset({Role.REVIEWER})}):
        with pytest.raises(Forbidden, match="role_beyond_reach"):
            check_may_grant([leader], wanted, may_grant=may, is_below=is_below)


CATALOGUE = rules.roles()
LENDABLE = next(each.code for each in CATALOGUE.rules if each.delegable)
KEPT = next(each.code for each in CATALOGUE.rules if not each.delegable)


def test_without_a_wish_all_is_lent_that_may_be():
    lent, kept = a_role(LENDABLE, HERE), a_role(KEPT, HERE)
    assert share([lent, kept], [], CATALOGUE, is_below) == [lent]
    with pytest.raises(Invalid, match="nothing_to_delegate"):
        share([kept], [], CATALOGUE, is_below)


def test_what_is_wished_is_lent_where_it_is_held_and_may_be():
    lent, kept = a_role(LENDABLE, HERE, with_subtree=True), a_role(KEPT, HERE)
    below = a_role(LENDABLE, BELOW)
    assert share([lent, kept], [below], CATALOGUE, is_below) == [below]
    with pytest.raises(Forbidden, match="role_not_held"):
        share([lent], [a_role(LENDABLE, ABOVE)], CATALOGUE, is_below)
    with pytest.raises(Forbidden, match="role_not_delegable"):
        share([lent, kept], [kept], CATALOGUE, is_below)


def test_of_what_was_lent_there_is_what_the_post_still_brings():
    both = [a_role(Role.DRAFTER, HERE), a_role(Role.REVIEWER, HERE)]
    given = a_delegation(roles=both)
    assert given.of_what_is_held([a_role(Role.REVIEWER, HERE)], is_below) == [both[1]]
    assert given.of_what_is_held(iter(both), is_below) == both


# -- periods beside each other -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "does"),
    [
        ((TODAY - DAY, TODAY), False),
        ((TODAY - DAY, TODAY + DAY), True),
        ((LATER, LATER + DAY), False),
        ((LATER - DAY, None), True),
        ((TODAY - DAY, None), True),
    ],
)
def test_two_periods_meet_where_they_share_a_day(other, does):
    one, two = a_grant(), a_grant(*other)
    assert one.overlaps(two) is does
    assert two.overlaps(one) is does
    assert meeting([two], one) == ([two] if does else [])


def test_grants_of_others_for_elsewhere_or_of_other_roles_do_not_overlap():
    one = a_grant()
    assert one.overlaps(a_grant())
    for other in (a_grant(person=uuid4()), a_grant(agency=BELOW), a_grant(role=Role.REVIEWER)):
        assert not one.overlaps(other)
        assert meeting([other], one) == [other]
    assert a_grant(valid_to=None).overlaps(a_grant(valid_from=LATER, valid_to=None))


@pytest.mark.parametrize(
    ("span", "others", "left"),
    [
        ((0, 10), [], [(0, 10)]),
        ((0, 10), [(2, 4)], [(0, 2), (4, 10)]),
        ((0, 10), [(4, 6), (0, 4)], [(6, 10)]),
        ((0, 10), [(2, 6), (3, 4)], [(0, 2), (6, 10)]),
        ((0, 10), [(-5, 0), (10, 12)], [(0, 10)]),
        ((0, 10), [(0, 10)], []),
        ((0, 10), [(3, None)], [(0, 3)]),
        ((0, None), [(2, 4)], [(0, 2), (4, None)]),
        ((0, None), [(-1, None)], []),
        ((0, 10), [(8, 12)], [(0, 8)]),
        ((0, 10), [(-5, -2), (2, 4)], [(0, 2), (4, 10)]),
        ((0, 10), [(2, 4), (12, None)], [(0, 2), (4, 10)]),
    ],
)
def test_what_is_left_of_a_period_is_what_no_other_holds(span, others, left):
    def day(number):
        return None if number is None else TODAY + number * DAY

    held = [a_grant(day(begin), day(end)) for begin, end in others]
    found = list(uncovered((day(span[0]), day(span[1])), held))
    assert found == [(day(begin), day(end)) for begin, end in left]


def test_most_at_once_is_counted_on_the_fullest_day_to_come():
    following = [a_grant(TODAY + n * DAY, TODAY + (n + 1) * DAY) for n in range(3)]
    assert most_at_once(following, TODAY) == 1
    assert most_at_once([*following, a_grant()], TODAY) == 2
    to_come = [a_grant(TODAY + n * DAY, LATER) for n in (1, 2, 2)]
    assert most_at_once(to_come, TODAY) == 3
    assert most_at_once([], TODAY) == 0
    gone = [a_grant(TODAY - 5 * DAY, TODAY) for _ in range(4)]
    assert most_at_once([*gone, *following], TODAY) == 1
    assert most_at_once([a_grant(TODAY - DAY)] * 3, TODAY) == 3


def test_a_period_has_its_first_day_and_not_its_last():
    assert [covers(TODAY, LATER, day) for day in (TODAY - DAY, TODAY, LATER)] == [False, True, False]
    assert covers(TODAY, None, LATER)
    assert (earlier(TODAY, LATER), earlier(None, LATER), earlier(TODAY, None)) == (TODAY, LATER, TODAY)
    assert earlier(None, None) is None


def test_a_grant_is_held_as_it_was_given():
    assert a_grant().as_held() == HeldRole(role=Role.DRAFTER, agency_id=HERE, with_subtree=True)
