"""How a due time came about: every stretch from receipt to due time, and what each takes off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.cases.clocks.domain import Clock, Counting, Stretch
from services.cases.dossiers.domain.dossier import Pause
from worktime.arithmetic import Segment, SegmentKind, explain

COUNTED, ROLLED, PAUSED, AFTER_CUT_OFF = "counted", "rolled_over", "paused", "after_cut_off"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One stretch. `reason` is the code of a pause's reason or the name of a day off."""

    start: datetime
    end: datetime | None
    kind: str
    counted_seconds: int = 0
    reason: str | None = None
    notice: str | None = None


def pieces(
    clock: Clock, pauses: Sequence[Pause], received_at: datetime, counts_from: datetime, counting: Counting
) -> list[Piece]:
    """From receipt to the due moment without a gap, or to the pause that lasts."""
    found = list(_before(received_at, counts_from, counting))
    if clock.is_given:
        assert clock.due_at is not None
        return [*found, *_run(Stretch(start=counts_from, end=clock.due_at), clock, counting)]
    used_up = clock.used_up_at(counting)
    for place, stretch in enumerate(clock.stretches):
        end = min((each for each in (stretch.end, used_up) if each), default=None)
        assert end is not None
        found += _run(Stretch(start=stretch.start, end=end), clock, counting)
        if end == used_up:
            break
        found.append(_paused(pauses[place], stretch, clock.stretches[place + 1 :]))
    if used_up and clock.due_at and used_up < clock.due_at:
        found.append(Piece(start=used_up, end=clock.due_at, kind=ROLLED))
    return found


def _before(received_at: datetime, counts_from: datetime, counting: Counting) -> Iterator[Piece]:
    """What lies between receipt and the start of counting: worked, but after the cut-off."""
    for each in explain(counting.calendar, received_at, counts_from):
        is_worked = each.kind is SegmentKind.WORKED
        yield _piece(each, AFTER_CUT_OFF if is_worked else each.kind.value, 0)


def _run(stretch: Stretch, clock: Clock, counting: Counting) -> Iterator[Piece]:
    assert stretch.end is not None
    if not clock.is_working and stretch.start < stretch.end:
        seconds = int((stretch.end - stretch.start) / timedelta(seconds=1))
        yield Piece(start=stretch.start, end=stretch.end, kind=COUNTED, counted_seconds=seconds)
    if clock.is_working:
        for each in explain(counting.calendar, stretch.start, stretch.end):
            yield _piece(each, each.kind.value, int(each.worked.total_seconds()))


def _piece(segment: Segment, kind: str, counted: int) -> Piece:
    return Piece(
        start=segment.start.astimezone(UTC),
        end=segment.end.astimezone(UTC),
        kind=kind,
        counted_seconds=counted,
        reason=segment.reason,
        notice=segment.notice,
    )


def _paused(pause: Pause, before: Stretch, after: Sequence[Stretch]) -> Piece:
    assert before.end is not None
    end = after[0].start if after else None
    return Piece(start=before.end, end=end, kind=PAUSED, reason=pause.reason)
