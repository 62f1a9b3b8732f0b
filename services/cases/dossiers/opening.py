"""What every command about a dossier asks first: may it be seen, may this be done, and is it still so?"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from contracts.cases.dossiers import DossierView
from kernel.base.errors import Conflict, Forbidden
from kernel.work.call import Call
from services.cases.clocks import calendars
from services.cases.clocks.domain.clock import Counting
from services.cases.dossiers import queries
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.domain.step import Hand
from services.cases.dossiers.repository import DossierRepository
from services.cases.learnt.tables import positions


class Opened:
    """A dossier opened for a change, with what the change needs."""

    def __init__(self, call: Call, dossier_id: UUID, expected_version: int) -> None:
        """Refuse unless the caller may do this to it now; the agency that holds it decides who may."""
        self.call = call
        check_still_appointed(call)
        self.repository = DossierRepository(call)
        self.dossier: Dossier = self.repository.get(dossier_id)
        call.require(agency_id=self._deciding_agency())
        if not self.dossier.is_as_seen(expected_version):
            raise Conflict("changed_meanwhile", "expectedVersion")
        if self.dossier.is_synced:
            raise Conflict("dossier_kept_elsewhere", "dossierId")
        self.hand = hand(call)

    @property
    def counting(self) -> Counting:
        """By what this dossier has been counted since it was received."""
        return calendars.counting(self.call, self.dossier.rules_on, self.dossier.calendar_version)

    def shown(self) -> DossierView:
        """The dossier as it is after this command."""
        self.repository.settle([self.dossier])
        [view] = queries.views(self.call, [self.dossier.id])
        return view

    def _deciding_agency(self) -> UUID:
        at_the_counter = self.call.action == "stop_dossier"
        return self.dossier.agency_id if at_the_counter else self.dossier.holder_agency_id


def hand(call: Call) -> Hand:
    """The caller's hand in what is done now."""
    return Hand(
        person_id=call.actor.person_id,
        position_id=call.actor.position_id,
        at=this_second(call),
    )


def this_second(call: Call) -> datetime:
    """The business moment in UTC, to the second: finer than that nothing is counted."""
    return call.now().astimezone(UTC).replace(microsecond=0)


def check_still_appointed(call: Call) -> None:
    """Refuse whoever no longer holds the position they act as: a session outlives it by some minutes."""
    position = call.actor.position_id
    if position is None:
        return
    wanted = select(positions.c.held_from, positions.c.held_to).where(positions.c.id == position)
    held = call.session.execute(wanted).first()
    today = call.today()
    if held and not (held.held_from <= today and (held.held_to is None or today < held.held_to)):
        raise Forbidden("acting_position_ended")
