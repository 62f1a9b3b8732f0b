"""Who did a thing, as it is kept with the thing: a plain record, which a domain may use."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Acted:
    """Person, position, on whose behalf if not their own, business moment; a program has no person."""

    person_id: UUID | None
    at: datetime
    position_id: UUID | None = None
    on_behalf_of: UUID | None = None

    @property
    def signer(self) -> UUID:
        """The person, where only people act."""
        assert self.person_id is not None
        return self.person_id

    def is_of(self, person_id: UUID | None) -> bool:
        """Whether the act is that person's own, or was done for them."""
        return person_id is not None and person_id in (self.person_id, self.on_behalf_of)
