"""Loads dossiers for writing, visible ones only, and keeps the rows that lists, sweep and figures go by."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from kernel.call import Call
from kernel.data.unit_of_work import track
from kernel.errors import NotFound
from services.cases.domain import figures as sums
from services.cases.domain.dossier import Dossier
from services.cases.domain.figures import Figures, contribution
from services.cases.tables import clocks, dossiers, figures, parties


class DossierRepository:
    """Dossiers of one transaction; `settle` brings everything derived from them up to date."""

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

    def by_numbers(self, agency_id: UUID, numbers: Iterable[str]) -> dict[str, Dossier]:
        """The dossiers of an agency with these numbers, locked."""
        pairs = [(agency_id, number) for number in numbers]
        found = self._load(tuple_(dossiers.c.agency_id, dossiers.c.number).in_(pairs))
        return {dossier.number: dossier for dossier in found}

    def due(self, moment: Any, limit: int) -> Sequence[Dossier]:
        """The next dossiers whose clocks have something to tell; those another process has are skipped."""
        mine = (
            select(Dossier)
            .join(clocks, clocks.c.dossier_id == dossiers.c.id)
            .where(clocks.c.next_moment < moment)
            .order_by(clocks.c.next_moment)
            .limit(limit)
            .with_for_update(skip_locked=True, of=[clocks, dossiers])
        )
        return [self._remember(each) for each in self.session.scalars(mine)]

    def settle(self, changed: Sequence[Dossier]) -> None:
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
        entered = insert(parties)
        shown = {name: entered.excluded[name] for name in _SHOWN}
        if rows:
            self.session.execute(
                entered.on_conflict_do_update(index_elements=["agency_id", "dossier_id"], set_=shown), rows
            )
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
            entered = insert(clocks)
            moved = {"next_moment": entered.excluded.next_moment}
            self.session.execute(
                entered.on_conflict_do_update(index_elements=["dossier_id"], set_=moved), rows
            )

    def _is_visible(self, dossier: Dossier) -> bool:
        reach = self.call.reach()
        return reach.everything or not set(dossier.parties).isdisjoint(reach.agency_ids)


_SHOWN = ("roles", "status", "document_id", "received_at", "due_at")


def add_figures(call: Call, added: Figures) -> None:
    """Add to the figures; rows in one order, so that transactions wait and never lock each other."""
    entered = insert(figures)
    more = {name: figures.c[name] + entered.excluded[name] for name in sums.MEASURES}
    keys = ["agency_id", "document_id", "month"]
    if rows := sums.rows(added):
        call.session.execute(entered.on_conflict_do_update(index_elements=keys, set_=more), rows)


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
