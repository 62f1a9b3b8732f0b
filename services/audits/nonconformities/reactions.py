"""Lateness becomes a nonconformity, by a rule that is data, each overdue fact counted once."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.audits.nonconformities import NonconformitySource, NonconformityState
from contracts.cases.events import DossierOverdue
from contracts.messages import text
from kernel.base.clock import VIETNAM
from kernel.work.call import Reaction
from kernel.work.operations import on
from kernel.work.unit_of_work import track
from org import succession
from org.tables import agency_nodes
from services.audits import rules
from services.audits.nonconformities import handlers as register
from services.audits.nonconformities.domain import Nonconformity
from services.audits.nonconformities.tables import nonconformities, overdue_facts, overdue_groups
from services.audits.rules import OverdueRule

PER_DOSSIER = "dossier"


@on(DossierOverdue)
def note_overdue(call: Reaction, event: DossierOverdue) -> None:
    """Open a nonconformity for the group the fact belongs to, or count it into the open one."""
    rule = rules.overdue_rule(call.today())
    if rule is None or event.due_at.astimezone(VIETNAM).date() < rule.not_before:
        return
    if not _first_time(call, event):
        return
    heirs = succession.going_on(call.session, [event.agency_id])
    agency_id = heirs.get(event.agency_id, event.agency_id)
    key = _group(rule, event, agency_id)
    # Facts of one group handled side by side would each open one of their own.
    call.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    # What an agency has open that ended is its heir's now, and goes on.
    line = succession.lineage(call.session, [agency_id])
    nonconformity = _open_one(call, [_group(rule, event, each) for each in line])
    if nonconformity is not None:
        nonconformity.occur_again(repeats_until_action=rule.action_from)
        return
    entered = register.enter(
        call,
        agency_id=agency_id,
        source=NonconformitySource.OVERDUE,
        severity=rule.severity,
        description=_description(call, rule, event),
        clause="8.5",
        document_id=event.document_id,
    )
    keep = insert(overdue_groups).values(key=key, nonconformity_id=entered.id)
    replaced = {"nonconformity_id": entered.id}
    call.session.execute(keep.on_conflict_do_update(index_elements=["key"], set_=replaced))


def _first_time(call: Reaction, event: DossierOverdue) -> bool:
    """The same lateness in another message (a rebuilt clock, a second sync) counts once."""
    key = f"{event.dossier_id}:{event.scope}:{event.step_seq}"
    claim = insert(overdue_facts).values(key=key).on_conflict_do_nothing().returning(overdue_facts.c.key)
    return call.session.scalar(claim) is not None


def _group(rule: OverdueRule, event: DossierOverdue, agency_id: UUID) -> str:
    if rule.group == PER_DOSSIER:
        return f"{agency_id}:{event.dossier_id}"
    month = event.due_at.astimezone(VIETNAM).strftime("%Y-%m")
    group = f"{agency_id}:{event.document_id}:{event.step_number or '*'}:{month}"
    # What another agency brought is counted apart: its nonconformity names that agency.
    return group if event.brought_by_agency_id is None else f"{group}:{event.brought_by_agency_id}"


def _open_one(call: Reaction, keys: list[str]) -> Nonconformity | None:
    """The group's nonconformity while it is open."""
    held = select(overdue_groups.c.nonconformity_id).where(overdue_groups.c.key.in_(keys))
    is_open = nonconformities.c.state != NonconformityState.CLOSED
    open_one = select(Nonconformity).where(nonconformities.c.id.in_(held), is_open)
    oldest = open_one.order_by(nonconformities.c.raised_at, nonconformities.c.id).limit(1)
    found = call.session.scalar(oldest.with_for_update())
    if found is not None:
        track(call.session, found)
    return found


def _description(call: Reaction, rule: OverdueRule, event: DossierOverdue) -> str:
    facts = {"code": event.document_code, "title": event.title, "number": event.number}
    due = event.due_at.astimezone(VIETNAM)
    brought_by = _brought_by(call, event)
    if rule.group == PER_DOSSIER:
        return f"{text('overdue_dossier', due=f'{due:%H:%M %d/%m/%Y}', **facts).vi}{brought_by}"
    step = event.step_number or text("whole_procedure").vi
    return f"{text('overdue_group', step=step, month=f'{due:%m/%Y}', **facts).vi}{brought_by}"


def _brought_by(call: Reaction, event: DossierOverdue) -> str:
    """A sentence that names the agency whose word the lateness rests on, where it is another one's."""
    if event.brought_by_agency_id is None:
        return ""
    named = select(agency_nodes.c.name).where(agency_nodes.c.id == event.brought_by_agency_id)
    name = call.session.scalar(named) or str(event.brought_by_agency_id)
    return f" {text('overdue_brought_by', agency=name).vi}"
