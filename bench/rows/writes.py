"""A whole command, beside the very rows it writes put there by raw SQL in one transaction.

The command enters a nonconformity: claim of the request id, the register's next number, the row itself,
its trail with its place for the sealer, its event, the wake-up of the relay, the answer kept. The raw
peer copies these rows with psycopg, prepared statements and one commit, and decides nothing.
"""

import asyncio
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench.hops import Hops
from bench.pace import Pace, at_once, one_by_one
from bench.report import Measurement
from bench.stage import Stage
from contracts.audits.nonconformities import RaiseNonconformity
from kernel.life.settings import from_environ
from kernel.run.process import means_of
from kernel.work.handling import Operation, answer
from kernel.work.request import Request
from services.audits.nonconformities.handlers import raise_nonconformity
from services.audits.service import AuditsService

SECONDS = 4.0
AT_ONCE = 8
COPIED = ("commands", "nonconformities", "outbox", "trail", "trail_pending")


def run(stage: Stage) -> Iterator[Measurement]:
    agency = stage.root()
    token = stage.token("iso_secretary", agency=agency, with_subtree=True)
    hops = Hops(stage)
    inside = _inside(stage, agency, token)
    budget = hops.each(inside.done)
    raw = _raw(stage, agency)
    # An agency's register gives its numbers one after the other, so writers side by side are of several.
    agencies = cycle(_agencies(stage))
    yield _figure("trong tiến trình, lần lượt / in-process, one by one", inside, raw, budget)
    for workers in (1, AT_ONCE):
        hops = Hops(stage)
        pace = asyncio.run(_called(stage, agencies, token, workers))
        budget = hops.each(pace.done)
        yield _figure(f"qua RPC, {workers} cùng lúc / over RPC, {workers} in flight", pace, raw, budget)


def _figure(what: str, pace: Pace, raw: Pace, hops: str) -> Measurement:
    return Measurement(
        row="write",
        what=what,
        unit="/s",
        ours=pace.per_second,
        against="raw SQL, one transaction, one connection",
        baseline=raw.per_second,
        note=f"p50 {pace.milliseconds(0.5):.1f} ms, raw {raw.milliseconds(0.5):.1f} ms",
        hops=hops,
    )


def _command(agency: UUID) -> dict[str, Any]:
    return {
        "request_id": str(uuid4()),
        "agency_id": str(agency),
        "severity": "minor",
        "description": "Phiếu đo hiệu năng",
        "clause": "8.5.1",
    }


def _inside(stage: Stage, agency: UUID, token: str) -> Pace:
    means = means_of(AuditsService, from_environ(AuditsService.settings, stage.environment("audits")))
    operation = Operation(
        name="raise_nonconformity", contract=RaiseNonconformity, handler=raise_nonconformity, writes=True
    )

    def write() -> None:
        request = Request(
            method=operation.name,
            body=_command(agency),
            token=token,
            deadline=None,
            traceparent=None,
            user_id="gateway",
        )
        done = answer(means, operation, request)
        assert "ok" in done, done

    try:
        return one_by_one(SECONDS, write)
    finally:
        means.database.close()


def _agencies(stage: Stage) -> list[UUID]:
    with stage.database("audits") as connection:
        return [row[0] for row in connection.execute("select id from agency_nodes order by id")]


async def _called(stage: Stage, agencies: Iterator[UUID], token: str, workers: int) -> Pace:
    async with stage.bus() as bus:

        async def write() -> None:
            await bus.call("audits.raise_nonconformity", _command(next(agencies)), token=token)

        return await at_once(workers, SECONDS, write)


def _raw(stage: Stage, agency: UUID) -> Pace:
    url = stage.platform.postgres_url("audits_app", "audits")
    with psycopg.connect(url) as connection:
        copied = {table: _last(connection, table) for table in COPIED}
        # Relay and sealer work beside both sides alike, but nobody is to hear of the peer's rows.
        copied["outbox"] |= {"published_at": copied["outbox"]["recorded_at"], "sequence": 0}
        connection.commit()
        return one_by_one(SECONDS, lambda: _copy(connection, copied, agency))


def _last(connection: "psycopg.Connection[Any]", table: str) -> dict[str, Any]:
    newest = {
        "commands": "decided_at",
        "nonconformities": "raised_at",
        "outbox": "recorded_at",
        "trail": "recorded_at",
    }
    if table == "trail_pending":
        row = _last(connection, "trail")
        return {"trail_id": row["id"], "recorded_at": row["recorded_at"]}
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        found = cursor.execute(f"select * from {table} order by {newest[table]} desc limit 1").fetchone()
    assert found is not None
    return {name: Jsonb(v) if isinstance(v, (dict, list)) else v for name, v in found.items()}


def _copy(connection: "psycopg.Connection[Any]", copied: dict[str, dict[str, Any]], agency: UUID) -> None:
    """The same statements that the command needs, and their rows under new keys."""
    new = uuid4()
    _insert(connection, "commands", copied["commands"] | {"request_id": new, "answer": None})
    counted = connection.execute(
        "insert into numbering (agency_id, year, last) values (%s, 2026, 1)"
        " on conflict (agency_id, year) do update set last = numbering.last + 1 returning last",
        (agency,),
    ).fetchone()
    row = copied["nonconformities"] | {"id": new, "number": f"KPH-2026-{counted[0]:04}"}
    _insert(connection, "nonconformities", row)
    _insert(connection, "outbox", copied["outbox"] | {"message_id": new, "aggregate_id": new})
    connection.execute("select pg_notify('bench', '')")
    _insert(connection, "trail", copied["trail"] | {"id": new, "subject_id": new, "request_id": new})
    _insert(connection, "trail_pending", copied["trail_pending"] | {"trail_id": new})
    connection.execute(
        "update commands set answer = %s where request_id = %s and method = %s and actor_id = %s",
        (copied["commands"]["answer"], new, copied["commands"]["method"], copied["commands"]["actor_id"]),
    )
    connection.commit()


def _insert(connection: "psycopg.Connection[Any]", table: str, row: dict[str, Any]) -> None:
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    connection.execute(f"insert into {table} ({columns}) values ({places})", list(row.values()), prepare=True)
