"""Lateness becomes a nonconformity, by a rule that is data, each overdue fact counted once."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from contracts.dossiers import DossierOverdue
from contracts.messages import text
from contracts.nonconformities import NonconformitySource, NonconformityState
from kernel.call import Reaction
from kernel.clock import VIETNAM
from kernel.data.unit_of_work import track
from services.audits import rules
from services.audits.domain.nonconformity import Nonconformity
from services.audits.handlers import nonconformities
from services.audits.rules import OverdueRule
from services.audits.tables import overdue_facts, overdue_groups

PER_DOSSIER = "dossier"


def note_overdue(call: Reaction, event: DossierOverdue) -> None:
    """Open a nonconformity for the group the fact belongs to, or count it into the open one."""
    rule = rules.overdue_rule(call.today())
    if rule is None or event.due_at.astimezone(VIETNAM).date() < rule.not_before:
        return
    if not _first_time(call, event):
        return
    key = _group(rule, event)
    # Facts of one group handled side by side would each open one of their own.
    call.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    nonconformity = _open_one(call, key)
    if nonconformity is not None:
        nonconformity.occur_again(repeats_until_action=rule.action_from)
        return
    entered = nonconformities.enter(
        call,
        agency_id=event.agency_id,
        source=NonconformitySource.OVERDUE,
        severity=rule.severity,
        description=_description(rule, event),
        clause="8.5",
        document_id=event.document_id,
    )
    keep = insert(overdue_groups).values(key=key, nonconformity_id=entered.id)
    replaced = {"nonconformity_id": entered.id}
    call.session.execute(keep.on_conflict_do_update(index_elements=["key"], set_=replaced))


def _first_time(call: Reaction, event: DossierOverdue) -> bool:
    """The same lateness told in another message (a rebuilt clock, a second sync) counts once."""
    key = f"{event.dossier_id}:{event.scope}:{event.step_seq}"
    claim = insert(overdue_facts).values(key=key).on_conflict_do_nothing().returning(overdue_facts.c.key)
    return call.session.scalar(claim) is not None


def _group(rule: OverdueRule, event: DossierOverdue) -> str:
    if rule.group == PER_DOSSIER:
        return f"{event.agency_id}:{event.dossier_id}"
    month = event.due_at.astimezone(VIETNAM).strftime("%Y-%m")
    return f"{event.agency_id}:{event.document_id}:{event.step_number or '*'}:{month}"


def _open_one(call: Reaction, key: str) -> Nonconformity | None:
    """The group's nonconformity while it is open."""
    held = call.session.scalar(select(overdue_groups.c.nonconformity_id).where(overdue_groups.c.key == key))
    found = call.session.get(Nonconformity, held, with_for_update=True) if held else None
    if found is None or found.state is NonconformityState.CLOSED:
        return None
    track(call.session, found)
    return found


def _description(rule: OverdueRule, event: DossierOverdue) -> str:
    facts = {"code": event.document_code, "title": event.title, "number": event.number}
    due = event.due_at.astimezone(VIETNAM)
    if rule.group == PER_DOSSIER:
        return text("overdue_dossier", due=f"{due:%H:%M %d/%m/%Y}", **facts).vi
    step = event.step_number or text("whole_procedure").vi
    return text("overdue_group", step=step, month=f"{due:%m/%Y}", **facts).vi
