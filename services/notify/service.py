"""What notify answers to and reacts to on the bus."""

from contracts.audits import events as audits
from contracts.cases import events as dossiers
from contracts.directory import events as clients
from contracts.directory.events import AgenciesReorganised, DelegationChanged, GrantChanged
from contracts.documents import events as documents
from contracts.notify import deliveries
from contracts.notify import notices as c
from contracts.notify.digests import DigestPage, ListDigests
from kernel.bus.rpc import command, query
from kernel.bus.subscription import on
from kernel.call import Call, Reaction
from kernel.service import Backlog, HeedingService, Projection, Sweep
from kernel.trust import visibility
from services.notify import digests, handlers, projections, queries, reactions, sweeps, tools
from services.notify.policy import POLICY
from services.notify.settings import NotifySettings


class NotifyService(HeedingService):
    """Notices inside the system, the e-mails sent for them, and the daily digests."""

    name = "notify"
    policy = POLICY
    settings = NotifySettings
    equip = staticmethod(tools.equip)
    backlogs = (
        Backlog(
            name="mail",
            due="""select count(*), min(next_attempt_at) from deliveries
                    where state in ('queued', 'retrying') and next_attempt_at <= :now""",
        ),
        Backlog(
            name="mail_being_sent",
            due="""select count(*), min(queued_at) from deliveries
                    where state = 'sending' and queued_at <= :now""",
        ),
    )
    projections = (
        Projection(tables=visibility.TREE, reactions=("learn_agency",)),
        Projection(tables=visibility.SUCCESSIONS, reactions=("learn_successions",)),
        Projection(tables=("people",), reactions=("learn_person",)),
        Projection(tables=("positions", "position_roles"), reactions=("learn_position",)),
        Projection(tables=("capacities", "capacity_roles"), reactions=("learn_grant", "learn_delegation")),
    )
    sweeps = (
        Sweep(name="send_mail", every=1.0, run=sweeps.send_mail),
        Sweep(name="make_digests", every=2.0, run=digests.make_digests),
    )

    @query(c.ListNotices)
    def list_notices(self, call: Call, question: c.ListNotices) -> c.NoticePage:
        return queries.list_notices(call, question)

    @query(deliveries.DeliveriesOf)
    def deliveries_of(self, call: Call, question: deliveries.DeliveriesOf) -> list[deliveries.DeliveryView]:
        return queries.deliveries_of(call, question)

    @query(ListDigests)
    def list_digests(self, call: Call, question: ListDigests) -> DigestPage:
        return queries.list_digests(call, question)

    @command(c.MarkNoticesRead)
    def mark_notices_read(self, call: Call, command: c.MarkNoticesRead) -> c.NoticesRead:
        return handlers.mark_notices_read(call, command)

    @on(clients.AgencyChanged)
    def learn_agency(self, call: Reaction, event: clients.AgencyChanged) -> None:
        visibility.learn_agency(call.session, event, call.envelope.version)

    @on(AgenciesReorganised)
    def learn_successions(self, call: Reaction, event: AgenciesReorganised) -> None:
        visibility.learn_successions(call.session, event)

    @on(clients.PersonChanged)
    def learn_person(self, call: Reaction, event: clients.PersonChanged) -> None:
        projections.learn_person(call.session, event, call.envelope.version)

    @on(clients.PositionChanged)
    def learn_position(self, call: Reaction, event: clients.PositionChanged) -> None:
        projections.learn_position(call.session, event, call.envelope.version)

    @on(GrantChanged)
    def learn_grant(self, call: Reaction, event: GrantChanged) -> None:
        projections.learn_grant(call.session, event, call.envelope.version)

    @on(DelegationChanged)
    def learn_delegation(self, call: Reaction, event: DelegationChanged) -> None:
        projections.learn_delegation(call.session, event, call.envelope.version)

    @on(clients.ClientApprovalDue)
    def tell_client(self, call: Reaction, event: clients.ClientApprovalDue) -> None:
        reactions.tell(call, event)

    @on(documents.RevisionSubmitted)
    def tell_submitted(self, call: Reaction, event: documents.RevisionSubmitted) -> None:
        reactions.tell(call, event)

    @on(documents.RevisionReviewed)
    def tell_reviewed(self, call: Reaction, event: documents.RevisionReviewed) -> None:
        reactions.tell(call, event)

    @on(documents.RevisionReturned)
    def tell_returned(self, call: Reaction, event: documents.RevisionReturned) -> None:
        reactions.tell(call, event)

    @on(documents.RevisionApproved)
    def tell_approved(self, call: Reaction, event: documents.RevisionApproved) -> None:
        reactions.tell(call, event)

    @on(documents.RevisionIssued)
    def tell_issued(self, call: Reaction, event: documents.RevisionIssued) -> None:
        reactions.tell(call, event)

    @on(dossiers.DossierNearing)
    def tell_near(self, call: Reaction, event: dossiers.DossierNearing) -> None:
        reactions.tell(call, event)

    @on(dossiers.DossierOverdue)
    def tell_overdue(self, call: Reaction, event: dossiers.DossierOverdue) -> None:
        reactions.tell(call, event)

    @on(dossiers.DossierFinished)
    def tell_finished(self, call: Reaction, event: dossiers.DossierFinished) -> None:
        reactions.tell(call, event)

    @on(audits.NonconformityChanged)
    def tell_nonconformity(self, call: Reaction, event: audits.NonconformityChanged) -> None:
        reactions.tell(call, event)

    @on(audits.ActionAssigned)
    def tell_action(self, call: Reaction, event: audits.ActionAssigned) -> None:
        reactions.tell(call, event)

    @on(audits.AuditPlanned)
    def tell_audit(self, call: Reaction, event: audits.AuditPlanned) -> None:
        reactions.tell(call, event)

    @on(audits.FindingRecorded)
    def tell_finding(self, call: Reaction, event: audits.FindingRecorded) -> None:
        reactions.tell(call, event)

    @on(audits.AuditReported)
    def tell_report(self, call: Reaction, event: audits.AuditReported) -> None:
        reactions.tell(call, event)

    @on(audits.TaskAssigned)
    def tell_task(self, call: Reaction, event: audits.TaskAssigned) -> None:
        reactions.tell(call, event)

    @on(audits.ReviewConcluded)
    def tell_conclusion(self, call: Reaction, event: audits.ReviewConcluded) -> None:
        reactions.tell(call, event)

    @on(clients.PositionHandedOver)
    def tell_successor(self, call: Reaction, event: clients.PositionHandedOver) -> None:
        reactions.tell(call, event)

    @on(clients.PositionLeft)
    def tell_leaving(self, call: Reaction, event: clients.PositionLeft) -> None:
        reactions.tell(call, event)

    @on(clients.PersonRecordChanged)
    def tell_record(self, call: Reaction, event: clients.PersonRecordChanged) -> None:
        reactions.tell(call, event)

    @on(clients.DeclarationDue)
    def tell_declaration(self, call: Reaction, event: clients.DeclarationDue) -> None:
        reactions.tell(call, event)
