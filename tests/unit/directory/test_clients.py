"""When a portal's program is let in, for how long its secrets are good, and when it is suspended."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.directory.clients import ClientReach, ClientState, Scope
from contracts.directory.events import ClientApprovalDue
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


def test_it_is_let_in_from_its_approval_until_it_must_be_approved_again():
    assert why_not(a_client(), TODAY) == "client_not_approved"
    client = approved()
    client.check_let_in(TODAY + YEAR - DAY)
    assert why_not(client, TODAY + YEAR) == "client_suspended"
    client.approve(by=uuid4(), today=TODAY + YEAR, rule=RULE, expires_on=None)
    client.check_let_in(TODAY + YEAR)


def test_it_expires_on_its_day_whoever_approved_it():
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


def test_it_is_told_of_once_before_its_day_and_suspended_on_it():
    client = approved()
    client.watch(RULE, TODAY + YEAR - (RULE.notice_days + 1) * DAY)
    assert client.drain() == []
    for day in (RULE.notice_days, RULE.notice_days - 1):
        client.watch(RULE, TODAY + YEAR - day * DAY)
    [told] = client.drain()
    assert isinstance(told, ClientApprovalDue)
    assert told.due_on == TODAY + YEAR
    client.watch(RULE, TODAY + YEAR)
    assert client.state is ClientState.SUSPENDED


def test_a_revocation_is_for_good():
    client = approved()
    client.revoke()
    assert why_not(client, TODAY) == "client_revoked"
    for again in (client.revoke, lambda: client.rotate(b"x", overlap_days=0, rule=RULE, now=NOW)):
        with pytest.raises(Conflict, match="client_revoked"):
            again()
