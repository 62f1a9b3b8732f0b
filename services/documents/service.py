"""What documents answer to on the bus."""

from kernel.base.errors import Conflict
from kernel.work.operations import subjects
from kernel.work.service import Backlog, Sweep
from org.agency_statistics import AgencyFigure
from org.service import LEARNT, SUCCESSIONS, TREE, OrgService
from services.documents.documents import sweeps as documents_sweeps
from services.documents.files import keeping, sweeps
from services.documents.policy import POLICY
from services.documents.succession import sweeps as following


class DocumentsService(OrgService):
    """Controlled documents, their revisions and what is in force."""

    name = "documents"
    policy = POLICY
    handlers = (
        *LEARNT,
        *subjects(
            "services.documents", "files", "procedures", "documents", "duties", "hand_overs", "succession"
        ),
    )
    behind = True
    needs_store = True
    objects = staticmethod(keeping.objects)
    projections = (
        TREE,
        SUCCESSIONS,
    )
    sweeps = (
        Sweep(name="extend_locks", every=300.0, run=documents_sweeps.extend_locks),
        Sweep(name="forget_reservations", every=600.0, run=sweeps.forget_reservations),
        Sweep(name="clear_intake", every=600.0, run=sweeps.clear_intake),
        Sweep(name="follow_agencies", every=2.0, run=following.follow_agencies),
    )
    backlogs = (Backlog(name="following", due=following.DUE),)
    agency_figures = (
        AgencyFigure(
            name="revisions_under_way",
            counted="""select agency_id, count(*) from revisions join documents on documents.id = document_id
                        where state <> 'issued' group by agency_id""",
        ),
    )
    constraints = {
        "documents_code_once": lambda: Conflict("document_code_taken", "code"),
        "revisions_one_open": lambda: Conflict("changed_meanwhile"),
        "revisions_one_in_force": lambda: Conflict("changed_meanwhile"),
        "revisions_number_once": lambda: Conflict("changed_meanwhile"),
    }
