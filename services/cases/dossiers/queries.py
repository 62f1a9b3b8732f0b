"""Answers about dossiers; builds no aggregate, and each list carries its visibility in the query."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, select

from contracts.cases import dossiers as c
from contracts.trail import TrailRowView
from kernel.base.clock import VIETNAM
from kernel.base.errors import NotFound
from kernel.data.paging import page
from kernel.trust.reach import Reach
from kernel.work import trail_reading as reading
from kernel.work.call import Call
from kernel.work.operations import query
from org.reach import among
from services.cases.clocks import calendars
from services.cases.clocks.domain import Clock, years
from services.cases.dossiers.domain.step import Step
from services.cases.dossiers.tables import dossiers, parties


def views(call: Call, ids: Iterable[UUID]) -> list[c.DossierView]:
    """Dossiers by id, without a reach: for answers to commands that were permitted."""
    wanted = select(dossiers).where(dossiers.c.id.in_(list(ids)))
    return _shown(call, call.session.execute(wanted).mappings())


@query(c.DossiersByIds)
def dossiers_by_ids(call: Call, question: c.DossiersByIds) -> list[c.DossierView]:
    """The dossiers among these that the caller may see."""
    wanted = select(dossiers).where(dossiers.c.id.in_(question.ids), visible(call.reach()))
    return _shown(call, call.session.execute(wanted).mappings())


@query(c.ListDossiers)
def list_dossiers(call: Call, question: c.ListDossiers) -> c.DossierPage:
    """A page of what the caller may see: the newest first, or the longest overdue."""
    listed, order = listing(call.reach(), question, call.now())
    rows, has_next, cursors = page(call.session, listed, order, question.first, question.after)
    items = _shown(call, [row._mapping for row in rows])
    return c.DossierPage(items=items, has_next=has_next, cursors=cursors)


@query(c.TrailOf)
def trail_of(call: Call, question: c.TrailOf) -> list[TrailRowView]:
    """The trail of a dossier, to those who work where one of its agencies is."""
    permitted = visible(call.reach_permitted())
    theirs = select(dossiers.c.id).where(dossiers.c.id == question.dossier_id, permitted)
    if call.session.scalar(theirs) is None:
        raise NotFound("dossier_not_found", "dossierId")
    return reading.trail_of(call, question.dossier_id, question.first)


def listing(reach: Reach, question: c.ListDossiers, now: datetime) -> tuple[Select[Any], Any]:
    """The list's query and order.

    Three plans: no filter for the whole province, one agency by its own index, some agencies by a look
    at each row's parties.
    """
    sole = _sole_agency(reach, question)
    source = dossiers if sole is None else parties
    listed = select(dossiers)
    if sole is not None:
        mine = and_(parties.c.dossier_id == dossiers.c.id, parties.c.agency_id == sole)
        listed = select(dossiers, parties.c.dossier_id).join(parties, mine)
    elif question.agency_id is not None:
        listed = listed.where(_has_party([question.agency_id]))
    if sole is None or sole not in reach:
        listed = listed.where(visible(reach))
    return _filtered(listed, source, question, now), _order(source, question)


def _sole_agency(reach: Reach, question: c.ListDossiers) -> UUID | None:
    """The one agency whose rows are read in the order of its own index."""
    if question.agency_id is not None:
        return question.agency_id
    return reach.agency_ids[0] if not reach.everything and len(reach.agency_ids) == 1 else None


def visible(reach: Reach) -> ColumnElement[bool]:
    """Dossiers with a party among the agencies reached."""
    return dossiers.c.id.is_not(None) if reach.everything else _has_party(reach.agency_ids)


def _has_party(agencies: Iterable[UUID]) -> ColumnElement[bool]:
    theirs = parties.alias("theirs")
    mine = among(theirs.c.agency_id, agencies)
    return select(theirs.c.dossier_id).where(theirs.c.dossier_id == dossiers.c.id, mine).exists()


def _filtered(listed: Select[Any], source: Table, question: c.ListDossiers, now: datetime) -> Select[Any]:
    if question.status is not None:
        listed = listed.where(source.c.status == question.status)
    if question.document_id is not None:
        listed = listed.where(source.c.document_id == question.document_id)
    if question.overdue_only:
        listed = listed.where(source.c.is_open, source.c.due_at < now)
    return listed


def _order(source: Table, question: c.ListDossiers) -> Any:
    """By the columns of the index that is read; the cursor's names are those of the dossier."""
    last = source.c.id if source is dossiers else source.c.dossier_id
    if question.overdue_only:
        return [(source.c.due_at, "asc"), (last, "asc")]
    return [(source.c.received_at, "desc"), (last, "desc")]


_SAME = (
    *("id", "version", "number", "kind", "status", "agency_id", "competent_agency_id", "document_id"),
    *("revision_id", "revision_number", "document_code", "title", "tthc_code", "received_at", "due_at"),
    *("step_seq", "is_synced", "calendar_version", "brought_by_id", "brought_by_client_id"),
)


def _shown(call: Call, rows: Iterable[Any]) -> list[c.DossierView]:
    workplaces, now = call.reach_of("applicant"), call.now()
    return [_view(call, row, workplaces, now) for row in rows]


def _view(call: Call, row: Any, workplaces: Reach, now: datetime) -> c.DossierView:
    steps: tuple[Step, ...] = row["steps"]
    current = steps[row["step_seq"] - 1] if row["step_seq"] else None
    ended, due = row["ended_at"], row["due_at"]
    counting = calendars.counting(call, row["rules_on"], row["calendar_version"])
    holder = current.agency_id if current else row["competent_agency_id"]
    return c.DossierView(
        **{name: row[name] for name in _SAME},
        received_agency_id=row["received_agency_id"] or row["agency_id"],
        supporting_agency_ids=row["supporting"],
        coordinating_agency_ids=row["coordinating"],
        applicant_name=row["applicant_name"] if _may_know(row, workplaces) else None,
        finished_at=ended,
        outcome=outcome(row),
        is_overdue=row["is_overdue"] or (row["is_open"] and due is not None and due < now),
        holder_agency_id=row["continued"].get(holder, holder),
        officer_id=current.officer_id if current else None,
        holder_position_id=current.position_id if current else None,
        steps=[_step(step, row["step_clocks"]) for step in steps],
        pauses=[
            c.PauseView(
                reason=each.reason, note=each.note, paused_at=each.paused_at, resumed_at=each.resumed_at
            )
            for each in row["pauses"]
        ],
        unconfirmed_years=years(counting, row["received_at"], due or now),
    )


def _may_know(row: Any, workplaces: Reach) -> bool:
    """Who applied is the business of those who work on it where it is dealt with."""
    at = {row["agency_id"], row["competent_agency_id"], *(step.agency_id for step in row["steps"])}
    now = {row["continued"].get(each, each) for each in at}
    return workplaces.everything or not now.isdisjoint(workplaces.agency_ids)


_OF_STEP = (
    *("seq", "number", "content", "responsible", "block", "agency_id", "status", "clock_seq"),
    *("returns_to", "handed_over_at", "acknowledged_at", "officer_id", "position_id", "done_at"),
)


def _step(step: Step, clocks: tuple[Clock, ...]) -> c.DossierStepView:
    clock = next((each for each in clocks if each.seq == step.clock_seq), None)
    return c.DossierStepView(
        **{name: getattr(step, name) for name in _OF_STEP},
        due_at=clock.due_at if clock else None,
        is_overdue=clock.told_overdue if clock else False,
    )


def outcome(row: Any) -> c.Outcome | None:
    """Before the day it was due, by the due moment, or after; nothing due is never late."""
    ended, due = row["ended_at"], row["due_at"]
    if row["status"] is not c.DossierStatus.FINISHED:
        return None
    if due is None:
        return c.Outcome.ON_TIME
    if ended > due:
        return c.Outcome.LATE
    is_before = ended.astimezone(VIETNAM).date() < due.astimezone(VIETNAM).date()
    return c.Outcome.EARLY if is_before else c.Outcome.ON_TIME
