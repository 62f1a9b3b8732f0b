"""What notify answers to and reacts to on the bus."""

from kernel.work.operations import subjects
from kernel.work.service import Backlog, Projection, Sweep
from org.service import LEARNT, SUCCESSIONS, TREE, OrgService
from services.notify import resources as resources
from services.notify.digests import sweeps as digests
from services.notify.mailing import sweeps
from services.notify.policy import POLICY
from services.notify.settings import NotifySettings


class NotifyService(OrgService):
    """Notices inside the system, the e-mails sent for them, and the daily digests."""

    name = "notify"
    policy = POLICY
    handlers = (
        *LEARNT,
        *subjects("services.notify", "learnt", "notices", "deliveries", "digests", "mailing"),
    )
    settings = NotifySettings
    make_resources = staticmethod(resources.make_resources)
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
        TREE,
        SUCCESSIONS,
        Projection(tables=("people",), reactions=("learn_person",)),
        Projection(tables=("positions", "position_roles"), reactions=("learn_position",)),
        Projection(tables=("capacities", "capacity_roles"), reactions=("learn_grant", "learn_delegation")),
    )
    sweeps = (
        Sweep(name="send_mail", every=1.0, run=sweeps.send_mail),
        Sweep(name="make_digests", every=2.0, run=digests.make_digests),
    )
