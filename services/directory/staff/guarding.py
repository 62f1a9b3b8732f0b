"""What several commands about people ask alike: who keeps the record, who may change it."""

from uuid import UUID

from sqlalchemy import select

from kernel.base.errors import Forbidden
from kernel.base.ids import NOBODY
from kernel.work.call import Call
from services.directory.staff.domain.person import Editor, Person
from services.directory.staff.repository import PositionRepository
from services.directory.staff.tables import people


def places_of_work(call: Call, person_id: UUID) -> set[UUID]:
    """The agencies where somebody holds a position today or from a later day on."""
    positions = PositionRepository(call.session).of_person(person_id, call.today())
    return {each.agency_id for each in positions}


def keeps(call: Call, person: Person) -> bool:
    """Whether the caller keeps the person's record: by a role over the home agency; without one, over all.

    Where somebody works says nothing of it: an agency would keep everybody whom it appoints.
    """
    if call.actor.is_system:
        return True
    home = person.home_agency_id
    keepers = call.policy.sights["records"]
    return call.reach(keepers).everything if home is None else call.may_reach(home, keepers)


def editor(call: Call) -> Editor:
    """Who is named to the person as having changed their record."""
    return Editor(person_id=call.actor.person_id, agency_id=call.actor.agency_id or NOBODY)


def require_to_change(call: Call, person_id: UUID) -> None:
    """Refuse also to change anything of the one for whom the caller acts."""
    refuse_principal(call, person_id)
    require_over(call, person_id)


def require_over(call: Call, person_id: UUID) -> None:
    """Refuse unless the caller reaches every agency the person works in, and the one that keeps them.

    An account opens all of them.
    """
    places = places_of_work(call, person_id)
    home = call.session.scalar(select(people.c.home_agency_id).where(people.c.id == person_id))
    if places and home is not None:
        places.add(home)
    if not places and not call.actor.is_system and not call.reach_permitted().everything:
        raise Forbidden("not_permitted")
    for agency_id in places or {call.actor.agency_id or NOBODY}:
        call.require(agency_id=agency_id)


def refuse_principal(call: Call, person_id: UUID, field: str = "personId") -> None:
    """What a post lends is power over others: the one it was lent by stays their own master."""
    if call.actor.on_behalf_of == person_id:
        raise Forbidden("record_of_principal", field)


def refuse_lent(call: Call, person_id: UUID) -> None:
    """Nobody's record by what its owner lent, and not one's own by what was lent to oneself."""
    refuse_principal(call, person_id)
    if call.actor.on_behalf_of is not None and call.actor.person_id == person_id:
        raise Forbidden("lent_authority_for_oneself", "personId")
