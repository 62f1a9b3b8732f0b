"""Puts the explanation of a due time into words, and says how a dossier ended."""

from datetime import datetime
from typing import Any

from contracts import messages
from contracts.cases import deadlines as c
from kernel.base.clock import VIETNAM
from services.cases import rules
from services.cases.clocks import domain
from services.cases.clocks.domain import Clock, Counting
from services.cases.deadlines import domain as explanation
from services.cases.deadlines.domain import Piece


def explained(row: Any, counting: Counting, now: datetime) -> c.DeadlineExplanationView:
    """Every stretch from receipt to due time; what they count and what remains is the allowed time."""
    clock: Clock = row["clock"]
    due = clock.due_at
    counts_from = min(row["counts_from"], due) if clock.is_given and due else row["counts_from"]
    pieces = explanation.pieces(clock, row["pauses"], row["received_at"], counts_from, counting)
    counted = sum(piece.counted_seconds for piece in pieces)
    allowed = counted if clock.is_given else clock.seconds
    years = domain.years(counting, row["received_at"], due or now)
    return c.DeadlineExplanationView(
        dossier_id=row["id"],
        received_at=row["received_at"],
        counts_from=counts_from,
        due_at=due,
        allowed_seconds=allowed,
        counted_seconds=counted,
        remaining_seconds=allowed - counted,
        is_working_time=clock.is_working,
        is_given_by_source=clock.is_given,
        calendar_name=counting.calendar.name,
        calendar_version=counting.calendar_version,
        rule_basis=counting.rules.basis,
        segments=[_segment(piece, row) for piece in pieces],
        warnings=[_warning("year_not_confirmed", year=str(year)) for year in years],
    )


def _segment(piece: Piece, row: Any) -> c.ExplainedSegment:
    said = _words(piece, row)
    return c.ExplainedSegment(
        start=piece.start,
        end=piece.end,
        kind=piece.kind,
        counted_seconds=piece.counted_seconds,
        vi=said.vi,
        en=said.en,
        notice=piece.notice,
    )


def _words(piece: Piece, row: Any) -> messages.Text:
    if piece.kind == explanation.PAUSED:
        reason = rules.pause_reasons(piece.start.astimezone(VIETNAM).date()).get(piece.reason or "", {})
        said = messages.catalogue()["segment_paused"].text
        vi, en = (reason.get(language, piece.reason) for language in ("vi", "en"))
        return messages.Text(vi=said.vi.format(reason=vi), en=said.en.format(reason=en))
    if piece.reason:
        return messages.text(f"segment_{piece.kind}_named", reason=piece.reason)
    return messages.text(f"segment_{piece.kind}")


def _warning(code: str, **facts: str) -> c.WarningView:
    said = messages.text(code, **facts)
    return c.WarningView(code=code, vi=said.vi, en=said.en)
