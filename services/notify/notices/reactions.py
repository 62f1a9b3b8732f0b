"""Reacts to others' events: finds out whom the rules mean and notifies them."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from contracts.audits.events import (
    ActionAssigned,
    AuditPlanned,
    AuditReported,
    FindingRecorded,
    NonconformityChanged,
    ReviewConcluded,
    TaskAssigned,
)
from contracts.base import Event
from contracts.cases.events import DossierFinished, DossierNearing, DossierOverdue
from contracts.directory.events import (
    ClientApprovalDue,
    DeclarationDue,
    PersonRecordChanged,
    PositionHandedOver,
    PositionLeft,
)
from contracts.documents.events import (
    RevisionApproved,
    RevisionIssued,
    RevisionReturned,
    RevisionReviewed,
    RevisionSubmitted,
)
from kernel.work.call import Reaction
from kernel.work.operations import on
from org import succession
from org.tables import agency_nodes
from services.notify.learnt.tables import people
from services.notify.notices.audience import people_meant
from services.notify.notices.domain import NOTHING, Channel, Rule, audience, facts, words
from services.notify.notices.posting import Posting, post
from services.notify.resources import Resources


@on(ClientApprovalDue, name="tell_client")
@on(RevisionSubmitted, name="tell_submitted")
@on(RevisionReviewed, name="tell_reviewed")
@on(RevisionReturned, name="tell_returned")
@on(RevisionApproved, name="tell_approved")
@on(RevisionIssued, name="tell_issued")
@on(DossierNearing, name="tell_near")
@on(DossierOverdue, name="tell_overdue")
@on(DossierFinished, name="tell_finished")
@on(NonconformityChanged, name="tell_nonconformity")
@on(ActionAssigned, name="tell_action")
@on(AuditPlanned, name="tell_audit")
@on(FindingRecorded, name="tell_finding")
@on(AuditReported, name="tell_report")
@on(TaskAssigned, name="tell_task")
@on(ReviewConcluded, name="tell_conclusion")
@on(PositionHandedOver, name="tell_successor")
@on(PositionLeft, name="tell_leaving")
@on(PersonRecordChanged, name="tell_record")
@on(DeclarationDue, name="tell_declaration")
def notify(call: Reaction, event: Event) -> None:
    """Notify everybody whom today's rules mean, each at most once for one event."""
    resources: Resources = call.resources
    notified: list[UUID] = []
    for rule in (each for each in resources.rules.of(event.topic, call.today()) if each.fits(event)):
        whom = audience(rule, event)
        whom = whom.going_to(succession.going_on(call.session, whom.agencies))
        meant = people_meant(call.session, whom, call.today(), notified)
        posting = _posting(call, rule, event)
        if len(meant) > resources.rules.letters_at_most:
            posting = replace(posting, channels=tuple(c for c in posting.channels if c is not Channel.EMAIL))
        post(call, posting, meant)
        notified += meant
        _leave_trail(call, rule, posting, event, len(meant))


def _posting(call: Reaction, rule: Rule, event: Event) -> Posting:
    known = facts(
        event,
        who=_name_of(call, getattr(event, rule.who)) if rule.who else NOTHING,
        agency=_agency_name(call, getattr(event, rule.agency)),
    )
    return Posting(
        kind=rule.kind,
        subject=words(rule.kind, "subject", known),
        body=words(rule.kind, "body", known),
        about_id=getattr(event, rule.about),
        about_type=rule.about_type,
        channels=rule.channels,
        addresses=tuple(dict.fromkeys(filter(None, (getattr(event, name) for name in rule.addresses)))),
    )


def _name_of(call: Reaction, person_id: UUID) -> str:
    """A name not heard of yet does not hold the notice up."""
    name = call.session.scalar(select(people.c.full_name).where(people.c.id == person_id))
    return name or NOTHING


def _agency_name(call: Reaction, agency_id: UUID) -> str:
    name = call.session.scalar(select(agency_nodes.c.name).where(agency_nodes.c.id == agency_id))
    return name or NOTHING


def _leave_trail(call: Reaction, rule: Rule, posting: Posting, event: Event, notified: int) -> None:
    if notified:
        call.leave_trail(
            subject_type="Notice",
            subject_id=getattr(event, rule.about),
            agency_id=getattr(event, rule.agency),
            after={"kind": rule.kind, "told": notified, "channels": list(posting.channels)},
        )
