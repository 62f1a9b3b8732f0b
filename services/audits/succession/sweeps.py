"""Registers follow an agency that ended to the one that goes on, some at a time; and what it holds now."""

from typing import Any

from sqlalchemy import Select, func, select

from contracts.audits.nonconformities import ActionState, NonconformityState
from contracts.audits.programmes import AuditState
from contracts.audits.reviews import ReviewState
from contracts.audits.succession import HeldByAgencies
from contracts.succession import HeldCount, HeldKind
from kernel.life.crash import crash_point
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from services.audits.minutes.domain import HandOverMinute
from services.audits.minutes.tables import minutes
from services.audits.nonconformities.domain import Nonconformity
from services.audits.nonconformities.tables import corrective_actions, nonconformities
from services.audits.programmes.domain import Audit, Programme
from services.audits.programmes.tables import audits, programmes
from services.audits.register.repository import Register
from services.audits.reviews.domain import Review
from services.audits.reviews.tables import reviews

BATCH = 50
KEPT: dict[type[Any], Any] = {
    Nonconformity: nonconformities,
    Programme: programmes,
    Audit: audits,
    Review: reviews,
    HandOverMinute: minutes,
}
DUE = succession.due(*(f"{table.name} k where k.agency_id = h.agency_id" for table in KEPT.values()))


def follow_agencies(call: Call) -> int:
    """Let the next things follow; how many. Those another process has at hand are left to it."""
    for kind, table in KEPT.items():
        ended = succession.still_with(call.session, table.c.agency_id)
        if ended is None:
            continue
        known = succession.heirs(call.session)
        found = Register(call).of_agency(kind, table.c.agency_id == ended, BATCH)
        for each in found:
            each.follow(known.final)
        succession.because(call, known, ended)
        crash_point("follow.before_commit")
        if found:
            return len(found)
    return 0


@query(HeldByAgencies)
def held_by_agencies(call: Call, question: HeldByAgencies) -> list[HeldCount]:
    """What stands in the registers of these agencies, and what of it is still to be done."""
    succession.expect_reached(call, question.agency_ids)
    is_open = nonconformities.c.state != NonconformityState.CLOSED
    actions = (
        _count(nonconformities, question)
        .join(corrective_actions, corrective_actions.c.nonconformity_id == nonconformities.c.id)
        .where(is_open, corrective_actions.c.state != ActionState.VERIFIED)
    )
    counted = {
        HeldKind.NONCONFORMITIES: _count(nonconformities, question),
        HeldKind.OPEN_NONCONFORMITIES: _count(nonconformities, question).where(is_open),
        HeldKind.OPEN_ACTIONS: actions,
        HeldKind.AUDITS_AHEAD: _count(audits, question).where(audits.c.state != AuditState.REPORTED),
        HeldKind.PROGRAMMES: _count(programmes, question),
        HeldKind.OPEN_REVIEWS: _count(reviews, question).where(reviews.c.state != ReviewState.CONCLUDED),
    }
    return [HeldCount(kind=kind, count=call.session.scalar(each) or 0) for kind, each in counted.items()]


def _count(table: Any, question: HeldByAgencies) -> Select[tuple[int]]:
    return select(func.count()).select_from(table).where(table.c.agency_id.in_(question.agency_ids))
