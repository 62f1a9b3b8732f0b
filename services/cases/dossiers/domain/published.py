"""What a dossier publishes of itself, and shows the trail; the applicant's name is in neither."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from contracts.cases.dossiers import Scope
from contracts.cases.events import DossierFinished, DossierNearing, DossierOverdue
from services.cases.clocks.domain import Clock
from services.cases.dossiers.domain.step import Step


class Facts(Protocol):
    """What is asked of a dossier to publish of it."""

    id: UUID
    agency_id: UUID
    competent_agency_id: UUID
    received_agency_id: UUID | None
    applicant_name: str | None
    is_synced: bool
    first_heard_at: datetime
    steps: tuple[Step, ...]
    pauses: tuple[Any, ...]
    clock: Clock | None
    step_clocks: tuple[Clock, ...]

    @property
    def current(self) -> Step | None: ...
    @property
    def on_time(self) -> bool | None: ...
    @property
    def holder_agency_id(self) -> UUID: ...
    @property
    def parties(self) -> Collection[UUID]: ...


_SUBJECT = ("number", "document_id", "document_code", "title")
_STATE = (
    *(*_SUBJECT, "kind", "agency_id", "competent_agency_id", "revision_id", "revision_number", "tthc_code"),
    *("received_at", "due_at", "status", "step_seq", "is_overdue", "finished_at", "on_time", "is_synced"),
    *("received_agency_id", "first_competent_agency_id"),
)
_HIDDEN = frozenset({"applicant_name", "version", "acted_version", "steps", "step_clocks", "clock", "pauses"})


def state(dossier: Facts) -> dict[str, Any]:
    """The state that results from a change, as `DossierReceived` and `DossierChanged` carry it."""
    step = dossier.current
    return _facts(dossier, _STATE) | {
        "dossier_id": dossier.id,
        "parties": tuple(dossier.parties),
        "step_number": step.number if step else None,
        "holder_agency_id": dossier.holder_agency_id,
        "holder_position_id": step.position_id if step else None,
        "officer_id": step.officer_id if step else None,
    }


def finished(dossier: Facts, at: datetime) -> DossierFinished:
    """The result is there."""
    more = ("agency_id", "competent_agency_id", "tthc_code", "received_at", "due_at", "is_synced")
    facts = _facts(dossier, (*_SUBJECT, *more))
    return DossierFinished(dossier_id=dossier.id, finished_at=at, on_time=bool(dossier.on_time), **facts)


def overdue(dossier: Facts, clock: Clock, due: datetime, now: datetime) -> DossierOverdue:
    """A due time is past; that concerns the agency answering for it, and names who brought it."""
    measured = _measured(dossier, clock, dossier.competent_agency_id)
    brought_by = dossier.received_agency_id or dossier.agency_id
    return DossierOverdue(
        **_facts(dossier, (*_SUBJECT, "revision_id", "revision_number", "tthc_code", "is_synced")),
        **measured,
        brought_by_agency_id=brought_by if brought_by != measured["agency_id"] else None,
        due_at=due,
        occurred_at=now,
        is_synced_history=dossier.is_synced and due < dossier.first_heard_at,
    )


def nearing(dossier: Facts, clock: Clock, due: datetime, now: datetime) -> DossierNearing:
    """A due time comes near; that concerns who holds the step."""
    measured = _measured(dossier, clock, dossier.holder_agency_id)
    return DossierNearing(**_facts(dossier, _SUBJECT), **measured, due_at=due, occurred_at=now)


def snapshot(dossier: Facts, plain: dict[str, Any]) -> dict[str, Any]:
    """One key per fact, so that a difference names just what changed."""
    shown = {name: value for name, value in plain.items() if name not in _HIDDEN}
    shown["applicant_is_named"] = dossier.applicant_name is not None
    for step in dossier.steps:
        shown[f"step_{step.seq}"] = (step.status, step.officer_id, step.handed_over_at, step.done_at)
    for place, pause in enumerate(dossier.pauses, start=1):
        shown[f"pause_{place}"] = (pause.reason, pause.paused_at, pause.resumed_at)
    clocks = [clock for clock in (dossier.clock, *dossier.step_clocks) if clock is not None]
    shown["told"] = [word for clock in clocks for word in _ends(clock)]
    return shown


def _ends(clock: Clock) -> list[str]:
    words = (("nearing", clock.told_nearing), ("overdue", clock.told_overdue))
    return [f"{clock.seq}:{word}" for word, is_told in words if is_told]


def _facts(dossier: Facts, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(dossier, name) for name in names}


def _measured(dossier: Facts, clock: Clock, of_whole: UUID) -> dict[str, Any]:
    """What the clock measures and whose business that is."""
    step = dossier.current
    is_step = clock.seq != 0 and step is not None
    return {
        "dossier_id": dossier.id,
        "scope": Scope.STEP if is_step else Scope.DOSSIER,
        "step_seq": step.seq if step else None,
        "step_number": step.number if step else None,
        "agency_id": step.agency_id if step and is_step else of_whole,
        "officer_id": step.officer_id if step else None,
    }
