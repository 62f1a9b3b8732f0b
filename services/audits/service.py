"""What audits answer to and react to on the bus."""

from contracts.audits import minutes as m
from contracts.audits import nonconformities as n
from contracts.audits import programmes as a
from contracts.audits import reviews as r
from contracts.audits import statistics, succession
from contracts.audits.duties import QualityDuties
from contracts.cases import events as dossiers
from contracts.cases.events import DossiersHandedOver
from contracts.directory.events import (
    AgenciesReorganised,
    AgencyChanged,
    GrantChanged,
    PositionChanged,
    PositionHandedOver,
)
from contracts.documents.events import DocumentsHandedOver, RevisionIssued
from contracts.duties import DutyList
from contracts.succession import HeldCount
from contracts.trail import TrailRowView
from kernel.bus.rpc import command, query
from kernel.bus.subscription import on
from kernel.call import Call, Reaction
from kernel.errors import Conflict
from kernel.service import AgencyFigure, Backlog, HeedingService, Projection, Sweep
from kernel.trust import visibility
from services.audits import duties, figures, following, minutes, projections, queries, reactions
from services.audits.handlers import audits, passing
from services.audits.handlers import nonconformities as register
from services.audits.handlers import reviews as reviewing
from services.audits.policy import POLICY


class AuditsService(HeedingService):
    """Nonconformities, audits and management reviews."""

    name = "audits"
    policy = POLICY
    behind = True
    agency_figures = (
        AgencyFigure(
            name="nonconformities_open",
            counted="""select agency_id, count(*) from nonconformities
                        where state <> 'closed' group by agency_id""",
        ),
    )
    objects = staticmethod(minutes.objects)
    sweeps = (
        Sweep(name="write_minutes", every=2.0, run=minutes.write_minute),
        Sweep(name="follow_agencies", every=2.0, run=following.follow_agencies),
    )
    backlogs = (
        Backlog(
            name="minutes_due",
            due="""select count(*), min((told ->> 'handed_over_at')::timestamptz) from minutes
                    where file is null""",
            in_business_time=True,
        ),
        Backlog(name="following", due=following.DUE),
    )
    projections = (
        Projection(tables=visibility.TREE, reactions=("learn_agency",)),
        Projection(tables=visibility.SUCCESSIONS, reactions=("learn_successions",)),
        Projection(tables=("positions",), reactions=("learn_position",)),
        Projection(tables=("capacities",), reactions=("learn_grant",)),
        Projection(tables=("procedures",), reactions=("learn_procedure",)),
        Projection(tables=("dossiers",), reactions=("learn_dossier", "follow_dossier")),
    )
    constraints = {
        "programmes_once_a_year": lambda: Conflict("programme_exists", "year"),
        "overdue_groups_pkey": lambda: Conflict("changed_meanwhile"),
    }

    @query(QualityDuties)
    def quality_duties(self, call: Call, question: QualityDuties) -> DutyList:
        return duties.quality_duties(call, question)

    @query(m.MinutesByIds)
    def minutes_by_ids(self, call: Call, question: m.MinutesByIds) -> list[m.MinuteView]:
        return minutes.minutes_by_ids(call, question)

    @query(m.DownloadMinute)
    def download_minute(self, call: Call, question: m.DownloadMinute) -> m.MinuteLink:
        return minutes.download_minute(call, question)

    @query(a.TrailOf)
    def trail_of(self, call: Call, question: a.TrailOf) -> list[TrailRowView]:
        return queries.trail_of(call, question)

    @query(n.NonconformitiesByIds)
    def nonconformities_by_ids(
        self, call: Call, question: n.NonconformitiesByIds
    ) -> list[n.NonconformityView]:
        return queries.nonconformities_by_ids(call, question)

    @query(n.ListNonconformities)
    def list_nonconformities(self, call: Call, question: n.ListNonconformities) -> n.NonconformityPage:
        return queries.list_nonconformities(call, question)

    @query(a.ProgrammesOf)
    def programmes_of(self, call: Call, question: a.ProgrammesOf) -> list[a.ProgrammeView]:
        return queries.programmes_of(call, question)

    @query(a.AuditsByIds)
    def audits_by_ids(self, call: Call, question: a.AuditsByIds) -> list[a.AuditView]:
        return queries.audits_by_ids(call, question)

    @query(a.ListAudits)
    def list_audits(self, call: Call, question: a.ListAudits) -> a.AuditPage:
        return queries.list_audits(call, question)

    @query(r.ReviewsByIds)
    def reviews_by_ids(self, call: Call, question: r.ReviewsByIds) -> list[r.ReviewView]:
        return queries.reviews_by_ids(call, question)

    @query(r.ListReviews)
    def list_reviews(self, call: Call, question: r.ListReviews) -> r.ReviewPage:
        return queries.list_reviews(call, question)

    @query(statistics.QualityFiguresOf)
    def quality_figures_of(
        self, call: Call, question: statistics.QualityFiguresOf
    ) -> list[statistics.QualityFigures]:
        return figures.quality_figures_of(call, question)

    @query(succession.HeldByAgencies)
    def held_by_agencies(self, call: Call, question: succession.HeldByAgencies) -> list[HeldCount]:
        return following.held_by_agencies(call, question)

    @query(a.Frameworks)
    def frameworks(self, call: Call, question: a.Frameworks) -> list[a.FrameworkView]:
        return queries.frameworks(call, question)

    @command(n.RaiseNonconformity)
    def raise_nonconformity(self, call: Call, command: n.RaiseNonconformity) -> n.NonconformityView:
        return register.raise_nonconformity(call, command)

    @command(n.RecordCorrection)
    def record_correction(self, call: Call, command: n.RecordCorrection) -> n.NonconformityView:
        return register.record_correction(call, command)

    @command(n.RecordCause)
    def record_cause(self, call: Call, command: n.RecordCause) -> n.NonconformityView:
        return register.record_cause(call, command)

    @command(n.PlanAction)
    def plan_action(self, call: Call, command: n.PlanAction) -> n.NonconformityView:
        return register.plan_action(call, command)

    @command(n.CompleteAction)
    def complete_action(self, call: Call, command: n.CompleteAction) -> n.NonconformityView:
        return register.complete_action(call, command)

    @command(n.VerifyAction)
    def verify_action(self, call: Call, command: n.VerifyAction) -> n.NonconformityView:
        return register.verify_action(call, command)

    @command(n.CloseNonconformity)
    def close_nonconformity(self, call: Call, command: n.CloseNonconformity) -> n.NonconformityView:
        return register.close_nonconformity(call, command)

    @command(a.CreateProgramme)
    def create_programme(self, call: Call, command: a.CreateProgramme) -> a.ProgrammeView:
        return audits.create_programme(call, command)

    @command(a.ApproveProgramme)
    def approve_programme(self, call: Call, command: a.ApproveProgramme) -> a.ProgrammeView:
        return audits.approve_programme(call, command)

    @command(a.PlanAudit)
    def plan_audit(self, call: Call, command: a.PlanAudit) -> a.AuditView:
        return audits.plan_audit(call, command)

    @command(a.StartAudit)
    def start_audit(self, call: Call, command: a.StartAudit) -> a.AuditView:
        return audits.start_audit(call, command)

    @command(a.RecordFinding)
    def record_finding(self, call: Call, command: a.RecordFinding) -> a.AuditView:
        return audits.record_finding(call, command)

    @command(a.RaiseFromFinding)
    def raise_from_finding(self, call: Call, command: a.RaiseFromFinding) -> a.AuditView:
        return audits.raise_from_finding(call, command)

    @command(a.ReportAudit)
    def report_audit(self, call: Call, command: a.ReportAudit) -> a.AuditView:
        return audits.report_audit(call, command)

    @command(r.PlanReview)
    def plan_review(self, call: Call, command: r.PlanReview) -> r.ReviewView:
        return reviewing.plan_review(call, command)

    @command(r.FreezeInputs)
    def freeze_inputs(self, call: Call, command: r.FreezeInputs) -> r.ReviewView:
        return reviewing.freeze_inputs(call, command)

    @command(r.RecordDecision)
    def record_decision(self, call: Call, command: r.RecordDecision) -> r.ReviewView:
        return reviewing.record_decision(call, command)

    @command(r.CompleteTask)
    def complete_task(self, call: Call, command: r.CompleteTask) -> r.ReviewView:
        return reviewing.complete_task(call, command)

    @command(r.ConcludeReview)
    def conclude_review(self, call: Call, command: r.ConcludeReview) -> r.ReviewView:
        return reviewing.conclude_review(call, command)

    @on(PositionHandedOver)
    def pass_on(self, call: Reaction, event: PositionHandedOver) -> None:
        passing.pass_on(call, event)

    @on(DocumentsHandedOver)
    def note_documents(self, call: Reaction, event: DocumentsHandedOver) -> None:
        minutes.note_report(call, "documents", event.hand_over_id, event.things)

    @on(DossiersHandedOver)
    def note_dossiers(self, call: Reaction, event: DossiersHandedOver) -> None:
        minutes.note_report(call, "cases", event.hand_over_id, event.things)

    @on(AgencyChanged)
    def learn_agency(self, call: Reaction, event: AgencyChanged) -> None:
        visibility.learn_agency(call.session, event, call.envelope.version)

    @on(AgenciesReorganised)
    def learn_successions(self, call: Reaction, event: AgenciesReorganised) -> None:
        visibility.learn_successions(call.session, event)

    @on(PositionChanged)
    def learn_position(self, call: Reaction, event: PositionChanged) -> None:
        projections.learn_position(call.session, event, call.envelope.version)

    @on(GrantChanged)
    def learn_grant(self, call: Reaction, event: GrantChanged) -> None:
        projections.learn_grant(call.session, event, call.envelope.version)

    @on(RevisionIssued)
    def learn_procedure(self, call: Reaction, event: RevisionIssued) -> None:
        projections.learn_procedure(call.session, event)

    @on(dossiers.DossierReceived)
    def learn_dossier(self, call: Reaction, event: dossiers.DossierReceived) -> None:
        projections.learn_dossier(call.session, event, call.envelope.version)

    @on(dossiers.DossierChanged)
    def follow_dossier(self, call: Reaction, event: dossiers.DossierChanged) -> None:
        projections.learn_dossier(call.session, event, call.envelope.version)

    @on(dossiers.DossierOverdue)
    def note_overdue(self, call: Reaction, event: dossiers.DossierOverdue) -> None:
        reactions.note_overdue(call, event)
