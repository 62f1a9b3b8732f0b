"""Amending what is known of people, and recording their identity numbers."""

from uuid import UUID

from sqlalchemy import select, update

from contracts import people as c
from contracts.directory import PersonView
from kernel.call import Call
from kernel.data.ids import NOBODY
from kernel.errors import Conflict, NotFound
from services.directory import queries, staff
from services.directory.domain.person import Person
from services.directory.handlers.guarding import is_kept, places_of_work, refuse_lent
from services.directory.repository import PersonRepository
from services.directory.tables import people
from services.directory.tools import Tools

AMENDED = ("full_name", "email", "phone", "staff_number")
AT_ONCE = 200


def amend_person(call: Call, command: c.AmendPerson) -> PersonView:
    """Change what is known of somebody whom the caller keeps."""
    person = _kept(call, command.person_id, command.expected_version)
    if command.staff_number not in (None, person.staff_number):
        check_staff_number(call, command.staff_number)
    person.amend({name: getattr(command, name) for name in AMENDED}, command.clears)
    call.session.flush()
    return queries.person_view(person)


def record_identity_number(call: Call, command: c.RecordIdentityNumber) -> PersonView:
    """Seal the number; whoever has it already is not told to the one who asks.

    The kernel keeps neither this command's hash nor its answer: of nine digits a hash is soon guessed.
    """
    vault = _tools(call).identity
    wanted = vault.index(command.identity_number) if command.identity_number else None
    known = PersonRepository(call.session).get(command.person_id, lock=True)
    if known.identity_index == wanted:
        _permit(call, known)
        return _seen(call, known)
    person = _kept(call, command.person_id, command.expected_version)
    if command.identity_number is None:
        person.remove_identity()
        return _seen(call, person)
    sealed = vault.seal(command.identity_number, person.id)
    if call.session.scalar(select(people.c.id).where(people.c.identity_index == sealed.index)) is not None:
        raise Conflict("identity_number_taken", "identityNumber")
    person.record_identity(sealed.key, sealed.cipher, sealed.index, call.real_now())
    return _seen(call, person)


def reseal(call: Call) -> int:
    """Encrypt a batch anew that an older key still holds; how many it was. Nothing changes for anybody."""
    vault, kept = _tools(call).identity, people.c
    old = (
        select(kept.id, kept.identity_key, kept.identity_cipher)
        .where(kept.identity_key.is_not(None), kept.identity_key != vault.current)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    done = 0
    for row in call.session.execute(old).all():
        number = vault.open(row.identity_key, row.identity_cipher, row.id)
        if number is None:
            continue
        sealed = vault.seal(number, row.id)
        anew = {"identity_key": sealed.key, "identity_cipher": sealed.cipher}
        call.session.execute(update(people).where(kept.id == row.id).values(**anew))
        done += 1
    if done:
        resealed = {"resealed": done, "key": vault.current}
        call.leave_trail(subject_type="IdentityKey", subject_id=NOBODY, agency_id=None, after=resealed)
    return done


def check_staff_number(call: Call, staff_number: str | None) -> None:
    """Refuse one that somebody has."""
    taken = select(people.c.id).where(people.c.staff_number == staff_number)
    if staff_number and call.session.scalar(taken) is not None:
        raise Conflict("staff_number_taken", "staffNumber", number=staff_number)


def _kept(call: Call, person_id: UUID, expected_version: int) -> Person:
    """The person, when the caller keeps them and knows their latest version."""
    person = PersonRepository(call.session).get(person_id, lock=True)
    _permit(call, person)
    if person.version != expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    return person


def _permit(call: Call, person: Person) -> None:
    """One of the agencies they work in must be the caller's to keep; who works nowhere is the root's."""
    refuse_lent(call, person.id)
    places = places_of_work(call, person.id)
    theirs = [agency_id for agency_id in places if call.may_reach(agency_id, staff.KEEPERS)]
    if not is_kept(places, theirs.__contains__, call.reach(staff.KEEPERS).everything):
        raise NotFound("person_not_found", "personId")
    call.require(agency_id=theirs[0] if theirs else call.actor.agency_id or NOBODY)


def _seen(call: Call, person: Person) -> PersonView:
    call.session.flush()
    [view] = staff.views(call, [person])
    return view


def _tools(call: Call) -> Tools:
    tools: Tools = call.tools
    return tools
