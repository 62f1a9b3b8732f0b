"""Imports of people: loading them and their rows, and answering how they stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.directory import imports as c
from kernel.base import wire
from kernel.base.errors import NotFound
from kernel.data.paging import Order, page
from kernel.data.tables import jobs
from kernel.work.call import Call
from kernel.work.operations import query
from kernel.work.unit_of_work import track
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.imports.tables import import_rows, staff_imports

_JUDGED = text("""
  update import_rows set verdict = found.verdict, problems = found.problems, notes = found.notes
    from jsonb_to_recordset(cast(:found as jsonb))
      as found(line integer, verdict text, problems jsonb, notes jsonb)
   where import_rows.import_id = :import_id and import_rows.line = found.line
""")


class ImportRepository:
    """Imports, for writing."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, batch: StaffImport) -> None:
        self.session.add(batch)
        track(self.session, batch, is_new=True)

    def get(self, import_id: UUID) -> StaffImport:
        """Locked: what is sent, judged and applied is so one after the other."""
        batch = self.session.get(StaffImport, import_id, with_for_update=True, populate_existing=True)
        if batch is None:
            raise NotFound("import_not_found", "importId")
        track(self.session, batch)
        return batch

    def keep(self, rows: Iterable[dict[str, Any]]) -> None:
        """A line sent again takes the place of what was sent before."""
        new = insert(import_rows)
        key = ["import_id", "line"]
        changed = {
            col.name: new.excluded[col.name] for col in import_rows.c if col.name not in (*key, "verdict")
        }
        self.session.execute(new.on_conflict_do_update(index_elements=key, set_=changed), list(rows))

    def received(self, import_id: UUID) -> int:
        counted = select(func.count()).where(import_rows.c.import_id == import_id)
        return self.session.scalar(counted) or 0

    def stretch(self, import_id: UUID, after: str | None, people: int) -> Sequence[Any]:
        """All rows of the next so many staff numbers: a person is judged as a whole."""
        rows = import_rows.c
        mine = rows.import_id == import_id
        numbers = select(rows.staff_number).where(mine).distinct().order_by(rows.staff_number).limit(people)
        if after is not None:
            numbers = numbers.where(rows.staff_number > after)
        wanted = select(import_rows).where(mine, rows.staff_number.in_(numbers))
        return self.session.execute(wanted.order_by(rows.staff_number, rows.line)).all()

    def judge(self, import_id: UUID, verdicts: Sequence[dict[str, Any]]) -> None:
        """What was found of each row, in one statement for all."""
        given = {"import_id": import_id, "found": wire.encode(verdicts).decode()}
        self.session.execute(_JUDGED, given)

    def counts(self, import_id: UUID) -> dict[str, int]:
        rows = import_rows.c
        counted = select(rows.verdict, func.count()).where(rows.import_id == import_id).group_by(rows.verdict)
        return {str(verdict): count for verdict, count in self.session.execute(counted).tuples()}


@query(c.PeopleImport)
def people_import(call: Call, question: c.PeopleImport) -> c.PeopleImportView:
    """How the caller's import stands."""
    return view(call.session, _mine(call, question.import_id))


@query(c.ListImportedRows)
def list_imported_rows(call: Call, question: c.ListImportedRows) -> c.ImportedRowPage:
    """By line."""
    _mine(call, question.import_id)
    rows = import_rows.c
    wanted: Select[Any] = select(import_rows).where(rows.import_id == question.import_id)
    if question.verdict is not None:
        wanted = wanted.where(rows.verdict == question.verdict.value)
    order: Order = [(rows.line, "asc")]
    found, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.ImportedRowPage(items=[_row(row) for row in found], has_next=has_next, cursors=cursors)


def view(session: Session, batch: Any) -> c.PeopleImportView:
    """An import with how far its job is."""
    job = session.execute(select(jobs).where(jobs.c.id == batch.job_id)).first() if batch.job_id else None
    failure = batch.failure or {}
    said = failure.get("message", {})
    same = ("id", "file_name", "state", "rows", "creating", "amending", "unchanged", "bad")
    return c.PeopleImportView(
        **{name: getattr(batch, name) for name in same},
        received=ImportRepository(session).received(batch.id),
        done=job.done if job else 0,
        failure=said.get("vi"),
        failure_en=said.get("en"),
        failed_line=failure.get("line"),
        is_stopped=job is not None and is_stopped(job.state),
        requested_at=batch.requested_at,
        applied_at=batch.applied_at,
        version=batch.version,
    )


def forget_rows(session: Session, before: datetime, limit: int) -> int:
    """Delete a batch of rows of imports asked for before that moment; what an import did is in the trail.

    One that could still be applied is marked first: who asks for it afterwards is refused, and no part of it
    passes for the whole.
    """
    _mark_forgotten(session, before, limit)
    rows, kept = import_rows.c, staff_imports.c
    over = (c.ImportState.APPLIED, c.ImportState.FORGOTTEN)
    old = select(kept.id).where(kept.requested_at < before, kept.state.in_(over))
    some = select(rows.import_id, rows.line).where(rows.import_id.in_(old)).limit(limit)
    gone = import_rows.delete().where(tuple_(rows.import_id, rows.line).in_(some)).returning(rows.line)
    return len(session.scalars(gone).all())


def _mark_forgotten(session: Session, before: datetime, limit: int) -> None:
    """Mark imports that nobody works at: a job that waits or runs keeps the rows it is to read."""
    kept = staff_imports.c
    at_work = select(jobs.c.id).where(jobs.c.id == kept.job_id, jobs.c.state.in_(("queued", "running")))
    old = (
        select(StaffImport)
        .where(
            kept.requested_at < before,
            kept.state.not_in((c.ImportState.APPLIED, c.ImportState.FORGOTTEN)),
            ~at_work.exists(),
        )
        .order_by(kept.requested_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    for batch in session.scalars(old):
        track(session, batch)
        batch.forget()
    session.flush()


def is_stopped(state: str) -> bool:
    """Whether a job will not go on by itself."""
    return state in ("failed", "cancelled")


def job_state(session: Session, job_id: UUID | None) -> str | None:
    return session.scalar(select(jobs.c.state).where(jobs.c.id == job_id)) if job_id else None


def _mine(call: Call, import_id: UUID) -> Any:
    batch = call.session.execute(select(staff_imports).where(staff_imports.c.id == import_id)).first()
    if batch is None or batch.requested_by != call.actor.person_id:
        raise NotFound("import_not_found", "importId")
    return batch


def _row(row: Any) -> c.ImportedRowView:
    return c.ImportedRowView(
        line=row.line,
        staff_number=row.staff_number,
        full_name=row.facts["full_name"],
        verdict=c.RowVerdict(row.verdict) if row.verdict else None,
        problems=[c.RowRemark(**each) for each in row.problems],
        notes=[c.RowRemark(**each) for each in row.notes],
    )
