"""The steps of a dossier: copied from the procedure at receipt, each with the agency that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.cases.dossiers import StepStatus
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from kernel.base.errors import Invalid
from services.cases.clocks.domain import Clock


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `clock_seq` is the step whose clock runs for it: its own, or the one it shares."""

    seq: int
    number: str
    responsible: str
    content: str
    agency_id: UUID
    block: str | None = None
    clock_seq: int | None = None
    returns_to: str | None = None
    status: StepStatus = StepStatus.WAITING
    handed_over_at: datetime | None = None
    acknowledged_at: datetime | None = None
    officer_id: UUID | None = None
    position_id: UUID | None = None
    done_at: datetime | None = None


def copied(content: ProcedureContent, own: UUID, blocks: Mapping[str, UUID]) -> tuple[Step, ...]:
    """The procedure's steps; those of a block are done by the agency named for it, the others by `own`."""
    known = {step.block for step in content.steps if step.block}
    if strangers := sorted(set(blocks) - known):
        raise Invalid("block_unknown", "blocks", block=strangers[0])
    return tuple(_copied(step, blocks.get(step.block or "", own)) for step in content.steps)


def _copied(step: ProcedureStep, agency_id: UUID) -> Step:
    own = step.seq if step.duration and step.duration.unit is not DurationUnit.OFFICE_HOURS else None
    return Step(
        seq=step.seq,
        number=step.number,
        responsible=step.responsible,
        content=step.content,
        agency_id=agency_id,
        block=step.block,
        clock_seq=step.shares_duration_of or own,
        returns_to=step.returns_to,
    )


def clocks_of(content: ProcedureContent, hours_per_day: float) -> tuple[Clock, ...]:
    """One clock for each duration, shared or not."""
    found = (Clock.of(step.seq, step.duration, hours_per_day) for step in content.steps)
    return tuple(clock for clock in found if clock is not None)


def allowed(content: ProcedureContent) -> Sequence[Duration]:
    """The durations whose sum is the dossier's time: the legal one, else those of the steps."""
    if content.legal_time is not None:
        return [content.legal_time]
    return [step.duration for step in content.steps if step.duration is not None]
