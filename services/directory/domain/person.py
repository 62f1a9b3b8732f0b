"""A member of staff: a name, a staff number, how colleagues reach them, and a number nobody reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from contracts.directory import PersonChanged
from contracts.people import PersonFact
from kernel.aggregate import Aggregate
from kernel.errors import Invalid


@dataclass(eq=False, kw_only=True)
class Person(Aggregate):
    """A person; what they do and where stands in their positions.

    Of the identity number the trail shows only when it was recorded: neither its digits nor what is kept of
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

    @classmethod
    def register(
        cls,
        *,
        id: UUID,
        full_name: str,
        email: str | None,
        phone: str | None = None,
        staff_number: str | None = None,
    ) -> Self:
        """Enter a person under the name and address given, without stray blanks."""
        person = cls(id=id, full_name="", staff_number=staff_number)
        person._take({"full_name": full_name, "email": email, "phone": phone})
        person._tell()
        return person

    def amend(self, changes: dict[str, Any], clears: Iterable[PersonFact] = ()) -> bool:
        """Take what is not None and empty what is cleared; whether anything became another."""
        emptied = {fact.value for fact in clears}
        given = {name: value for name, value in changes.items() if value is not None}
        if both := emptied & given.keys():
            raise Invalid("given_and_cleared", "clears", fact=min(both))
        before = self.snapshot()
        self._take(given | dict.fromkeys(emptied))
        if self.snapshot() == before:
            return False
        self._tell()
        return True

    def record_identity(self, key: str, cipher: bytes, index: bytes, now: datetime) -> None:
        """Keep the number as it was sealed; the same one again changes nothing."""
        if self.identity_index != index:
            self.identity_key, self.identity_cipher, self.identity_index = key, cipher, index
            self.identity_recorded_at = now

    def remove_identity(self) -> None:
        self.identity_key = self.identity_cipher = self.identity_index = self.identity_recorded_at = None

    def _take(self, facts: dict[str, Any]) -> None:
        for name, value in facts.items():
            tidy = " ".join(value.split()) if isinstance(value, str) else value
            setattr(self, name, tidy.lower() if tidy and name == "email" else tidy)
        if not self.full_name:
            raise Invalid("name_is_blank", "fullName")

    def _tell(self) -> None:
        self.record(PersonChanged(person_id=self.id, full_name=self.full_name, email=self.email))
