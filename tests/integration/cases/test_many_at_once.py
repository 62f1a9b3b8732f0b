"""Many at once: officers who act on one dossier together, sweeps side by side, and a large sync.

EISO_PROOF=1 makes the sync a hundred thousand lines, ten thousand of them malformed.
"""

import json
import os
from uuid import uuid4

import eventlet
import pytest

from contracts.cases.dossiers import HandOver
from services.cases.dossiers.tables import dossiers
from services.cases.statistics import queries as figures
from tests.integration.cases.conftest import TTHC

LINES = 100_000 if os.environ.get("EISO_PROOF") else 3_000


def test_of_many_who_hand_over_at_once_one_does(office):
    dossier = office.received()
    sent = [
        office.rpc.send(
            "cases.hand_over",
            HandOver(request_id=uuid4(), dossier_id=dossier["id"], expected_version=1, step=1),
            token=office.officer(),
        )
        for _ in range(6)
    ]
    answers = [office.rpc.arrived()[1] for _ in sent]
    assert sum("ok" in each for each in answers) == 1
    assert {each["refused"]["code"] for each in answers if "refused" in each} == {"changed_meanwhile"}


def test_sweeps_side_by_side_publish_everything_once(office, business_clock):
    business_clock("2026-08-10T07:30+07:00")
    for _ in range(12):
        office.received()
    business_clock("2026-10-01T08:00+07:00")
    turns = [eventlet.spawn(office.sweep) for _ in range(4)]
    done = [each.wait() for each in turns]
    while office.sweep():
        pass
    assert sum(done) <= 12
    assert len([e for e in office.published("dossier_overdue") if e["scope"] == "dossier"]) == 12
    with office.database.sessions() as session:
        assert figures.kept(session) == +figures.rebuilt(session)


@pytest.mark.proof
def test_the_bad_lines_of_a_large_sync_are_named_and_the_good_ones_taken(
    office, business_clock, record_property
):
    record_property("lines", LINES)
    business_clock("2026-08-20T09:00+07:00")
    created = refused = 0
    for start in range(0, LINES, 1000):
        report = office.sync(*(_line(n) for n in range(start, start + 1000)))
        created, refused = created + report["created"], refused + report["refused"]
        lines = [each["line"] for each in report["verdicts"] if each["verdict"] == "refused"]
        assert lines == list(range(1, 1001, 10))
    assert (created, refused) == (LINES * 9 // 10, LINES // 10)
    assert office.count(dossiers) == created


def _line(n: int) -> str:
    if n % 10 == 0:
        return '{"number": "hỏng'
    record = {
        "number": f"HS-{n}",
        "tthc_code": TTHC,
        "changed_at": "2026-08-19T09:00:00+07:00",
        "received_at": f"2026-0{1 + n % 8}-05T08:00:00+07:00",
        "status": "finished" if n % 3 else "processing",
    }
    if n % 3:
        record["finished_at"] = f"2026-0{1 + n % 8}-{10 + n % 10}T09:00:00+07:00"
    return json.dumps(record)
