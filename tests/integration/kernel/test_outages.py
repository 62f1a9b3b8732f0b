"""An outage of the database on real servers: it is not the events' fault; and what its errors may reveal."""

from contextlib import contextmanager
from datetime import timedelta
from traceback import format_exception
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError

from kernel.base import clock, wire
from kernel.bus.connection import connect
from kernel.data.tables import catch_up, inbox
from kernel.life import metrics
from kernel.run.process import HOUSEKEEPING, sweep_once
from kernel.trust.identity import Actor
from kernel.work.housekeeping import INBOX_KEPT
from kernel.work.unit_of_work import Fault, transaction
from tests.integration.kernel.ledger import accounts
from tests.integration.kernel.test_events import ENVELOPE, QUEUE, letter, times_heard

[KEEP_HOUSE] = [sweep for sweep in HOUSEKEEPING if sweep.name == "keep_house"]


@pytest.fixture
def outage(servers, means):
    """`with outage():` nobody reaches the database, and connections to it are cut."""
    name = means.database.engine.url.database

    @contextmanager
    def away():
        with psycopg.connect(servers.postgres_admin_url, autocommit=True) as admin:
            admin.execute(f'alter database "{name}" allow_connections false')
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
            )
            try:
                yield
            finally:
                admin.execute(f'alter database "{name}" allow_connections true')

    return away


def tries_in_vain() -> float:
    labels = {"method": "documents.hear", "outcome": "database_unavailable"}
    return metrics.REGISTRY.get_sample_value("eiso_reaction_seconds_count", labels) or 0


def test_an_outage_longer_than_all_tries_parks_nothing(ledger_running, means, servers, outage, eventually):
    ledger_running("reactions")
    account, before = uuid4(), tries_in_vain()
    event = {"account_id": str(account), "amount": 1}
    with outage():
        body = wire.encode({"envelope": ENVELOPE | {"message_id": str(uuid4())}, "event": event})
        means.publishers.publish_one(letter(body))
        eventually(lambda: tries_in_vain() - before > 2 * len(means.settings.tiers), 20)
    eventually(lambda: times_heard(means, account), 20)
    with connect(servers.amqp_uri("admin")) as admin:
        assert admin.channel().queue_declare(f"{QUEUE}.parked", passive=True).message_count == 0


def test_what_the_database_says_of_a_defect_is_logged_without_the_values(means):
    origin = means.origin(Actor.system("test"), "test", occurred_at=clock.now(), trace_id=None)
    row = {"id": uuid4(), "version": 1, "agency_id": uuid4(), "amount": -1, "secret": "mật khẩu thật"}
    violated = r"CheckViolation: .* \[accounts_not_negative\]"
    with pytest.raises(Fault, match=violated) as caught, transaction(means.database, origin) as session:
        session.execute(insert(accounts), [row])
    text = "".join(format_exception(caught.value))
    assert "session.execute(insert(accounts)" in text, "it says where"
    assert row["secret"] not in text


def test_an_error_outside_a_transaction_of_ours_does_not_show_the_values_of_its_statement(means):
    with means.database.sessions() as session, pytest.raises(ProgrammingError) as caught:
        session.execute(text("select nothing from nowhere where secret = :secret"), {"secret": "mật khẩu"})
    assert "nowhere" in str(caught.value)
    assert "mật khẩu" not in str(caught.value)


def test_a_claim_is_let_go_only_when_no_catching_up_would_offer_its_event_again(means):
    long_ago = clock.now() - INBOX_KEPT - timedelta(days=10)
    old, young = uuid4(), uuid4()

    def claims():
        sweep_once(means, KEEP_HOUSE)
        with means.database.sessions() as session:
            return set(session.scalars(select(inbox.c.message_id)))

    with means.database.sessions() as session:
        claimed = [(old, long_ago), (young, clock.now())]
        rows = [{"consumer": "hear", "message_id": each, "received_at": at} for each, at in claimed]
        session.execute(insert(inbox), rows)
        session.commit()
    assert claims() == {old, young}, "the log was never read to its end"
    with means.database.sessions() as session:
        earlier = {"source": "directory", "sequence": 7, "caught_up_at": long_ago - timedelta(days=1)}
        session.execute(insert(catch_up), [earlier])
        session.commit()
    assert claims() == {old, young}, "it was read to its end only before the event came"
    with means.database.sessions() as session:
        session.execute(catch_up.update().values(caught_up_at=clock.now()))
        session.commit()
    assert claims() == {young}
