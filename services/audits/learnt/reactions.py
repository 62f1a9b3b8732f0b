"""The copy of others' facts that audits need: staff, procedures in force, dossiers and how they ended."""

from sqlalchemy.orm import Session

from contracts.cases.events import DossierChanged, DossierReceived
from contracts.directory.events import GrantChanged, PositionChanged
from contracts.documents.events import RevisionIssued
from kernel.base.clock import VIETNAM
from kernel.data.projection import upsert
from kernel.work.call import Reaction
from kernel.work.operations import on
from org.positions import project_position
from services.audits.learnt.tables import capacities, dossiers, positions, procedures


def keep_position(session: Session, event: PositionChanged, version: int) -> None:
    """Who works where until when: nobody audits their own agency."""
    roles = sorted({held.role.value for held in event.roles})
    project_position(session, positions, event, version, roles=roles)


def project_grant(session: Session, event: GrantChanged, version: int) -> None:
    """A role somebody was granted in person, whichever position they hold."""
    state = {"person_id": event.person_id, "valid_from": event.valid_from, "valid_to": event.valid_to}
    upsert(session, capacities, {"id": event.grant_id}, version, state | {"roles": [event.role.value]})


def project_procedure(session: Session, event: RevisionIssued) -> None:
    """The latest issued revision of each procedure, by its number."""
    state = {
        "agency_id": event.agency_id,
        "code": event.code,
        "title": event.title,
        "number": event.number,
        "effective_from": event.effective_from,
    }
    upsert(session, procedures, {"document_id": event.document_id}, event.number, state)


def project_dossier(session: Session, event: DossierReceived | DossierChanged, version: int) -> None:
    """How a dossier stands: the figures of a review are counted from these."""
    finished = event.finished_at.astimezone(VIETNAM).date() if event.finished_at else None
    state = {
        "agency_id": event.competent_agency_id,
        "received_on": event.received_at.astimezone(VIETNAM).date(),
        "finished_on": finished,
        "on_time": event.on_time,
        "is_overdue": event.is_overdue,
    }
    upsert(session, dossiers, {"id": event.dossier_id}, version, state)


@on(PositionChanged)
def learn_position(call: Reaction, event: PositionChanged) -> None:
    """Keep the holding as its latest version says."""
    keep_position(call.session, event, call.envelope.version)


@on(GrantChanged)
def learn_grant(call: Reaction, event: GrantChanged) -> None:
    """Keep the role as its latest version says."""
    project_grant(call.session, event, call.envelope.version)


@on(RevisionIssued)
def learn_procedure(call: Reaction, event: RevisionIssued) -> None:
    """Keep the procedure as it was issued last."""
    project_procedure(call.session, event)


@on(DossierReceived)
@on(DossierChanged, name="follow_dossier")
def learn_dossier(call: Reaction, event: DossierReceived | DossierChanged) -> None:
    """Keep how the dossier stands."""
    project_dossier(call.session, event, call.envelope.version)
