"""What cases answers to and reacts to on the bus."""

from contracts.cases import clocks, links, succession, sync
from contracts.cases import dossiers as c
from contracts.cases import statistics as f
from contracts.cases.duties import DossierDuties
from contracts.directory.events import AgenciesReorganised, AgencyChanged, PositionChanged, PositionHandedOver
from contracts.documents.events import RevisionIssued
from contracts.duties import DutyList
from contracts.succession import HeldCount
from contracts.trail import TrailRowView
from kernel.bus.rpc import command, query
from kernel.bus.subscription import on
from kernel.call import Call, Reaction
from kernel.errors import Conflict
from kernel.service import AgencyFigure, Backlog, Derived, HeedingService, Projection, Sweep
from kernel.trust import visibility
from services.cases import duties, figures, following, projections, queries, sweeps, tools
from services.cases.handlers import linking, passing, receiving, syncing, working
from services.cases.policy import POLICY


class CasesService(HeedingService):
    """Dossiers under the procedure in force, their clocks, and who was on time."""

    name = "cases"
    policy = POLICY
    behind = True
    equip = staticmethod(tools.equip)
    projections = (
        Projection(tables=visibility.TREE, reactions=("learn_agency",)),
        Projection(tables=visibility.SUCCESSIONS, reactions=("learn_successions",)),
        Projection(tables=("positions",), reactions=("learn_position",)),
        Projection(tables=("procedures",), reactions=("learn_procedure",)),
    )
    derived = (Derived(name="figures", differences=figures.differences, rebuild=figures.rebuild),)
    sweeps = (
        Sweep(name="watch_clocks", every=1.0, run=sweeps.watch_clocks),
        Sweep(name="keep_calendar", every=3600.0, run=sweeps.keep_calendar),
        Sweep(name="follow_agencies", every=2.0, run=following.follow_agencies),
    )
    backlogs = (
        Backlog(
            name="clocks",
            due="select count(*), min(next_moment) from clocks where next_moment <= :now",
            in_business_time=True,
        ),
        Backlog(name="following", due=following.DUE),
    )
    agency_figures = (
        AgencyFigure(
            name="dossiers_open",
            counted="select agency_id, count(*) from dossiers where is_open group by agency_id",
        ),
        AgencyFigure(
            name="dossiers_overdue",
            counted="""select agency_id, count(*) from dossiers
                        where is_open and is_overdue group by agency_id""",
        ),
    )
    constraints = {
        "dossiers_number_once": lambda: Conflict("dossier_number_taken", "number"),
    }

    @query(DossierDuties)
    def dossier_duties(self, call: Call, question: DossierDuties) -> DutyList:
        return duties.dossier_duties(call, question)

    @query(c.DossiersByIds)
    def dossiers_by_ids(self, call: Call, question: c.DossiersByIds) -> list[c.DossierView]:
        return queries.dossiers_by_ids(call, question)

    @query(c.ListDossiers)
    def list_dossiers(self, call: Call, question: c.ListDossiers) -> c.DossierPage:
        return queries.list_dossiers(call, question)

    @query(clocks.DeadlineExplanation)
    def deadline_explanation(
        self, call: Call, question: clocks.DeadlineExplanation
    ) -> clocks.DeadlineExplanationView:
        return queries.deadline_explanation(call, question)

    @query(clocks.PauseReasons)
    def pause_reasons(self, call: Call, question: clocks.PauseReasons) -> list[clocks.PauseReasonView]:
        return queries.pause_reasons(call, question)

    @query(f.FiguresOf)
    def figures_of(self, call: Call, question: f.FiguresOf) -> list[f.FiguresView]:
        return figures.figures_of(call, question)

    @query(succession.HeldByAgencies)
    def held_by_agencies(self, call: Call, question: succession.HeldByAgencies) -> list[HeldCount]:
        return following.held_by_agencies(call, question)

    @query(f.FiguresByMonth)
    def figures_by_month(self, call: Call, question: f.FiguresByMonth) -> list[f.MonthFigures]:
        return figures.figures_by_month(call, question)

    @command(c.RegisterDossier)
    def register_dossier(self, call: Call, command: c.RegisterDossier) -> c.DossierView:
        return receiving.register_dossier(call, command)

    @query(c.TrailOf)
    def trail_of(self, call: Call, question: c.TrailOf) -> list[TrailRowView]:
        return queries.trail_of(call, question)

    @command(c.HandOver)
    def hand_over(self, call: Call, command: c.HandOver) -> c.DossierView:
        return working.hand_over(call, command)

    @command(c.AcknowledgeHandOver)
    def acknowledge_hand_over(self, call: Call, command: c.AcknowledgeHandOver) -> c.DossierView:
        return working.acknowledge_hand_over(call, command)

    @command(c.ReturnStep)
    def return_step(self, call: Call, command: c.ReturnStep) -> c.DossierView:
        return working.return_step(call, command)

    @command(c.PauseDossier)
    def pause_dossier(self, call: Call, command: c.PauseDossier) -> c.DossierView:
        return working.pause_dossier(call, command)

    @command(c.ResumeDossier)
    def resume_dossier(self, call: Call, command: c.ResumeDossier) -> c.DossierView:
        return working.resume_dossier(call, command)

    @command(c.FinishDossier)
    def finish_dossier(self, call: Call, command: c.FinishDossier) -> c.DossierView:
        return working.finish_dossier(call, command)

    @command(c.StopDossier)
    def stop_dossier(self, call: Call, command: c.StopDossier) -> c.DossierView:
        return working.stop_dossier(call, command)

    @query(links.ListAgencyLinks)
    def list_agency_links(self, call: Call, question: links.ListAgencyLinks) -> list[links.AgencyLinkView]:
        return linking.list_agency_links(call, question)

    @command(links.LinkAgencies)
    def link_agencies(self, call: Call, command: links.LinkAgencies) -> links.AgencyLinkView:
        return linking.link_agencies(call, command)

    @command(links.EndAgencyLink)
    def end_agency_link(self, call: Call, command: links.EndAgencyLink) -> links.AgencyLinkView:
        return linking.end_agency_link(call, command)

    @command(sync.UpsertDossiers)
    def upsert_dossiers(self, call: Call, command: sync.UpsertDossiers) -> sync.SyncReport:
        return syncing.upsert_dossiers(call, command)

    @on(PositionHandedOver)
    def pass_on(self, call: Reaction, event: PositionHandedOver) -> None:
        passing.pass_on(call, event)

    @on(AgencyChanged)
    def learn_agency(self, call: Reaction, event: AgencyChanged) -> None:
        projections.learn_agency(call, event)

    @on(AgenciesReorganised)
    def learn_successions(self, call: Reaction, event: AgenciesReorganised) -> None:
        projections.learn_successions(call, event)

    @on(PositionChanged)
    def learn_position(self, call: Reaction, event: PositionChanged) -> None:
        projections.learn_position(call, event)

    @on(RevisionIssued)
    def learn_procedure(self, call: Reaction, event: RevisionIssued) -> None:
        projections.learn_procedure(call, event)
