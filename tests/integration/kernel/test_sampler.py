"""What waits on real servers is seen by the sampler: events, trail rows, jobs, queues, due work, agencies."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from kernel.base import clock
from kernel.life import metrics
from kernel.run.sampler import Sampler
from kernel.work import jobs
from kernel.work import outbox as event_log
from kernel.work.outbox import NewEvent
from kernel.work.service import Backlog
from kernel.work.unit_of_work import transaction
from org.agency_statistics import AgencyFigure
from org.tables import agency_nodes
from tests.integration.kernel.ledger import DocumentsService, ToyChanged, accounts
from tests.integration.kernel.test_events import QUEUE, letter, origin, publish, times_heard
from tests.integration.kernel.test_jobs import in_transaction


class Watched(DocumentsService):
    """The ledger with due work and a figure of its own."""

    backlogs = (
        Backlog(name="events", due="select count(*), min(recorded_at) from outbox where recorded_at <= :now"),
    )
    agency_figures = (
        AgencyFigure(name="accounts", counted="select agency_id, count(*) from accounts group by agency_id"),
    )


@pytest.fixture
def look(means):
    """Everything measured afresh, and no measurement failed."""

    def turn() -> None:
        sampler = Sampler(means, Watched)
        before = failures()
        assert 0 < sampler.turn() <= means.settings.sample_seconds
        assert failures() == before

    return turn


def value(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


def failures() -> float:
    parts = ("database", "queues", "backlogs", "agencies")
    return sum(value("eiso_sample_failed_total", what=part) or 0 for part in parts)


@pytest.fixture
def queues(ledger_running, means):
    """The queues exist and nobody reads them any more."""
    process = ledger_running("rpc", "reactions")
    process.stop()


def test_events_that_wait_are_counted_with_the_age_of_the_oldest(
    queues, means, look, ledger_running, eventually
):
    account = publish(means)
    earlier = NewEvent(aggregate_id=uuid4(), version=1, event=ToyChanged(account_id=uuid4(), amount=1))
    with transaction(means.database, origin(means)) as session:
        event_log.append(session, origin(means), clock.now() - timedelta(seconds=90), [earlier])
    look()
    assert value("eiso_outbox_waiting") == 2
    assert 90 <= value("eiso_outbox_oldest_seconds") < 300
    assert value("eiso_backlog", work="events") == 2
    assert value("eiso_backlog_oldest_seconds", work="events") >= 90
    ledger_running("relay", "reactions")
    eventually(lambda: times_heard(means, account))
    eventually(lambda: (look(), value("eiso_outbox_waiting"))[1] == 0)
    assert value("eiso_outbox_oldest_seconds") == 0


def test_queues_are_seen_with_their_readers_and_how_long_they_were_not_empty(queues, means, eventually):
    sampler = Sampler(means, Watched)
    sampler.parts = {"queues": sampler.parts["queues"]}
    means.publishers.publish_one(letter(b"{}"))
    sampler.turn()
    assert value("eiso_queue_messages", queue=QUEUE, kind="ready") == 1
    assert value("eiso_queue_readers", queue=QUEUE) == 0
    sampler.due["queues"] = 0.0
    sampler.turn()
    assert value("eiso_queue_not_empty_seconds", queue=QUEUE) > 0


def test_a_parked_message_is_seen(ledger_running, means, look, eventually):
    ledger_running("rpc", "reactions")
    means.publishers.publish_one(letter(b"no json"))
    eventually(lambda: (look(), value("eiso_queue_messages", queue=QUEUE, kind="parked"))[1] == 1)
    assert value("eiso_queue_readers", queue=QUEUE) == 1
    assert value("eiso_queue_not_empty_seconds", queue=QUEUE) == 0


def test_jobs_are_counted_by_kind_and_state(queues, means, look):
    in_transaction(means, lambda call: jobs.enqueue(call, "count", {}, agency_id=uuid4(), total=10))
    look()
    assert value("eiso_jobs", kind="count", state="queued") == 1
    assert value("eiso_trail_unsealed") == 1
    with means.database.sessions() as session:
        session.execute(text("update jobs set state = 'running', done = 4"))
        session.commit()
    look()
    assert value("eiso_jobs", kind="count", state="queued") is None
    assert (value("eiso_job_done", kind="count"), value("eiso_job_total", kind="count")) == (4, 10)


def test_only_the_agencies_with_the_most_have_a_line_of_their_own(queues, means, look):
    with means.database.sessions() as session:
        for number in range(30):
            agency_id = uuid4()
            session.execute(insert(agency_nodes).values(an_agency(agency_id, number)))
            empty = {"version": 1, "agency_id": agency_id, "amount": 0}
            session.execute(insert(accounts), [{"id": uuid4(), **empty} for _ in range(number + 1)])
        session.commit()
    look()
    assert value("eiso_agency_figure", figure="accounts", agency="H42.29") == 30
    assert value("eiso_agency_figure", figure="accounts", agency="H42.10") == 11
    assert value("eiso_agency_figure", figure="accounts", agency="H42.9") is None
    assert value("eiso_agency_figure", figure="accounts", agency="other") == sum(range(1, 11))


def an_agency(agency_id, number) -> dict:
    named = dict.fromkeys(("name", "short_name"), f"Xã số {number}")
    about = {"kind": "commune", "valid_from": clock.today(), "version": 1}
    return {"id": agency_id, "code": f"H42.{number}", **named, **about}


def test_a_look_that_fails_leaves_the_figure_and_says_how_old_it_is(queues, means, look):
    look()
    seen, failed = value("eiso_sampled_timestamp_seconds", what="queues"), failures()
    sampler = Sampler(means, Watched)
    every, _ = sampler.parts["queues"]

    def fail() -> None:
        raise OSError("away")

    sampler.parts = {"queues": (every, fail)}
    sampler.due = {"queues": 0.0}
    sampler.turn()
    assert value("eiso_sampled_timestamp_seconds", what="queues") == seen
    assert failures() == failed + 1
