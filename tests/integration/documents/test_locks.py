"""Locks on files in force are extended in time, on a real store, also when one of the files is lost."""

from datetime import timedelta

from sqlalchemy import select, update

from kernel.base import clock
from kernel.data.tables import trail
from kernel.run.process import sweep_once
from services.documents.documents.tables import revisions
from services.documents.service import DocumentsService

TODAY = "2026-08-10"
[EXTEND] = [sweep for sweep in DocumentsService.sweeps if sweep.name == "extend_locks"]


def runs_out_soon(documents, document, **more):
    """As the store and the table stand three weeks after the issue."""
    with documents.database.sessions() as session:
        mine = update(revisions).where(revisions.c.document_id == document["id"])
        soon = clock.now() + timedelta(days=5)
        session.execute(mine.values(locked_until=soon, **more))
        row = session.execute(select(revisions).where(revisions.c.document_id == document["id"])).one()
        session.commit()
        return row


def test_a_lost_file_does_not_let_the_locks_of_others_run_out(documents, desk, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    lost = runs_out_soon(documents, desk.issued(TODAY), object_version="khong-con-nua")
    document = desk.issued(TODAY)
    kept = runs_out_soon(documents, document)
    assert lost.locked_until < kept.locked_until, "the lost one comes first"
    assert sweep_once(documents.means, EXTEND) == 1
    assert sweep_once(documents.means, EXTEND) == 0
    until = documents.means.store.locked_until(kept.object_key, kept.object_version)
    assert until is not None
    assert until > clock.now() + timedelta(days=20)
    with documents.database.sessions() as session:
        rows = session.execute(select(trail).where(trail.c.subject_id == document["id"])).mappings()
        [extended] = [row for row in rows if row["action"] == "documents:extend_locks"]
    assert (extended["subject_type"], extended["actor_kind"]) == ("Document", "system")
    assert set(extended["after"]) == {"revision.1.locked_until"}
