"""What one dossier adds to the figures; the figures are the sum over all dossiers, whenever it is taken."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.cases.dossiers import DossierStatus

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MEASURES = ("received", "finished", "on_time", "late", "stopped", "open", "overdue_open")


class Counted(Protocol):
    """What the figures need to know of a dossier: the aggregate shows it, and so do its events."""

    @property
    def competent_agency_id(self) -> UUID: ...
    @property
    def first_competent_agency_id(self) -> UUID | None: ...
    @property
    def document_id(self) -> UUID: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def status(self) -> DossierStatus: ...
    @property
    def is_overdue(self) -> bool: ...
    @property
    def on_time(self) -> bool | None: ...


class Key(NamedTuple):
    """One row of the figures."""

    agency_id: UUID
    document_id: UUID
    month: date


Figures = Counter[tuple[Key, str]]


def contribution(dossier: Counted) -> Figures:
    """What the dossier adds, in the month of receipt and in that of its end, to whom it was a matter of then.

    What is open is a matter of the agency that answers for it now.
    """
    is_open = dossier.status in (DossierStatus.PROCESSING, DossierStatus.PAUSED)
    then = dossier.first_competent_agency_id or dossier.competent_agency_id
    added: Figures = Counter({(_key(dossier, dossier.received_at, then), "received"): 1})
    if is_open:
        here = _key(dossier, dossier.received_at, dossier.competent_agency_id)
        added[here, "open"] = 1
        added[here, "overdue_open"] = int(dossier.is_overdue)
    elif dossier.finished_at is not None:
        there = _key(dossier, dossier.finished_at, dossier.competent_agency_id)
        is_finished = dossier.status is DossierStatus.FINISHED
        added[there, "finished" if is_finished else "stopped"] = 1
        if is_finished:
            added[there, "on_time" if dossier.on_time else "late"] = 1
    return added


def difference(before: Figures | None, after: Figures) -> Figures:
    """What has to be added to the figures so that they hold `after` instead of `before`."""
    changed: Figures = Counter(after)
    changed.subtract(before or {})
    return Counter({place: count for place, count in changed.items() if count})


def as_rows(added: Mapping[tuple[Key, str], int]) -> list[dict[str, Any]]:
    """Added counts as rows of all measures, in an order that every transaction keeps."""
    by_key: dict[Key, dict[str, int]] = {}
    for (key, measure), count in added.items():
        by_key.setdefault(key, dict.fromkeys(MEASURES, 0))[measure] += count
    return [{**key._asdict(), **by_key[key]} for key in sorted(by_key)]


def summed(dossiers: Iterable[Counted]) -> Figures:
    """The figures of many dossiers, counted anew."""
    total: Figures = Counter()
    for dossier in dossiers:
        total.update(contribution(dossier))
    return total


def _key(dossier: Counted, moment: datetime, agency_id: UUID) -> Key:
    month = moment.astimezone(VIETNAM).date().replace(day=1)
    return Key(agency_id, dossier.document_id, month)
