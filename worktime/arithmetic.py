"""Adding and measuring working time, and the segments that show it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from worktime.calendar import DAY_SECONDS, Calendar, DayKind
from worktime.index import absolute, advance, local, year_of


class SegmentKind(StrEnum):
    """What a stretch of time is."""

    WORKED = "worked"
    OUTSIDE_HOURS = "outside_hours"
    DAY_OFF = "day_off"
    SPECIAL_DAY_OFF = "special_day_off"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One stretch; `reason` and `notice` say why a special day is off, or is worked to make up for one."""

    start: datetime
    end: datetime
    kind: SegmentKind
    reason: str | None = None
    notice: str | None = None

    @property
    def worked(self) -> timedelta:
        """What this stretch counts."""
        return self.end - self.start if self.kind is SegmentKind.WORKED else timedelta()


def add(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest moment by which `amount` of working time has passed since `start`."""
    seconds = int(amount.total_seconds())
    if seconds < 0:
        raise ValueError("working time is added forward only")
    if seconds == 0:
        return start
    year, day, second = local(calendar, start)
    position = year_of(calendar, year).position(day, second) + seconds
    block, position = advance(calendar, year, position)
    return absolute(calendar, block.year, *block.moment(position))


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time from `start` to `end`; negative when they stand the other way round."""
    if end < start:
        return -between(calendar, end, start)
    (first, *at_start), (last, *at_end) = local(calendar, start), local(calendar, end)
    whole = sum(year_of(calendar, year).total for year in range(first, last))
    before = year_of(calendar, first).position(*at_start)
    return timedelta(seconds=whole + year_of(calendar, last).position(*at_end) - before)


def minutes_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """The whole minutes of it; a minute that has begun to be late counts."""
    return int(between(calendar, start, end).total_seconds() // 60)


def is_worked(calendar: Calendar, moment: datetime) -> bool:
    """Whether the office is open at that moment; the moment it closes is still its own."""
    year, day, second = local(calendar, moment)
    return any(span.start <= second <= span.end for span in year_of(calendar, year).hours[day])


def next_working(calendar: Calendar, moment: datetime) -> datetime:
    """That moment if work goes on at it, else when work begins next."""
    year, day, second = local(calendar, moment)
    block = year_of(calendar, year)
    for span in block.hours[day]:
        if second < span.end:
            return max(moment, absolute(calendar, year, day, span.start))
    position = block.position(day, DAY_SECONDS) + 1
    block, position = advance(calendar, year, position)
    found_day, found_second = block.moment(position)
    return absolute(calendar, block.year, found_day, found_second - 1)


def explain(calendar: Calendar, start: datetime, end: datetime) -> list[Segment]:
    """The whole stretch as segments without a gap; what they count adds up to `between` exactly."""
    there, until = start.astimezone(calendar.zone), end.astimezone(calendar.zone)
    segments: list[Segment] = []
    day = there.date()
    while day <= until.date():
        for piece in _pieces(calendar, day):
            _join(segments, _cut(piece, there, until))
        day += timedelta(days=1)
    return segments


def _pieces(calendar: Calendar, day: date) -> list[Segment]:
    """One day from midnight to midnight."""
    hours = calendar.hours_on(day)
    if not hours:
        return [_off(calendar, day)]
    special = calendar.by_day.get(day)
    why = (special.reason, special.notice) if special and special.kind is DayKind.MAKE_UP else ()
    pieces, reached = [], 0
    for span in hours:
        if span.start > reached:
            pieces.append(_piece(calendar, day, reached, span.start, SegmentKind.OUTSIDE_HOURS))
        pieces.append(_piece(calendar, day, span.start, span.end, SegmentKind.WORKED, *why))
        reached = span.end
    if reached < DAY_SECONDS:
        pieces.append(_piece(calendar, day, reached, DAY_SECONDS, SegmentKind.OUTSIDE_HOURS))
    return pieces


def _off(calendar: Calendar, day: date) -> Segment:
    special = calendar.by_day.get(day)
    if special is None or special.kind is not DayKind.OFF:
        return _piece(calendar, day, 0, DAY_SECONDS, SegmentKind.DAY_OFF)
    kind = SegmentKind.SPECIAL_DAY_OFF
    return _piece(calendar, day, 0, DAY_SECONDS, kind, special.reason, special.notice)


def _piece(
    calendar: Calendar,
    day: date,
    start: int,
    end: int,
    kind: SegmentKind,
    reason: str | None = None,
    notice: str | None = None,
) -> Segment:
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    span = {"start": midnight + timedelta(seconds=start), "end": midnight + timedelta(seconds=end)}
    return Segment(**span, kind=kind, reason=reason, notice=notice)


def _cut(piece: Segment, start: datetime, end: datetime) -> Segment | None:
    """The part of a piece that lies between the two moments."""
    first, last = max(piece.start, start), min(piece.end, end)
    if first >= last:
        return None
    return Segment(start=first, end=last, kind=piece.kind, reason=piece.reason, notice=piece.notice)


def _join(segments: list[Segment], piece: Segment | None) -> None:
    """Add a piece, grown together with the one before where both say the same."""
    if piece is None:
        return
    last = segments[-1] if segments else None
    same = last and (last.kind, last.reason, last.notice) == (piece.kind, piece.reason, piece.notice)
    if last and same:
        segments[-1] = Segment(
            start=last.start, end=piece.end, kind=last.kind, reason=last.reason, notice=last.notice
        )
    else:
        segments.append(piece)
