"""What of dossiers passes to a successor: the steps that the position's holder took up."""

from contracts.cases.events import DossiersHandedOver
from contracts.directory.events import PositionHandedOver
from contracts.duties import DutyKind, DutySubject, HandedThing
from kernel.work.call import Reaction
from kernel.work.operations import on
from services.cases.dossiers.repository import DossierRepository


@on(PositionHandedOver)
def pass_on(call: Reaction, event: PositionHandedOver) -> None:
    """Pass them on, and say which; their clocks go on as if nothing had happened."""
    repository = DossierRepository(call)
    taken_up = repository.taken_up_by(event.giver_id, event.position_ids)
    for dossier in taken_up:
        dossier.pass_on(event.receiver_id, event.receiver_position_id)
    repository.write_derived(taken_up)
    things = tuple(
        HandedThing(
            kind=DutyKind.STEP,
            subject=DutySubject.DOSSIER,
            subject_id=dossier.id,
            code=dossier.number,
            title=dossier.title,
        )
        for dossier in taken_up
    )
    call.publish(event.hand_over_id, 1, DossiersHandedOver(hand_over_id=event.hand_over_id, things=things))
