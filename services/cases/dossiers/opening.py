"""What every command about a dossier asks first: may it be seen, may this be done, and is it still so?"""

from uuid import UUID

from contracts.cases.dossiers import DossierView
from kernel.base.errors import Conflict
from kernel.work.call import Call
from org.acting import acted, expect_open
from services.cases.clocks import calendars
from services.cases.clocks.domain import Counting
from services.cases.clocks.moments import this_second
from services.cases.dossiers import queries
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.repository import DossierRepository
from services.cases.learnt.appointed import check_still_appointed
from services.cases.policy import AT_THE_COUNTER


class Opened:
    """A dossier opened for a change, with what the change needs."""

    def __init__(self, call: Call, dossier_id: UUID, expected_version: int) -> None:
        """Refuse unless the caller may do this to it now; the agency that holds it decides who may."""
        self.call = call
        check_still_appointed(call)
        self.repository = DossierRepository(call)
        self.dossier: Dossier = self.repository.get(dossier_id)
        is_as_seen = self.dossier.is_as_seen(expected_version)
        expect_open(call, agency_id=self._deciding_agency(), is_as_seen=is_as_seen)
        if self.dossier.is_synced:
            raise Conflict("dossier_kept_elsewhere", "dossierId")
        self.by = acted(call, this_second(call))

    @property
    def counting(self) -> Counting:
        """By what this dossier has been counted since it was received."""
        return calendars.counting(self.call, self.dossier.rules_on, self.dossier.calendar_version)

    def shown(self) -> DossierView:
        """The dossier as it is after this command."""
        self.repository.write_derived([self.dossier])
        [view] = queries.views(self.call, [self.dossier.id])
        return view

    def _deciding_agency(self) -> UUID:
        at_the_counter = self.call.action in AT_THE_COUNTER
        return self.dossier.agency_id if at_the_counter else self.dossier.holder_agency_id
