"""Loads agencies for writing, and locks the tree."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel.base.errors import NotFound
from kernel.data.periods import lasts
from kernel.work.unit_of_work import track
from org.tables import agency_closure
from services.directory.agencies import tables
from services.directory.agencies.domain.agency import Agency


class AgencyRepository:
    """Agencies, each with all its periods."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, agency: Agency) -> None:
        self.session.add(agency)
        track(self.session, agency, is_new=True)

    def get(self, agency_id: UUID, field: str = "agencyId") -> Agency:
        agency = self.session.get(Agency, agency_id)
        if agency is None:
            raise NotFound("agency_not_found", field)
        track(self.session, agency)
        return agency

    def has_root(self) -> bool:
        """Whether the tree has begun."""
        periods = tables.agency_periods.c
        rootless = select(periods.agency_id).where(periods.parent_id.is_(None)).limit(1)
        return self.session.scalar(rootless) is not None

    def lock_tree(self) -> None:
        """One change of the tree at a time, until the transaction ends.

        Two insertions side by side would both wait for each other in the exclusion constraints.
        """
        self.session.execute(text("select pg_advisory_xact_lock(hashtext('agency_closure'))"))

    def hold_tree(self) -> None:
        """No change of the tree until the transaction ends, for a handler that builds on it as it stands."""
        self.session.execute(text("select pg_advisory_xact_lock_shared(hashtext('agency_closure'))"))

    def is_below(self, above: UUID, agency_id: UUID, day: date) -> bool:
        """Whether `agency_id` stands anywhere below `above` on `day`."""
        closure = agency_closure.c
        found = select(closure.descendant_id).where(
            closure.ancestor_id == above,
            closure.descendant_id == agency_id,
            lasts(closure.valid_from, closure.valid_to, day),
        )
        return self.session.scalar(found) is not None
