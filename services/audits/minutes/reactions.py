"""The minute of a hand-over begins with the hand-over, and each service says what passed."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from contracts.cases.events import DossiersHandedOver
from contracts.directory.events import PositionHandedOver
from contracts.documents.events import DocumentsHandedOver
from contracts.duties import HandedThing
from kernel.work.call import Reaction
from kernel.work.operations import on
from kernel.work.unit_of_work import track
from services.audits.minutes.domain import HandOverMinute
from services.audits.minutes.tables import hand_over_reports as reports


def enter(call: Reaction, event: PositionHandedOver) -> None:
    """There will be a minute of it; reports may have come before."""
    minute = HandOverMinute(
        id=event.hand_over_id,
        agency_id=event.agency_id,
        giver_id=event.giver_id,
        receiver_id=event.receiver_id,
        told=event,
    )
    call.session.add(minute)
    track(call.session, minute, is_new=True)


@on(DocumentsHandedOver)
def note_documents(call: Reaction, event: DocumentsHandedOver) -> None:
    """Keep what documents passed on."""
    note_report(call, "documents", event.hand_over_id, event.things)


@on(DossiersHandedOver)
def note_dossiers(call: Reaction, event: DossiersHandedOver) -> None:
    """Keep what cases passed on."""
    note_report(call, "cases", event.hand_over_id, event.things)


def note_report(call: Reaction, service: str, hand_over_id: UUID, things: Iterable[HandedThing]) -> None:
    """What passed in one service, as it says itself."""
    row = {"hand_over_id": hand_over_id, "service": service, "things": tuple(things)}
    call.session.execute(insert(reports).values(row).on_conflict_do_nothing())
