"""The word of the agency that keeps a person's record that another agency may appoint the person."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(kw_only=True)
class ReleaseView:
    """The home agency's word that another agency may appoint a person, until a day at most.

    With `moves_home` the agency that appoints the person keeps their record from then on.
    """

    agency_id: UUID
    until: date | None
    moves_home: bool
    basis: str
    given_on: date
