"""A member of staff: a name, and how colleagues reach them."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from contracts.directory import PersonChanged
from kernel.aggregate import Aggregate


@dataclass(eq=False, kw_only=True)
class Person(Aggregate):
    """A person; what they do and where stands in their positions."""

    full_name: str
    email: str | None = None

    @classmethod
    def register(cls, *, id: UUID, full_name: str, email: str | None) -> Self:
        """Enter a person under the name and address given, without stray blanks."""
        name = " ".join(full_name.split())
        person = cls(id=id, full_name=name, email=email.strip().lower() if email else None)
        person.record(PersonChanged(person_id=person.id, full_name=person.full_name, email=person.email))
        return person
