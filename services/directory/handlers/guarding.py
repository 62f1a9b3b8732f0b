"""What several commands about people and their accounts ask or answer alike."""

from collections.abc import Callable, Collection
from uuid import UUID

from contracts.sessions import DisabledBecause
from kernel.call import Call
from kernel.clock import VIETNAM
from kernel.data.ids import NOBODY
from kernel.errors import Forbidden
from services.directory.domain.account import Account
from services.directory.domain.lockout import SignInGuard
from services.directory.repository import PositionRepository


def places_of_work(call: Call, person_id: UUID) -> set[UUID]:
    """The agencies where somebody holds a position today or from a later day on."""
    positions = PositionRepository(call.session).of_person(person_id, call.today())
    return {each.agency_id for each in positions}


def is_kept(places: Collection[UUID], reaches: Callable[[UUID], bool], is_root: bool) -> bool:
    """Whether one of the places where somebody works is in reach; who works nowhere is the root's to keep.

    Otherwise everybody who left would belong to whoever asks first.
    """
    return any(reaches(agency_id) for agency_id in places) if places else is_root


def require_to_change(call: Call, person_id: UUID) -> None:
    """Refuse also to change anything of the one for whom the caller acts."""
    refuse_principal(call, person_id)
    require_over(call, person_id)


def require_over(call: Call, person_id: UUID) -> None:
    """Refuse unless the caller reaches every agency the person works in: an account opens all of them."""
    places = places_of_work(call, person_id)
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


def locked_out(guard: SignInGuard) -> Forbidden:
    """The refusal that says until when; the moment is read in Vietnam."""
    assert guard.locked_until is not None
    until = guard.locked_until.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")
    return Forbidden("sign_in_locked_here" if guard.is_of_address else "sign_in_locked", until=until)


def disabled(account: Account) -> Forbidden:
    """The refusal for the right password of an account that is out of use."""
    assert account.disabled_at is not None
    day = account.disabled_at.astimezone(VIETNAM).strftime("%d/%m/%Y")
    is_idle = account.disabled_because is DisabledBecause.IDLE
    return Forbidden("account_disabled_idle" if is_idle else "account_disabled", day=day)
