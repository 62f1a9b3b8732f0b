"""A process killed while dossiers follow, and several that let them follow at once."""

import signal

import pytest
from sqlalchemy import func, select

from kernel.data.tables import outbox
from services.cases.dossiers.tables import dossiers, parties
from tests.integration.cases.test_following import Merging
from tests.integration.kernel.processes import Started
from tests.integration.settings import environment_of

MANY = 250


@pytest.fixture
def merging(office):
    """More dossiers than go into one batch, of two communes that are merged."""
    made = Merging(office)
    made.received = [made.receive(n % 2, blocks=[]) for n in range(MANY)]
    return made


@pytest.fixture
def started(servers, office):
    """`started(CRASH_AT=…)`: a process of its own that plays the sweeps on the same database."""
    processes = []
    url = office.database.engine.url.render_as_string(hide_password=False)

    def start(**changes):
        environ = environment_of(servers, "cases", DATABASE_URL=url, **changes)
        processes.append(Started(servers, "cases", "sweep", environ))
        return processes[-1]

    yield start
    for each in processes:
        each.stop()


def test_a_killed_process_leaves_nothing_half_done_and_others_share_what_is_left(office, merging, started):
    merging.merge()
    ended, _ = started(CRASH_AT="follow.before_commit").ended(60)
    assert ended == -signal.SIGKILL
    assert office.count(dossiers, dossiers.c.agency_id == merging.new) == 0
    for _ in range(3):
        started()
    office.eventually(lambda: office.count(dossiers, dossiers.c.agency_id == merging.new) == MANY, 60)
    assert office.count(parties, parties.c.agency_id.in_(merging.old)) == 0
    with office.database.sessions() as session:
        counted = select(func.count()).where(outbox.c.topic == "cases.dossier_changed.v1")
        changed = session.execute(counted.group_by(outbox.c.aggregate_id)).scalars().all()
    assert changed == [1] * MANY
