"""What the directory answers to on the bus."""

from contracts.directory import events
from contracts.directory.events import AgenciesReorganised
from kernel.work.operations import subjects
from kernel.work.service import Backlog, Projection, Sweep
from org import succession, tree
from org.service import OrgService
from services.directory import resources as resources
from services.directory.clients import handlers as clients
from services.directory.housekeeping import sweeps
from services.directory.imports import handlers as importing
from services.directory.policy import POLICY, RACES
from services.directory.reorganisations import handlers as reorganising
from services.directory.settings import DirectorySettings
from services.directory.staff import handlers as staffing
from services.directory.staff import leaving


class DirectoryService(OrgService):
    """Agencies, people, positions, roles, and signing in."""

    name = "directory"
    policy = POLICY
    handlers = subjects(
        "services.directory",
        "agencies",
        "staff",
        "roles",
        "appointments",
        "access",
        "clients",
        "hand_overs",
        "imports",
        "quality_systems",
        "reorganisations",
        "housekeeping",
    )
    settings = DirectorySettings
    constraints = RACES
    make_resources = staticmethod(resources.make_resources)
    # It only looks up and lists; nothing it is asked sums up a whole table.
    by_index = True
    sweeps = (
        Sweep(name="forget", every=60.0, run=sweeps.forget),
        Sweep(name="reseal_identity_numbers", every=60.0, run=staffing.reseal),
        Sweep(name="disable_idle", every=3600.0, run=sweeps.disable_idle),
        Sweep(name="watch_clients", every=3600.0, run=clients.watch),
        Sweep(name="apply_reorganisations", every=2.0, run=reorganising.apply_due),
        Sweep(name="tell_leavings", every=300.0, run=leaving.publish_leavings),
    )
    jobs = {importing.CHECK: importing.judge_step, importing.APPLY: importing.apply_step}
    backlogs = (
        Backlog(
            name="reorganisations_due",
            due="""select count(*), min(effective_on)::timestamp at time zone 'Asia/Ho_Chi_Minh'
                     from reorganisations where state = 'scheduled'
                      and effective_on <= (:now at time zone 'Asia/Ho_Chi_Minh')::date""",
            in_business_time=True,
        ),
    )
    projections = (
        Projection(tables=tree.TREE, own={events.AgencyChanged: tree.learn_agency}),
        Projection(
            tables=succession.SUCCESSIONS,
            own={AgenciesReorganised: succession.learn_successions},
        ),
    )
