"""A dossier of an agency that ended goes on with the one that took over; nothing of what was is rewritten."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from contracts.cases.dossiers import StepStatus
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.domain.step import Step


def follow(dossier: Dossier, heirs: Mapping[UUID, UUID]) -> None:
    """Let those who took over go on with it. Its clocks, its number and what is done stay as they are."""
    going = {each: heirs[each] for each in dossier.parties if each in heirs}
    if not going:
        return
    if dossier.agency_id in going:
        dossier.received_agency_id = dossier.received_agency_id or dossier.agency_id
        dossier.agency_id = going[dossier.agency_id]
    before = {then: heirs.get(now, now) for then, now in dossier.continued.items()}
    dossier.continued = before | going
    if dossier.is_open:
        _put_before_heirs(dossier)
    dossier.announce()


def _put_before_heirs(dossier: Dossier) -> None:
    """Who answers for it, helps, or has steps still to do; a step that is done keeps the name of its doer."""
    competent = dossier.goes_on_for(dossier.competent_agency_id)
    if competent != dossier.competent_agency_id:
        first = dossier.first_competent_agency_id or dossier.competent_agency_id
        dossier.first_competent_agency_id, dossier.competent_agency_id = first, competent
    dossier.supporting = _each(dossier, dossier.supporting)
    dossier.coordinating = _each(dossier, dossier.coordinating)
    dossier.steps = tuple(_still_to_do(dossier, step) for step in dossier.steps)


def _still_to_do(dossier: Dossier, step: Step) -> Step:
    if step.status is StepStatus.DONE:
        return step
    return replace(step, agency_id=dossier.goes_on_for(step.agency_id))


def _each(dossier: Dossier, agencies: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(dossier.goes_on_for(each) for each in agencies))
