"""Jobs on a real database: one step at a time, resumed after a kill, cancelled when asked."""

import os
import signal
import subprocess
import sys
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from kernel.base import clock
from kernel.data.tables import jobs as table
from kernel.trust.identity import Actor
from kernel.work import jobs
from kernel.work.jobs import JobRunner, Progress
from kernel.work.unit_of_work import transaction
from tests.integration.kernel import ledger
from tests.integration.kernel.ledger import accounts
from tests.integration.settings import environment_of


def in_transaction(means, act):
    origin = means.origin(Actor.system("test"), "test", occurred_at=clock.now(), trace_id=None)
    with transaction(means.database, origin) as session:
        return act(means.call(session=session, actor=Actor.system("test"), action="test"))


KILLS = int(os.environ.get("KILLS", 50 if os.environ.get("EISO_PROOF") else 1))


@pytest.fixture
def job(means):
    """A job that counts to ten, and the account it counts in."""
    return a_job(means, 10)


def a_job(means, to):
    with means.database.sessions() as session:
        session.execute(insert(accounts).values(id=uuid4(), version=1, agency_id=uuid4(), amount=0))
        session.commit()
    return in_transaction(
        means, lambda call: jobs.enqueue(call, "count", {"to": to}, agency_id=uuid4(), total=to)
    )


def state(means):
    with means.database.sessions() as session:
        return session.execute(select(table)).mappings().one()


def amount(means):
    with means.database.sessions() as session:
        return session.scalar(select(accounts.c.amount))


def test_a_job_is_done_step_by_step(means, job):
    assert JobRunner(means, {"count": ledger.count}).turn() is True
    done = state(means)
    assert (done["state"], done["done"], done["total"], amount(means)) == ("done", 10, 10, 10)
    assert JobRunner(means, {"count": ledger.count}).turn() is False


DIES = """
import os
os.environ['CRASH_AT'] = '{point}'
import kernel.run.launcher
from kernel.work.jobs import JobRunner
from kernel.life.settings import Settings, from_environ
from kernel.run.process import means_of
from tests.integration.kernel import ledger
JobRunner(means_of(ledger.DocumentsService, from_environ(Settings)), {{'count': ledger.count}}).turn()
"""


@pytest.mark.proof
@pytest.mark.parametrize(("point", "forward"), [("job.before_checkpoint", 0), ("job.after_checkpoint", 1)])
def test_a_killed_job_goes_on_where_its_last_checkpoint_was(means, servers, point, forward, record_property):
    record_property("kills", KILLS)
    to = 10 + KILLS * forward
    a_job(means, to)
    url = means.database.engine.url.render_as_string(hide_password=False)
    environ = os.environ | environment_of(servers, "documents", DATABASE_URL=url)
    runner = JobRunner(means, {"count": ledger.count})
    for killed in range(1, KILLS + 1):
        died = subprocess.run(
            [sys.executable, "-c", DIES.format(point=point)], env=environ, timeout=60, capture_output=True
        )
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()
        assert amount(means) == killed * forward
        assert runner.turn() is False, "its heartbeat is still fresh"
        with means.database.sessions() as session:
            session.execute(text("update jobs set heartbeat_at = now() - interval '1 minute'"))
            session.commit()
    assert runner.turn() is True
    assert (state(means)["state"], amount(means)) == ("done", to)


def test_a_cancelled_job_stops_after_its_step(means, job):
    in_transaction(means, lambda call: jobs.cancel(call, job))
    JobRunner(means, {"count": ledger.count}).turn()
    assert (state(means)["state"], amount(means)) == ("cancelled", 0)


def test_a_job_that_fails_is_tried_again_and_says_why_in_the_end(means, job):
    def fail(call, arguments, checkpoint) -> Progress:
        raise RuntimeError("no paper left")

    runner = JobRunner(means, {"count": fail})
    for _ in range(jobs.ATTEMPTS):
        runner.turn()
    failed = state(means)
    assert (failed["state"], failed["error"]) == ("failed", "RuntimeError: no paper left")
    assert runner.turn() is False


def test_a_runner_that_stood_still_repeats_no_step_of_who_took_the_job_over(means, job):
    slow, quick = (JobRunner(means, {"count": ledger.count}) for _ in range(2))
    held = slow._step(slow._claim())
    with means.database.sessions() as session:
        session.execute(text("update jobs set heartbeat_at = heartbeat_at - interval '1 hour'"))
        session.commit()
    assert quick.turn() is True
    assert slow._step(held) is None
    assert slow._end(held, "failed", "too late") is None
    done = state(means)
    assert (done["state"], done["done"], done["attempts"], amount(means)) == ("done", 10, 2, 10)


def test_nobody_takes_a_job_over_in_the_middle_of_a_step(means, job):
    other = JobRunner(means, {"count": ledger.count})

    def slow_count(call, arguments, checkpoint):
        with means.database.sessions() as session:
            lost = select(table.c.id).where(table.c.id == job).with_for_update(skip_locked=True)
            assert session.scalar(lost) is None, "an hour's jump of the clock does not help"
        assert other._claim() is None
        return ledger.count(call, arguments, checkpoint)

    assert JobRunner(means, {"count": slow_count}).turn() is True
    assert (state(means)["state"], amount(means)) == ("done", 10)
