"""The records of people: amending them, identity numbers, and which agency keeps them."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from contracts.directory import staff as c
from contracts.directory.staff import PersonView, ReleaseView
from kernel.base.errors import Conflict, Invalid, NotFound
from kernel.base.ids import NOBODY
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.resources import Resources
from services.directory.staff import queries as staff
from services.directory.staff.domain.person import Person
from services.directory.staff.guarding import editor, keeps, refuse_lent
from services.directory.staff.repository import PersonRepository
from services.directory.staff.tables import people

AMENDED = ("full_name", "email", "phone", "staff_number")
AT_ONCE = 200


@command(c.AmendPerson)
def amend_person(call: Call, command: c.AmendPerson) -> PersonView:
    """Change what is known of somebody whose record the caller keeps, or one's own contacts."""
    person = PersonRepository(call.session).get(command.person_id, lock=True)
    refuse_lent(call, person.id)
    is_own = person.id == call.actor.person_id and not keeps(call, person)
    if not is_own:
        _permit(call, person)
    _expect(person, command.expected_version)
    changes = {name: getattr(command, name) for name in AMENDED}
    if is_own:
        person.amend_own(changes, command.clears, by=editor(call))
        return _seen(call, person)
    if command.staff_number not in (None, person.staff_number):
        check_staff_number(call, command.staff_number)
    person.amend(changes, command.clears, by=editor(call))
    return _seen(call, person)


@command(c.RecordIdentityNumber, once=False)
def record_identity_number(call: Call, command: c.RecordIdentityNumber) -> PersonView:
    """Seal the number; the answer does not say who has it already.

    The kernel keeps neither this command's hash nor its answer: of nine digits a hash is soon guessed.
    """
    vault = _resources(call).identity
    wanted = vault.index(command.identity_number) if command.identity_number else None
    known = PersonRepository(call.session).get(command.person_id, lock=True)
    if known.identity_index == wanted:
        _permit(call, known)
        return _seen(call, known)
    person = _kept(call, command.person_id, command.expected_version)
    if command.identity_number is None:
        person.remove_identity(by=editor(call))
        return _seen(call, person)
    sealed = vault.seal(command.identity_number, person.id)
    if call.session.scalar(select(people.c.id).where(people.c.identity_index == sealed.index)) is not None:
        raise Conflict("identity_number_taken", "identityNumber")
    person.record_identity(sealed.key, sealed.cipher, sealed.index, call.real_now(), by=editor(call))
    return _seen(call, person)


@command(c.ReleasePerson)
def release_person(call: Call, command: c.ReleasePerson) -> PersonView:
    """Agree that another agency appoints somebody whose record the caller keeps."""
    # An agency that ends meanwhile would keep somebody whom nobody passed on.
    AgencyRepository(call.session).hold_tree()
    person = _kept(call, command.person_id, command.expected_version)
    today = call.today()
    _check_agency(call, command.agency_id, today, "agencyId")
    if command.until is not None and command.until <= today:
        raise Invalid("release_is_over", "until", day=command.until.strftime("%d/%m/%Y"))
    if command.moves_home and command.until is not None:
        raise Invalid("release_moves_for_good", "until")
    given = ReleaseView(
        agency_id=command.agency_id,
        until=command.until,
        moves_home=command.moves_home,
        basis=command.basis,
        given_on=today,
    )
    person.let_go(given, by=editor(call))
    call.because(command.basis)
    return _seen(call, person)


@command(c.WithdrawRelease)
def withdraw_release(call: Call, command: c.WithdrawRelease) -> PersonView:
    """Take back what no agency has used yet."""
    person = _kept(call, command.person_id, command.expected_version)
    person.take_back(by=editor(call))
    return _seen(call, person)


@command(c.MovePerson)
def move_person(call: Call, command: c.MovePerson) -> PersonView:
    """Let another agency keep the record; the caller's role reaches the one before and the one after."""
    AgencyRepository(call.session).hold_tree()
    person = _kept(call, command.person_id, command.expected_version)
    _check_agency(call, command.home_agency_id, call.today(), "homeAgencyId")
    call.require(agency_id=command.home_agency_id)
    person.move_home(command.home_agency_id, call.today(), by=editor(call))
    call.because(command.basis)
    return _seen(call, person)


def reseal(call: Call) -> int:
    """Encrypt a batch anew that an older key still holds; how many it was. Nothing changes for anybody."""
    vault, kept = _resources(call).identity, people.c
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
    _expect(person, expected_version)
    return person


def _expect(person: Person, version: int) -> None:
    if person.version != version:
        raise Conflict("changed_meanwhile", "expectedVersion")


def _permit(call: Call, person: Person) -> None:
    """The home agency must be the caller's to keep; who has none is the province's."""
    refuse_lent(call, person.id)
    if not keeps(call, person):
        raise NotFound("person_not_found", "personId")
    call.require(agency_id=person.home_agency_id or call.actor.agency_id or NOBODY)


def _check_agency(call: Call, agency_id: UUID, day: date, field: str) -> None:
    if AgencyRepository(call.session).get(agency_id, field).on(day) is None:
        raise Invalid("agency_not_there_then", field, day=day.strftime("%d/%m/%Y"))


def _seen(call: Call, person: Person) -> PersonView:
    call.session.flush()
    [view] = staff.views(call, [person])
    return view


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
