"""The list of an ordinary user and of the administrator over 200,000 dossiers, beside its own SQL.

The dossiers are those of the integration tests, of 250 agencies. The raw peer is the very statement
the service would ask, sent by psycopg with nothing around it: no bus, no token, no views built.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy.dialects import postgresql

from bench.hops import Hops
from bench.pace import Pace, at_once, one_by_one
from bench.report import Measurement
from bench.stage import Stage
from contracts.cases.dossiers import ListDossiers
from kernel.data.paging import directed
from kernel.trust.reach import Reach
from services.cases.dossiers import queries
from tests.integration.cases.test_lists import _DOSSIERS, _FIGURES, _PARTIES, agency

MANY, AGENCIES, PAGE, SECONDS = 200_000, 250, 20, 3.0


def run(stage: Stage) -> Iterator[Measurement]:
    _fill(stage)
    officer = stage.token("case_officer", agency=agency(7))
    admin = stage.token("province_admin", agency=stage.root(), with_subtree=True)
    hops = Hops(stage)
    ordinary, everything = asyncio.run(_listed(stage, officer, admin))
    budget = hops.each(ordinary.done + everything.done)
    reaches = {
        "người dùng thường / ordinary user": (
            ordinary,
            Reach(everything=False, agency_ids=(agency(7),)),
        ),
        "quản trị tỉnh / administrator": (everything, Reach(everything=True)),
    }
    for who, (ours, reach) in reaches.items():
        yield _figure(f"{who}, p50", ours, "the same SQL by psycopg", _raw(stage, reach), budget)
    what = "người dùng thường / ordinary user, p50"
    yield _figure(what, ordinary, "the administrator's list", everything, budget)


def _figure(what: str, ours: Pace, against: str, theirs: Pace, hops: str) -> Measurement:
    return Measurement(
        row="lists",
        what=what,
        unit="ms",
        ours=ours.milliseconds(0.5),
        against=against,
        baseline=theirs.milliseconds(0.5),
        note=f"p99 {ours.milliseconds(0.99):.1f} ms, baseline {theirs.milliseconds(0.99):.1f} ms",
        hops=hops,
    )


async def _listed(stage: Stage, *tokens: str) -> list[Pace]:
    async with stage.bus() as bus:

        def ask(token: str) -> Any:
            return bus.call("cases.list_dossiers", {"first": PAGE}, token=token)

        for token in tokens:
            found = len((await ask(token))["items"])
            assert found == PAGE, f"{found} of {PAGE} dossiers"
        return [await at_once(1, SECONDS, lambda token=token: ask(token)) for token in tokens]


def _raw(stage: Stage, reach: Reach) -> Pace:
    listed, order = queries.listing(reach, ListDossiers(), datetime.now(UTC))
    page = listed.order_by(*directed(order)).limit(PAGE + 1)
    # What the driver is sent: psycopg's own placeholders with their values beside them.
    compiled = page.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"render_postcompile": True})
    values = dict(compiled.params)
    with psycopg.connect(stage.platform.postgres_url("cases_app", "cases"), autocommit=True) as connection:

        def ask() -> None:
            rows = connection.execute(str(compiled), values, prepare=True).fetchall()
            assert len(rows) == PAGE + 1

        return one_by_one(SECONDS, ask)


def _fill(stage: Stage) -> None:
    """The tests' dossiers and parties, under one procedure, and the statistics of a live table."""
    revision = uuid4()
    with stage.database("cases") as connection:
        connection.execute(
            "insert into procedures (revision_id, document_id, number, agency_id, code, title, distribution,"
            " effective_from) values (%s, %s, 1, %s, 'QT', 'Thủ tục', '{}', '2025-07-01')",
            (revision, UUID(int=1), agency(0)),
        )
        numbers = {"many": MANY, "agencies": AGENCIES, "revision": revision}
        for statement in (_DOSSIERS, _PARTIES, _FIGURES):
            compiled = statement.compile(dialect=postgresql.psycopg.dialect())
            asked = {name: numbers[name] for name in compiled.params}
            connection.execute(str(compiled), asked)
        for table in ("dossiers", "parties", "figures"):
            connection.execute(f"analyze {table}")
