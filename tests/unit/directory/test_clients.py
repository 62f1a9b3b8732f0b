"""When a portal's program is let in, for how long its secrets are good, and when it is suspended."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.authority import Basis
from contracts.directory.clients import ClientReach, ClientState, Scope
from contracts.directory.events import AuthorityEnded, ClientApprovalDue
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory import rules
from services.directory.clients.domain import IntegrationClient
from tests.unit.directory.factories import NOW

RULE = rules.clients()
TODAY = date(2026, 8, 10)
DAY = timedelta(days=1)
YEAR = timedelta(days=RULE.approved_days)


def a_client(**changes):
    given = {
        "agency_id": uuid4(),
        "responsible_id": uuid4(),
        "name": "Cổng",
        "purpose": "Hiện tài liệu",
        "scopes": [Scope.DOCUMENTS_READ],
        "agencies": [ClientReach(agency_id=uuid4())],
        "calls_per_minute": 60,
        "calls_per_day": 1000,
        "expires_on": TODAY + 900 * DAY,
        "secret_digest": b"first",
        "secret_set_at": NOW,
    }
    return IntegrationClient(id=uuid4(), **given | changes)


def approved(**changes):
    client = a_client(**changes)
    client.approve(by=uuid4(), today=TODAY, rule=RULE, expires_on=None)
    return client


def why_not(client, day):
    with pytest.raises((Forbidden, Conflict)) as no:
        client.check_let_in(day)
    return no.value.code


def test_a_program_asks_for_no_more_than_the_rule_allows():
    most = {"calls_per_minute": RULE.most_per_minute, "calls_per_day": RULE.most_per_day}
    a_client(**most).check(RULE, TODAY)
    for name, field in (("calls_per_minute", "callsPerMinute"), ("calls_per_day", "callsPerDay")):
        with pytest.raises(Invalid, match="client_quota_too_high") as no:
            a_client(**most | {name: most[name] + 1}).check(RULE, TODAY)
        assert no.value.field == field


def test_a_day_has_no_fewer_calls_than_a_minute():
    a_client(calls_per_minute=60, calls_per_day=60).check(RULE, TODAY)
    with pytest.raises(Invalid, match="client_day_below_minute"):
        a_client(calls_per_minute=60, calls_per_day=59).check(RULE, TODAY)


def test_it_expires_after_today_and_within_the_longest_time():
    for days in (1, RULE.longest_days):
        a_client(expires_on=TODAY + days * DAY).check(RULE, TODAY)
    for days in (0, RULE.longest_days + 1):
        with pytest.raises(Invalid, match="client_end_does_not_fit"):
            a_client(expires_on=TODAY + days * DAY).check(RULE, TODAY)


def test_an_approval_says_who_agreed_when_and_until_when():
    client, person = a_client(), uuid4()
    client.approve(by=person, today=TODAY, rule=RULE, expires_on=TODAY + 700 * DAY)
    assert (client.approved_by, client.approved_on, client.state) == (person, TODAY, ClientState.ACTIVE)
    assert (client.approval_due_on, client.expires_on) == (TODAY + YEAR, TODAY + 700 * DAY)


def test_where_agencies_ended_it_belongs_to_the_heir_and_sees_what_the_heir_has_once():
    one, other, heir = (uuid4() for _ in range(3))
    reaches = [(one, False), (other, True), (heir, False)]
    client = approved(agencies=[ClientReach(agency_id=at, with_subtree=below) for at, below in reaches])
    owner, stranger = client.agency_id, uuid4()
    client.follow({one: heir, stranger: one})
    assert client.agency_id == owner
    assert [(each.agency_id, each.with_subtree) for each in client.agencies] == [(heir, False), (other, True)]
    client.follow({other: heir, owner: heir})
    assert client.agency_id == heir
    assert [(each.agency_id, each.with_subtree) for each in client.agencies] == [(heir, True)]
    told = client.drain()
    assert [(type(each), each.basis, each.subject_id) for each in told] == [
        (AuthorityEnded, Basis.CLIENT, client.id)
    ] * 2


def ends(client):
    """Whether what it was granted so far ended since it was last asked."""
    return any(isinstance(each, AuthorityEnded) for each in client.drain())


def test_what_it_was_granted_ends_with_a_secret_replaced_at_once_a_suspension_and_a_revocation():
    client = approved()
    client.rotate(b"second", overlap_days=1, rule=RULE, now=NOW)
    assert not ends(client)
    client.rotate(b"third", overlap_days=0, rule=RULE, now=NOW)
    assert ends(client)
    client.watch(RULE, TODAY + YEAR)
    assert ends(client)
    client.watch(RULE, TODAY + YEAR)
    assert not ends(client)
    client.revoke()
    assert ends(client)


def test_the_secret_before_stays_good_for_so_many_days_at_most():
    client = approved()
    client.rotate(b"second", overlap_days=RULE.longest_overlap_days, rule=RULE, now=NOW)
    assert client.secret_set_at == NOW
    with pytest.raises(Invalid, match="client_overlap_too_long"):
        client.rotate(b"third", overlap_days=RULE.longest_overlap_days + 1, rule=RULE, now=NOW)


def test_a_revoked_program_knows_the_last_secret_alone():
    client = approved()
    client.rotate(b"second", overlap_days=1, rule=RULE, now=NOW)
    client.revoke()
    assert (client.knows(b"first", NOW), client.state) == (False, ClientState.REVOKED)
    with pytest.raises(Conflict, match="client_revoked"):
        client.approve(by=uuid4(), today=TODAY, rule=RULE, expires_on=None)


def test_only_one_that_is_let_in_is_watched():
    client = a_client(approval_due_on=TODAY)
    client.watch(RULE, TODAY + DAY)
    assert (client.state, client.drain()) == (ClientState.PENDING, [])


def test_it_is_published_again_after_it_was_approved_again():
    client = approved()
    client.watch(RULE, TODAY + YEAR - DAY)
    client.approve(by=uuid4(), today=TODAY + YEAR - DAY, rule=RULE, expires_on=None)
    client.drain()
    client.watch(RULE, TODAY + 2 * YEAR - 2 * DAY)
    [told] = client.drain()
    assert told.due_on == TODAY + 2 * YEAR - DAY


def test_it_is_let_in_from_its_approval_until_it_must_be_approved_again():
    assert why_not(a_client(), TODAY) == "client_not_approved"
    client = approved()
    client.check_let_in(TODAY + YEAR - DAY)
    assert why_not(client, TODAY + YEAR) == "client_suspended"
    client.approve(by=uuid4(), today=TODAY + YEAR, rule=RULE, expires_on=None)
    client.check_let_in(TODAY + YEAR)


def test_it_expires_on_its_day_by_any_approver():
    client = approved(expires_on=TODAY + 5 * DAY)
    client.check_let_in(TODAY + 4 * DAY)
    assert why_not(client, TODAY + 5 * DAY) == "client_expired"
    with pytest.raises(Invalid, match="client_end_does_not_fit"):
        client.approve(by=uuid4(), today=TODAY + 5 * DAY, rule=RULE, expires_on=None)
    client.approve(by=uuid4(), today=TODAY + 5 * DAY, rule=RULE, expires_on=TODAY + 50 * DAY)
    client.check_let_in(TODAY + 5 * DAY)


def test_of_its_secrets_the_last_and_for_a_while_the_one_before_are_good():
    client = approved()
    client.rotate(b"second", overlap_days=2, rule=RULE, now=NOW)
    assert client.knows(b"first", NOW + 2 * DAY - timedelta(seconds=1))
    assert not client.knows(b"first", NOW + 2 * DAY)
    client.rotate(b"third", overlap_days=2, rule=RULE, now=NOW)
    assert [client.knows(each, NOW) for each in (b"first", b"second", b"third")] == [False, True, True]
    client.rotate(b"fourth", overlap_days=0, rule=RULE, now=NOW)
    assert [client.knows(each, NOW) for each in (b"third", b"fourth")] == [False, True]
    assert not {"secret_digest", "previous_digest"} & set(client.snapshot())


def test_it_is_published_once_before_its_day_and_suspended_on_it():
    client = approved()
    client.watch(RULE, TODAY + YEAR - (RULE.notice_days + 1) * DAY)
    assert client.drain() == []
    for day in (RULE.notice_days, RULE.notice_days - 1):
        client.watch(RULE, TODAY + YEAR - day * DAY)
    [published] = client.drain()
    assert isinstance(published, ClientApprovalDue)
    assert published.due_on == TODAY + YEAR
    client.watch(RULE, TODAY + YEAR)
    assert client.state is ClientState.SUSPENDED


def test_a_revocation_is_for_good():
    client = approved()
    client.revoke()
    assert why_not(client, TODAY) == "client_revoked"
    for again in (client.revoke, lambda: client.rotate(b"x", overlap_days=0, rule=RULE, now=NOW)):
        with pytest.raises(Conflict, match="client_revoked"):
            again()
