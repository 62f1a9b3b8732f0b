"""Loads dossiers for writing, visible ones only, and keeps the rows that lists, sweep and figures go by."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, TextClause, and_, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from contracts.cases.dossiers import StepStatus
from kernel.base.errors import NotFound
from kernel.data.prepared import prepared
from kernel.work.call import Call
from kernel.work.unit_of_work import track
from services.cases.clocks.tables import clocks
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.tables import CURRENT_STEP, dossiers, parties
from services.cases.statistics import domain as sums
from services.cases.statistics.domain import Figures, contribution
from services.cases.statistics.tables import figures


def _replacing(table: Table, key: Sequence[str], shown: Sequence[str]) -> TextClause:
    """A row, or what is shown of the one already there."""
    new = insert(table)
    state = {name: new.excluded[name] for name in shown}
    return prepared(new.on_conflict_do_update(index_elements=key, set_=state), (*key, *shown))


def _adding(table: Table, key: Sequence[str], measures: Sequence[str]) -> TextClause:
    """A row, or more to the one already there."""
    new = insert(table)
    more = {name: table.c[name] + new.excluded[name] for name in measures}
    return prepared(new.on_conflict_do_update(index_elements=key, set_=more), (*key, *measures))


_SHOWN = ("roles", "status", "document_id", "received_at", "due_at")
_ENTER_PARTY = _replacing(parties, ("agency_id", "dossier_id"), _SHOWN)
_SET_CLOCK = _replacing(clocks, ("dossier_id",), ("next_moment",))
_ADD_FIGURES = _adding(figures, ("agency_id", "document_id", "month"), sums.MEASURES)


class DossierRepository:
    """Dossiers of one transaction; `write_derived` brings everything derived from them up to date."""

    def __init__(self, call: Call) -> None:
        self.call, self.session = call, call.session
        self._before: dict[UUID, tuple[Figures | None, frozenset[UUID]]] = {}

    def add(self, dossier: Dossier) -> None:
        self.session.add(dossier)
        track(self.session, dossier, is_new=True)
        self._before[dossier.id] = (None, frozenset())

    def get(self, dossier_id: UUID) -> Dossier:
        """The dossier, locked; one that the caller may not see is not found, like one that is not there."""
        dossier = next(iter(self._load(dossiers.c.id == dossier_id)), None)
        if dossier is None or not self._is_visible(dossier):
            raise NotFound("dossier_not_found", "dossierId")
        return dossier

    def by_numbers(self, agency_id: UUID, numbers: Iterable[str]) -> dict[str, list[Dossier]]:
        """The dossiers an agency keeps with these numbers, locked: several bear one where agencies merged.

        One that it received itself goes before those it took over.
        """
        found: dict[str, list[Dossier]] = {}
        # Numbers are asked for in capitals; one entered before they were kept so is found all the same.
        wanted = func.upper(dossiers.c.number).in_(list(numbers))
        for dossier in self._load(and_(dossiers.c.agency_id == agency_id, wanted)):
            found.setdefault(dossier.number.upper(), []).append(dossier)
        own = {n: [each for each in same if each.received_agency_id is None] for n, same in found.items()}
        return {number: own[number] or same for number, same in found.items()}

    def taken_up_by(self, officer_id: UUID, position_ids: Sequence[UUID] | None) -> list[Dossier]:
        """The open dossiers whose current step this person took up, as these positions or any; locked."""
        step, status = CURRENT_STEP, StepStatus.IN_PROGRESS.value
        mine = [dossiers.c.step_officer_id == officer_id, step["status"].astext == status]
        if position_ids is not None:
            mine.append(step["position_id"].astext.in_([str(each) for each in position_ids]))
        return self._load(and_(dossiers.c.is_open, *mine))

    def due(self, moment: Any, limit: int) -> Sequence[Dossier]:
        """The next dossiers whose clocks have something to publish; those another process has are skipped."""
        mine = (
            select(Dossier)
            .join(clocks, clocks.c.dossier_id == dossiers.c.id)
            .where(clocks.c.next_moment < moment)
            .order_by(clocks.c.next_moment)
            .limit(limit)
            .with_for_update(skip_locked=True, of=[clocks, dossiers])
        )
        return [self._remember(each) for each in self.session.scalars(mine)]

    def of_agency(self, agency_id: UUID, limit: int) -> Sequence[Dossier]:
        """The next dossiers with which the agency has to do, locked: open ones first, by when they are due.

        In the order of an index, so that a batch costs the same whatever is left.
        """
        mine = select(parties.c.dossier_id).where(parties.c.agency_id == agency_id)
        for is_open, order in (
            (parties.c.is_open, (parties.c.due_at, parties.c.dossier_id)),
            (~parties.c.is_open, (parties.c.dossier_id,)),
        ):
            next_ones = mine.where(is_open).order_by(*order).limit(limit).with_for_update(skip_locked=True)
            ids = self.session.scalars(next_ones).all()
            # A handler at work on one has locked it and will want its row of parties: it is not waited for.
            free = select(Dossier).where(dossiers.c.id.in_(ids)).with_for_update(skip_locked=True)
            if ids and (found := [self._remember(each) for each in self.session.scalars(free)]):
                return found
        return []

    def write_derived(self, changed: Sequence[Dossier]) -> None:
        """Write what lists, sweep and figures read, for dossiers that may have changed."""
        self.session.flush()
        self._enter_parties(changed)
        self._set_clocks(changed)
        added: Figures = Figures()
        for dossier in changed:
            before, _ = self._before[dossier.id]
            after = contribution(dossier)
            added.update(sums.difference(before, after))
            self._before[dossier.id] = (after, frozenset(dossier.parties))
        add_figures(self.call, added)

    def _load(self, which: Any) -> list[Dossier]:
        wanted = select(Dossier).where(which).order_by(dossiers.c.id).with_for_update()
        return [self._remember(each) for each in self.session.scalars(wanted)]

    def _remember(self, dossier: Dossier) -> Dossier:
        if dossier.id not in self._before:
            track(self.session, dossier)
            self._before[dossier.id] = (contribution(dossier), frozenset(dossier.parties))
        return dossier

    def _enter_parties(self, changed: Sequence[Dossier]) -> None:
        rows = [_party(dossier, agency, roles) for dossier in changed for agency, roles in _of(dossier)]
        if rows:
            self.session.execute(_ENTER_PARTY, rows)
        gone = [
            (agency, dossier.id)
            for dossier in changed
            for agency in self._before[dossier.id][1].difference(dossier.parties)
        ]
        if gone:
            which = tuple_(parties.c.agency_id, parties.c.dossier_id).in_(gone)
            self.session.execute(delete(parties).where(which))

    def _set_clocks(self, changed: Sequence[Dossier]) -> None:
        still = [d.id for d in changed if d.next_moment is None and self._before[d.id][0] is not None]
        if still:
            self.session.execute(delete(clocks).where(clocks.c.dossier_id.in_(still)))
        rows = [{"dossier_id": d.id, "next_moment": d.next_moment} for d in changed if d.next_moment]
        if rows:
            self.session.execute(_SET_CLOCK, rows)

    def _is_visible(self, dossier: Dossier) -> bool:
        reach = self.call.reach()
        return reach.everything or not set(dossier.parties).isdisjoint(reach.agency_ids)


def add_figures(call: Call, added: Figures) -> None:
    """Add to the figures; rows in one order, so that transactions wait and never lock each other."""
    if rows := sums.as_rows(added):
        call.session.execute(_ADD_FIGURES, rows)


def _of(dossier: Dossier) -> Iterable[tuple[UUID, list[str]]]:
    return dossier.parties.items()


def _party(dossier: Dossier, agency_id: UUID, roles: list[str]) -> dict[str, Any]:
    return {
        "agency_id": agency_id,
        "dossier_id": dossier.id,
        "roles": roles,
        "status": dossier.status,
        "document_id": dossier.document_id,
        "received_at": dossier.received_at,
        "due_at": dossier.due_at,
    }
