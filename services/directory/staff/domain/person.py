"""A member of staff: a name, a staff number, how colleagues reach them, and a number nobody reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from contracts.directory.events import PersonChanged, PersonRecordChanged
from contracts.directory.staff import PersonFact, RecordFact, ReleaseView
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Forbidden, Invalid

OWN_FACTS = frozenset({"email", "phone"})
"""What people change of their own record; the rest is for their home agency to say."""


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Who changes a record, and acting in which agency; no person where the platform itself does."""

    person_id: UUID | None
    agency_id: UUID


@dataclass(eq=False, kw_only=True)
class Person(Aggregate):
    """A person; what they do and where stands in their positions.

    The home agency keeps the record, wherever else the person works; without one the province does. Another
    agency appoints the person by the home agency's release.

    For the identity number the trail shows only when it was recorded: neither its digits nor what is kept of
    them say anything to a reader, and what is kept would let somebody with the key try numbers.
    """

    SECRET: ClassVar[frozenset[str]] = frozenset({"identity_key", "identity_cipher", "identity_index"})

    full_name: str
    email: str | None = None
    phone: str | None = None
    staff_number: str | None = None
    identity_key: str | None = None
    identity_cipher: bytes | None = None
    identity_index: bytes | None = None
    identity_recorded_at: datetime | None = None
    home_agency_id: UUID | None = None
    home_since: date | None = None
    release: ReleaseView | None = None

    @property
    def trail_agency(self) -> UUID | None:
        return self.home_agency_id

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        full_name: str,
        email: str | None,
        phone: str | None = None,
        staff_number: str | None = None,
        home_agency_id: UUID | None = None,
        home_since: date | None = None,
    ) -> Self:
        """Enter a person under the name and address given, without stray blanks."""
        person = cls(id=id, full_name="", staff_number=staff_number)
        person.home_agency_id, person.home_since = home_agency_id, home_since
        person._take({"full_name": full_name, "email": email, "phone": phone})
        person._record_change()
        return person

    def amend(self, changes: dict[str, Any], clears: Iterable[PersonFact] = (), *, by: Editor) -> bool:
        """Take what is not None and empty what is cleared; whether anything became another."""
        emptied = {fact.value for fact in clears}
        given = {name: value for name, value in changes.items() if value is not None}
        if both := emptied & given.keys():
            raise Invalid("given_and_cleared", "clears", fact=min(both))
        before = self.snapshot()
        self._take(given | dict.fromkeys(emptied))
        now = self.snapshot()
        changed = [RecordFact(name) for name in before if before[name] != now[name]]
        if not changed:
            return False
        self._record_change()
        self._record_facts(changed, by, was=before["email"])
        return True

    def amend_own(self, changes: dict[str, Any], clears: Iterable[PersonFact], *, by: Editor) -> bool:
        """The same by the person: e-mail and phone only."""
        wanted = {name for name, value in changes.items() if value is not None} | {f.value for f in clears}
        if foreign := sorted(wanted - OWN_FACTS):
            raise Forbidden("record_of_home_agency", foreign[0])
        return self.amend(changes, clears, by=by)

    def record_identity(
        self, key: str, cipher: bytes, index: bytes, now: datetime, *, by: Editor, is_new: bool = False
    ) -> None:
        """Keep the number as it was sealed; the same one again changes nothing."""
        if self.identity_index != index:
            self.identity_key, self.identity_cipher, self.identity_index = key, cipher, index
            self.identity_recorded_at = now
            if not is_new:
                self._record_facts([RecordFact.IDENTITY_NUMBER], by)

    def remove_identity(self, *, by: Editor) -> None:
        self.identity_key = self.identity_cipher = self.identity_index = self.identity_recorded_at = None
        self._record_facts([RecordFact.IDENTITY_NUMBER], by)

    # -- whose the record is to keep -----------------------------------------------------------------

    def take_first_home(self, home: UUID, since: date) -> None:
        """The first agency they work in keeps their record, as long as none is named."""
        if self.home_agency_id is None:
            self.home_agency_id, self.home_since = home, since
            self._record_change()

    def let_go(self, release: ReleaseView, *, by: Editor) -> None:
        """The home agency lets another appoint them; a newer word replaces the one before."""
        if release.agency_id == self.home_agency_id:
            raise Invalid("release_to_home_agency", "agencyId")
        if release != self.release:
            self.release = release
            self._record_facts([RecordFact.RELEASE], by)

    def take_back(self, *, by: Editor) -> None:
        """The home agency takes its word back, as long as nobody was appointed by it."""
        if self.release is None:
            raise Conflict("no_release", "personId")
        self.release = None
        self._record_facts([RecordFact.RELEASE], by)

    def use_release(self, agency_id: UUID, held_to: date | None, today: date, *, home: str | None) -> None:
        """The appointment that the home agency has agreed to: once, and for no longer than agreed."""
        release = self.release
        if release is None or release.agency_id != agency_id:
            if home is None:
                raise Forbidden("person_of_province", "personId")
            raise Forbidden("person_of_another_agency", "personId", home=home)
        if release.until is not None and (held_to is None or held_to > release.until):
            raise Invalid("release_ends_before", "heldTo", end=release.until.strftime("%d/%m/%Y"))
        self.release = None
        if release.moves_home:
            self.home_agency_id, self.home_since = agency_id, today
            self._record_change()

    def move_home(self, home: UUID, since: date, *, by: Editor) -> None:
        """Another agency keeps the record from now on; what the one before agreed to is void."""
        if home != self.home_agency_id:
            self.home_agency_id, self.home_since, self.release = home, since, None
            self._record_change()
            self._record_facts([RecordFact.HOME_AGENCY], by)

    def follow_home(self, heir: UUID | None, since: date) -> None:
        """Give the record to the heir of a home agency that ended."""
        self.home_agency_id, self.home_since, self.release = heir, since, None
        self._record_change()

    def _take(self, facts: dict[str, Any]) -> None:
        for name, value in facts.items():
            tidy = " ".join(value.split()) if isinstance(value, str) else value
            setattr(self, name, tidy.lower() if tidy and name == "email" else tidy)
        if not self.full_name:
            raise Invalid("name_is_blank", "fullName")

    def _record_change(self) -> None:
        self.record(
            PersonChanged(
                person_id=self.id,
                full_name=self.full_name,
                email=self.email,
                home_agency_id=self.home_agency_id,
            )
        )

    def _record_facts(self, changed: Iterable[RecordFact], by: Editor, was: str | None = None) -> None:
        self.record(record_changed(self.id, self.email, changed, by, was))


def record_changed(
    person_id: UUID, email: str | None, changed: Iterable[RecordFact], by: Editor, was: str | None = None
) -> PersonRecordChanged:
    """What the person is notified of: never a value, but for the address to write to as well."""
    return PersonRecordChanged(
        person_id=person_id,
        agency_id=by.agency_id,
        changed_by=by.person_id,
        changed=tuple(changed),
        email=email,
        old_email=was if was != email else None,
    )
