"""What cases answers to and reacts to on the bus."""

from kernel.base.errors import Conflict
from kernel.work.operations import subjects
from kernel.work.service import Backlog, Derived, Projection, Sweep
from org.agency_statistics import AgencyFigure
from org.service import LEARNT, SUCCESSIONS, TREE, OrgService
from services.cases import resources
from services.cases.deadlines import sweeps
from services.cases.policy import POLICY
from services.cases.statistics import queries as figures
from services.cases.succession import sweeps as following


class CasesService(OrgService):
    """Dossiers under the procedure in force, their clocks, and who was on time."""

    name = "cases"
    policy = POLICY
    handlers = (
        *LEARNT,
        *subjects(
            "services.cases",
            "learnt",
            "procedures",
            "clocks",
            "dossiers",
            "deadlines",
            "links",
            "sync",
            "statistics",
            "duties",
            "hand_overs",
            "succession",
        ),
    )
    behind = True
    make_resources = staticmethod(resources.make_resources)
    projections = (
        TREE,
        SUCCESSIONS,
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
