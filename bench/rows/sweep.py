"""The sweep that publishes what is overdue, with 300,000 open clocks and with 3,000; 1,000 are due each time.

Its cost is to grow with what is due and not with what is open. A database of its own, so that the
platform's sweeper does not help; the dossiers are synced ones, whose due moment another system gave.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg

from bench.report import Measurement
from bench.stage import Stage
from kernel.data import migrations
from kernel.life.settings import from_environ
from kernel.run.process import means_of, sweep_once
from kernel.work.context import ProcessContext
from services.cases.service import CasesService

DUE, FEW, MANY, TIMES = 1_000, 3_000, 300_000, 3
NAME = "bench_sweep"
WATCH = next(each for each in CasesService.sweeps if each.name == "watch_clocks")
CALENDAR = next(each for each in CasesService.sweeps if each.name == "keep_calendar")


def run(stage: Stage) -> Iterator[Measurement]:
    """Seconds until all that is due was published, the best of some turns; few first, then many."""
    with _database(stage) as means:
        few, many = (_timed(means, stage, count) for count in (FEW, MANY))
    yield Measurement(
        row="sweep",
        what=f"{DUE:,} đến hạn trong {MANY:,} đồng hồ mở / due among open clocks",
        unit="ms",
        ours=many * 1000,
        against=f"{DUE:,} due among {FEW:,}",
        baseline=few * 1000,
        note=f"{DUE / many:,.0f} told/s; aim: at most 2 times",
    )


@contextmanager
def _database(stage: Stage) -> Iterator[ProcessContext]:
    url = stage.platform.postgres_url("cases_owner", NAME)
    settings = from_environ(CasesService.settings, stage.environment("cases"))
    own = stage.platform.postgres_url("cases_app", NAME).replace("postgresql://", "postgresql+psycopg://", 1)
    with psycopg.connect(stage.platform.postgres_admin_url, autocommit=True) as admin:
        admin.execute(f"create database {NAME} owner cases_owner")
        try:
            migrations.upgrade("cases", url.replace("postgresql://", "postgresql+psycopg://", 1))
            means = means_of(CasesService, replace(settings, database_url=own))
            sweep_once(means, CALENDAR)
            yield means
            means.database.close()
        finally:
            admin.execute(f"drop database {NAME} with (force)")


def _timed(means: ProcessContext, stage: Stage, count: int) -> float:
    taken = []
    with psycopg.connect(stage.platform.postgres_url("cases_owner", NAME), autocommit=True) as connection:
        _fill(connection, count)
        for turn in range(TIMES):
            _make_due(connection, turn)
            began = time.perf_counter()
            counted = 0
            while done := sweep_once(means, WATCH):
                counted += done
            taken.append(time.perf_counter() - began)
            assert counted == DUE, f"{counted} of {DUE} sent"
    return min(taken)


def _fill(connection: "psycopg.Connection[tuple[int]]", count: int) -> None:
    """Open dossiers up to that many, due in ten years."""
    row = connection.execute("select count(*) from dossiers").fetchone()
    revision = _revision(connection)
    connection.execute(_DOSSIERS, {"first": row[0] if row else 0, "last": count, "revision": revision})
    connection.execute(_CLOCKS)
    for table in ("dossiers", "clocks", "parties"):
        connection.execute(f"vacuum analyze {table}")


def _revision(connection: "psycopg.Connection[tuple[int]]") -> UUID:
    revision = uuid4()
    connection.execute(
        "insert into procedures (revision_id, document_id, number, agency_id, code, title, distribution,"
        " effective_from) values (%s, %s, 1, %s, 'QT', 'Thủ tục', '{}', '2025-07-01')",
        (revision, uuid4(), UUID(int=1)),
    )
    return revision


def _make_due(connection: "psycopg.Connection[tuple[int]]", turn: int) -> None:
    """Other dossiers each time: what was published is published once."""
    connection.execute(_DUE, {"turn": turn, "due": DUE})
    connection.execute("analyze clocks")


_DOSSIERS = """
insert into dossiers (id, version, agency_id, number, kind, competent_agency_id, supporting, coordinating,
    document_id, revision_id, revision_number, document_code, title, received_at, counts_from, first_heard_at,
    rules_on, calendar_version, status, steps, step_clocks, pauses, clock, due_at, is_overdue, is_synced)
select gen_random_uuid(), 1, agency, 'Q' || n, 'tthc', agency, '{}', '{}',
    lpad(to_hex(1 + n %% 20), 32, '0')::uuid, %(revision)s, 1, 'QT', 'Thủ tục',
    received, received, received, received::date,
    (select max(version) from calendars), 'processing', '[]', '[]', '[]',
    jsonb_build_object('seq', 0, 'seconds', 0, 'is_working', true, 'is_given', true, 'due_at', due),
    due, false, true
  from generate_series(%(first)s + 1, %(last)s) n,
       lateral (select lpad(to_hex(1 + n %% 250), 32, '0')::uuid as agency,
                       timestamptz '2026-01-01' + n * interval '1 minute' as received,
                       timestamptz '2036-01-01' as due) each
"""
_CLOCKS = "insert into clocks select id, due_at from dossiers where not is_overdue on conflict do nothing"
_DUE = """
with chosen as (
    select id from dossiers where not is_overdue order by md5(%(turn)s || number) limit %(due)s
), moved as (
    update dossiers d set due_at = '2026-06-01',
           clock = jsonb_set(clock, '{due_at}', '"2026-06-01T00:00:00Z"') from chosen where d.id = chosen.id
)
update clocks set next_moment = '2026-06-01' from chosen where dossier_id = chosen.id
"""
