"""What audits answer to and react to on the bus."""

from kernel.base.errors import Conflict
from kernel.work.operations import subjects
from kernel.work.service import Backlog, Projection, Sweep
from org.agency_statistics import AgencyFigure
from org.service import LEARNT, SUCCESSIONS, TREE, OrgService
from services.audits.minutes import sweeps as minutes
from services.audits.policy import POLICY
from services.audits.succession import sweeps as following


class AuditsService(OrgService):
    """Nonconformities, audits and management reviews."""

    name = "audits"
    policy = POLICY
    handlers = (
        *LEARNT,
        *subjects(
            "services.audits",
            "learnt",
            "register",
            "nonconformities",
            "programmes",
            "reviews",
            "minutes",
            "statistics",
            "duties",
            "trail",
            "hand_overs",
            "succession",
        ),
    )
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
        TREE,
        SUCCESSIONS,
        Projection(tables=("positions",), reactions=("learn_position",)),
        Projection(tables=("capacities",), reactions=("learn_grant",)),
        Projection(tables=("procedures",), reactions=("learn_procedure",)),
        Projection(tables=("dossiers",), reactions=("learn_dossier", "follow_dossier")),
    )
    constraints = {
        "programmes_once_a_year": lambda: Conflict("programme_exists", "year"),
        "overdue_groups_pkey": lambda: Conflict("changed_meanwhile"),
    }
