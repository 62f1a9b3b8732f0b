"""What of quality passes to a successor: actions, decisions, audits where the giver holds nothing else."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from contracts.audits.nonconformities import ActionState
from contracts.audits.programmes import AuditState
from contracts.audits.reviews import TaskState
from contracts.directory.events import PositionHandedOver
from contracts.duties import DutyKind, DutySubject, HandedThing
from kernel.work.call import Reaction
from kernel.work.operations import on
from org import succession
from services.audits.minutes import reactions as minutes
from services.audits.nonconformities.domain import Nonconformity
from services.audits.nonconformities.tables import corrective_actions, nonconformities
from services.audits.programmes.domain import Audit
from services.audits.programmes.tables import audits
from services.audits.register.repository import Register
from services.audits.reviews.domain import Review
from services.audits.reviews.tables import review_tasks, reviews


@on(PositionHandedOver)
def pass_on(call: Reaction, event: PositionHandedOver) -> None:
    """Pass them on, and note which for the minute.

    Actions and decisions are given to a person of an agency: those of the giver's agency pass. An audit team
    is made of people, whatever they hold: it changes where the giver holds no other position.
    """
    line = _line(call, event)
    things = [*_actions(call, event, line), *_tasks(call, event, line)]
    if event.gave_up_all:
        things += _audits(call, event)
    minutes.enter(call, event)
    minutes.note_report(call, "audits", event.hand_over_id, things)


def _actions(call: Reaction, event: PositionHandedOver, line: list[UUID]) -> Iterator[HandedThing]:
    mine = select(corrective_actions.c.nonconformity_id).where(
        corrective_actions.c.owner_id == event.giver_id,
        corrective_actions.c.state == ActionState.PLANNED,
    )
    entry = nonconformities.c
    wanted = select(Nonconformity).where(entry.id.in_(mine), entry.agency_id.in_(line))
    for found in Register(call).all_of(wanted.order_by(entry.number, entry.id)):
        for action in found.pass_on(event.giver_id, event.receiver_id):
            yield _thing(
                DutyKind.ACTION, DutySubject.NONCONFORMITY, found.id, found.number, action.description
            )


def _tasks(call: Reaction, event: PositionHandedOver, line: list[UUID]) -> Iterator[HandedThing]:
    task = review_tasks.c
    mine = select(task.review_id).where(task.owner_id == event.giver_id, task.state == TaskState.OPEN)
    wanted = select(Review).where(reviews.c.id.in_(mine), reviews.c.agency_id.in_(line))
    for found in Register(call).all_of(wanted.order_by(reviews.c.held_on, reviews.c.id)):
        for each in found.pass_on(event.giver_id, event.receiver_id):
            yield _thing(DutyKind.TASK, DutySubject.REVIEW, found.id, "", each.decision)


def _audits(call: Reaction, event: PositionHandedOver) -> Iterator[HandedThing]:
    of_team = (audits.c.lead_auditor_id == event.giver_id) | audits.c.auditor_ids.contains([event.giver_id])
    wanted = select(Audit).where(audits.c.state != AuditState.REPORTED, of_team)
    for found in Register(call).all_of(wanted.order_by(audits.c.planned_from, audits.c.id)):
        staff = Register(call).staff_of(found.agency_id, found.planned_from, found.planned_to)
        if event.receiver_id in staff:
            continue  # nobody audits their own agency (9.2.2 c): its programme's keeper names another
        found.pass_on(event.giver_id, event.receiver_id)
        kind = DutyKind.AUDIT if found.state is AuditState.PLANNED else DutyKind.REPORT
        yield _thing(kind, DutySubject.AUDIT, found.id, "", found.title)


def _line(call: Reaction, event: PositionHandedOver) -> list[UUID]:
    """The agency and all it is one with by now: things may have followed already, or not yet."""
    heirs = succession.heirs(call.session)
    return heirs.lineage([heirs.now(event.agency_id)])


def _thing(kind: DutyKind, subject: DutySubject, id: UUID, code: str, title: str) -> HandedThing:
    return HandedThing(kind=kind, subject=subject, subject_id=id, code=code, title=title)
