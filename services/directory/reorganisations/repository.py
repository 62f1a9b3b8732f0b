"""Loads acts for writing, and the tree as an act is judged against it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from contracts.directory.reorganisations import ReorganisationState
from kernel.base.errors import NotFound
from kernel.work.unit_of_work import track
from services.directory.agencies import tables
from services.directory.agencies.domain.agency import Agency
from services.directory.reorganisations import tables as reorganisations_tables
from services.directory.reorganisations.domain.reorganisation import Reorganisation


class StandingTree:
    """The facts of the tree as an act is judged against them; to be read, not changed.

    What was asked for is kept: the session itself forgets an agency that nobody holds, and one that is not
    there it looks for anew each time. What is known beforehand to be asked for is read in one go.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[UUID, Agency | None] = {}
        self._holders: dict[tuple[str, date], Sequence[UUID]] = {}

    def foresee(self, agency_ids: Collection[UUID], codes: Collection[str], day: date) -> None:
        """Read these agencies, and who has these codes on that day or later, in two questions."""
        wanted = select(Agency).where(tables.agencies.c.id.in_(agency_ids))
        self._known |= dict.fromkeys(agency_ids)
        self._known |= {agency.id: agency for agency in self.session.scalars(wanted)}
        holders: dict[str, list[UUID]] = {code: [] for code in codes}
        periods = tables.agency_periods.c
        having = select(periods.code, periods.agency_id).where(periods.code.in_(codes), _ends_after(day))
        for code, agency_id in self.session.execute(having):
            holders[code].append(agency_id)
        self._holders |= {(code, day): found for code, found in holders.items()}

    def find(self, agency_id: UUID) -> Agency | None:
        """The agency, if there ever was one."""
        if agency_id not in self._known:
            self._known[agency_id] = self.session.get(Agency, agency_id)
        return self._known[agency_id]

    def children(self, agency_id: UUID, day: date) -> Sequence[UUID]:
        """The agencies under this one on that day or any later."""
        periods = tables.agency_periods.c
        below = select(periods.agency_id).where(periods.parent_id == agency_id, _ends_after(day)).distinct()
        return self.session.scalars(below.order_by(periods.agency_id)).all()

    def holders(self, code: str, day: date) -> Sequence[UUID]:
        """Who has the code on that day or any later."""
        if (code, day) not in self._holders:
            periods = tables.agency_periods.c
            having = select(periods.agency_id).where(periods.code == code, _ends_after(day))
            self._holders[code, day] = self.session.scalars(having).all()
        return self._holders[code, day]


def _ends_after(day: date) -> ColumnElement[bool]:
    """States of agencies that last on that day, or begin later."""
    ends = tables.agency_periods.c.valid_to
    return or_(ends.is_(None), ends > day)


class ReorganisationRepository:
    """Acts that change agencies."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, act: Reorganisation) -> None:
        self.session.add(act)
        track(self.session, act, is_new=True)

    def get(self, act_id: UUID) -> Reorganisation:
        """The act, locked: it may not be applied while it is taken back."""
        act = self.session.get(Reorganisation, act_id, with_for_update=True)
        if act is None:
            raise NotFound("reorganisation_not_found", "reorganisationId")
        track(self.session, act)
        return act

    def is_any_due(self, today: date) -> bool:
        """Asked before the tree is locked for the others."""
        acts = reorganisations_tables.reorganisations.c
        due = select(acts.id).where(acts.state == ReorganisationState.SCHEDULED, acts.effective_on <= today)
        return self.session.scalar(due.limit(1)) is not None

    def next_due(self, today: date) -> Reorganisation | None:
        """The first act whose day has come."""
        acts = reorganisations_tables.reorganisations.c
        due = (
            select(Reorganisation)
            .where(acts.state == ReorganisationState.SCHEDULED, acts.effective_on <= today)
            .order_by(acts.effective_on, acts.requested_at, acts.id)
            .limit(1)
            .with_for_update()
        )
        act = self.session.scalar(due)
        if act is not None:
            track(self.session, act)
        return act

    def waiting_for(self, agency_ids: Iterable[UUID]) -> tuple[date, str] | None:
        """Day and number of an act that waits and concerns one of the agencies."""
        concerned, acts = (
            reorganisations_tables.reorganisation_agencies.c,
            reorganisations_tables.reorganisations.c,
        )
        wanted = (
            select(Reorganisation)
            .join(reorganisations_tables.reorganisation_agencies, concerned.reorganisation_id == acts.id)
            .where(concerned.agency_id.in_(list(agency_ids)), acts.state == ReorganisationState.SCHEDULED)
            .order_by(acts.effective_on)
            .limit(1)
        )
        act = self.session.scalar(wanted)
        return (act.effective_on, act.plan.basis.number) if act else None
