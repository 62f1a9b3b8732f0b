"""A province's tree being loaded, and what an ordinary user waits for beside the administrator.

Loading is the act that `eiso agencies province` sends, through the bus; the raw peer puts the rows of
agencies, periods and tree there by psycopg in one transaction, and judges and publishes nothing. Lists are of
the communes entered so, people and duties those of the demonstration; the peer is the administrator's list.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from bench.pace import Pace
from bench.report import Measurement
from bench.stage import Stage
from deploy import units

DAY, PROVINCE, TURNS = date(2025, 7, 1), "79", 200
SERVICES = ("documents", "cases", "audits", "notify")
BASIS = {
    "number": "19/2025/QĐ-TTg",
    "issued_on": "2025-06-30",
    "issued_by": "Thủ tướng Chính phủ",
    "subject": "Danh mục và mã số các đơn vị hành chính",
}
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "một trang cơ quan / a page of agencies": ("directory.list_agencies", {"first": 50}),
    "tìm “phường” / searching a common word": ("directory.list_agencies", {"search": "phuong", "first": 50}),
    "một trang người / a page of people": ("directory.list_people", {"first": 50}),
}
DUTIES = ("cases.dossier_duties", "documents.document_duties", "audits.quality_duties")


def run(stage: Stage) -> Iterator[Measurement]:
    root = stage.root()
    admin = stage.token("province_admin", agency=root, with_subtree=True)
    raw = _raw_load(stage, root)
    act = _act(root)
    yield Measurement(
        row="country",
        what=f"nạp một tỉnh, {len(act['creations'])} xã / loading a province's communes",
        unit="ms",
        ours=asyncio.run(_loaded(stage, admin, act)),
        against="the same agencies and tree by psycopg, one transaction, undone",
        baseline=raw,
        note="aim: at most 10 s; once each, from grant to answer",
    )
    _known_everywhere(stage, [each["id"] for each in act["creations"]])
    officer = stage.token("case_officer", "drafter", agency=UUID(act["creations"][0]["id"]))
    for what, question in LISTS.items():
        ordinary, everything = asyncio.run(_asked(stage, [question], officer, admin))
        yield _figure(what, ordinary, "the administrator's", everything)
    duties = [(method, {}) for method in DUTIES]
    mine, page = asyncio.run(_asked(stage, [*duties], officer, admin))
    yield _figure(
        "việc của tôi, ba dịch vụ lần lượt / duties, three services in turn",
        mine,
        "the administrator's",
        page,
    )


def _figure(what: str, ours: Pace, against: str, theirs: Pace) -> Measurement:
    return Measurement(
        row="country",
        what=f"{what}, p50",
        unit="ms",
        ours=ours.milliseconds(0.5),
        against=against,
        baseline=theirs.milliseconds(0.5),
        note=f"p99 {ours.milliseconds(0.99):.1f} ms, baseline {theirs.milliseconds(0.99):.1f} ms; aim: 1.2",
    )


def _act(root: UUID) -> dict[str, Any]:
    """As `eiso agencies` sends it."""
    creations = [
        {
            "id": str(uuid4()),
            "code": f"BENCH.{each.code}",
            "name": f"Ủy ban nhân dân {each.unit} {each.name}",
            "short_name": f"UBND {each.unit} {each.name}",
            "kind": "commune",
            "parent_id": str(root),
        }
        for each in units.communes(PROVINCE, DAY)
    ]
    return {
        "request_id": str(uuid4()),
        "effective_on": DAY.isoformat(),
        "basis": BASIS,
        "creations": creations,
    }


async def _loaded(stage: Stage, admin: str, act: dict[str, Any]) -> float:
    async with stage.bus() as bus:
        began = time.perf_counter()
        answer = await bus.call("directory.reorganise", act, token=admin)
        assert answer["state"] == "applied", answer
        return (time.perf_counter() - began) * 1000


async def _asked(stage: Stage, questions: list[tuple[str, dict[str, Any]]], *tokens: str) -> list[Pace]:
    """In turns, so that a slow moment is everybody's; the first round is not counted."""
    taken: list[list[float]] = [[] for _ in tokens]
    async with stage.bus() as bus:
        for turn in range(TURNS + 1):
            for each, token in zip(taken, tokens, strict=True):
                began = time.perf_counter()
                for method, body in questions:
                    await bus.call(method, body, token=token)
                if turn:
                    each.append(time.perf_counter() - began)
    return [Pace(per_second=len(each) / sum(each), seconds=each, done=TURNS + 1) for each in taken]


def _known_everywhere(stage: Stage, ids: list[str]) -> None:
    """Until then the others' work on the new agencies would be measured with what is only read."""
    ends = time.monotonic() + 60
    for service in SERVICES:
        with stage.database(service) as connection:
            asked = "select count(*) from agency_nodes where id = any(%s::uuid[])"
            while (row := connection.execute(asked, (ids,)).fetchone()) != (len(ids),):
                assert time.monotonic() < ends, f"{service} knows {row} of {len(ids)}"
                time.sleep(0.05)
    with stage.database("directory") as connection:
        connection.execute("analyze agency_periods")


def _raw_load(stage: Stage, root: UUID) -> float:
    """Milliseconds, from the first statement until all is written; undone, so that the act finds it free."""
    entered = [(uuid4(), each) for each in units.communes(PROVINCE, DAY)]
    with stage.database("directory") as connection:
        connection.autocommit = False
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into agencies (id, version, changed_on) values (%s, 1, %s)",
                [(agency_id, DAY) for agency_id, _ in entered],
            )
            cursor.executemany(
                "insert into agency_periods (agency_id, valid_from, code, name, short_name, kind, parent_id,"
                " name_folded, search_folded) values (%s, %s, %s, %s, %s, 'commune', %s, %s, %s)",
                [(i, DAY, f"RAW.{u.code}", u.name, u.name, root, u.name, u.name) for i, u in entered],
            )
            cursor.executemany(
                "insert into agency_nodes (id, parent_id, code, name, short_name, kind, valid_from, version)"
                " values (%s, %s, %s, %s, %s, 'commune', %s, 1)",
                [(i, root, f"RAW.{u.code}", u.name, u.name, DAY) for i, u in entered],
            )
            cursor.executemany(
                "insert into agency_closure (ancestor_id, descendant_id, valid_from) values (%s, %s, %s)",
                [(above, i, DAY) for i, _ in entered for above in (i, root)],
            )
        taken = (time.perf_counter() - began) * 1000
        connection.rollback()
        return taken
