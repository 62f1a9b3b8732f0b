"""Dossiers that another system keeps: its word is the state, and ours is only whether it was in time."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from contracts.cases.dossiers import DossierStatus
from contracts.cases.sync import SyncedDossier, SyncedPause
from kernel.base.errors import Invalid
from services.cases.clocks.domain import Clock, Counting
from services.cases.dossiers.domain import published
from services.cases.dossiers.domain.dossier import Dossier, Pause

FARTHEST = timedelta(days=40 * 365)


def check(record: SyncedDossier, now: datetime, reasons: Collection[str]) -> None:
    """Refuse a line that contradicts itself or reports the future."""
    if (record.tthc_code is None) == (record.document_code is None):
        raise Invalid("procedure_not_named", "tthcCode")
    for name, moment in (("receivedAt", record.received_at), ("changedAt", record.changed_at)):
        if moment > now:
            raise Invalid("moment_in_the_future", name)
    if record.due_at is not None and not record.received_at <= record.due_at <= record.received_at + FARTHEST:
        raise Invalid("due_does_not_fit", "dueAt")
    _check_end(record, now)
    _check_pauses(record, now, reasons)


def _check_end(record: SyncedDossier, now: datetime) -> None:
    has_ended = record.status in (DossierStatus.FINISHED, DossierStatus.STOPPED)
    if has_ended != (record.finished_at is not None):
        raise Invalid("end_does_not_fit_status", "finishedAt", sent=record.status)
    if record.finished_at is not None and not record.received_at <= record.finished_at <= now:
        raise Invalid("end_does_not_fit", "finishedAt")


def _check_pauses(record: SyncedDossier, now: datetime, reasons: Collection[str]) -> None:
    reached = record.received_at
    for place, pause in enumerate(record.pauses):
        field = f"pauses.{place}"
        if pause.reason not in reasons:
            raise Invalid("pause_reason_unknown", f"{field}.reason", reason=pause.reason)
        is_last = place == len(record.pauses) - 1
        until = pause.until or (now if is_last and record.status is DossierStatus.PAUSED else None)
        if until is None or not reached <= pause.since <= until <= now:
            raise Invalid("pauses_do_not_fit", field)
        reached = until
    is_open = bool(record.pauses) and record.pauses[-1].until is None
    if (record.status is DossierStatus.PAUSED) != is_open:
        raise Invalid("pauses_do_not_fit", "pauses")


def is_news(dossier: Dossier, record: SyncedDossier) -> bool:
    """Whether the record is newer than what was heard last; an older one changes nothing."""
    known = dossier.source_changed_at
    return known is None or record.changed_at > known


def hear(
    dossier: Dossier, record: SyncedDossier, clock: Clock | None, counting: Counting, now: datetime
) -> None:
    """Take the record over as the dossier's state; `clock` is a fresh one of the procedure's time."""
    is_new = dossier.source_changed_at is None
    was = (dossier.status, dossier.ended_at, dossier.due_at)
    dossier.source_changed_at = record.changed_at
    dossier.applicant_name = record.applicant_name
    dossier.status, dossier.ended_at = record.status, record.finished_at
    dossier.pauses = tuple(_pause(each) for each in record.pauses)
    dossier.clock = _clock(dossier, record, clock, counting)
    dossier.due_at = dossier.clock.due_at if dossier.clock else None
    _judge(dossier, now)
    dossier.announce(is_new=is_new)
    is_finished = dossier.status is DossierStatus.FINISHED
    if is_finished and record.finished_at and was != (dossier.status, dossier.ended_at, dossier.due_at):
        dossier.record(published.finished(dossier, record.finished_at))


def expect_counted(dossier: Dossier, record: SyncedDossier, clock: Clock | None, counting: Counting) -> None:
    """Refuse a due time before the one counted here: another agency would be late by mere assertion.

    Where nothing is counted, any due time is such an assertion. While a dossier pauses none is counted; the
    earliest that there can be is the one that runs on from where the open pause began.
    """
    if record.due_at is None:
        return
    if clock is None:
        raise Invalid("due_not_counted", "dueAt", code=dossier.document_code)
    over = [each for each in record.pauses if each.until is not None]
    counted = _run(clock, dossier, over, counting).due_at
    if counted is not None and record.due_at < counted:
        raise Invalid("due_before_counted", "dueAt")


def _clock(dossier: Dossier, record: SyncedDossier, fresh: Clock | None, counting: Counting) -> Clock | None:
    """The clock as the record makes it; what was published already stays so."""
    before = dossier.clock
    if record.due_at is not None:
        base = fresh or Clock(seq=0, seconds=0, is_working=True)
        made: Clock | None = base.given(record.due_at)
    else:
        made = _run(fresh, dossier, record.pauses, counting) if fresh else None
    if made is None or before is None:
        return made
    return replace(made, told_nearing=before.told_nearing, told_overdue=before.told_overdue)


def _run(clock: Clock, dossier: Dossier, pauses: Sequence[SyncedPause], counting: Counting) -> Clock:
    clock = clock.start(counting, dossier.counts_from)
    for pause in pauses:
        clock = clock.stop(counting, pause.since)
        if pause.until is not None:
            clock = clock.start(counting, max(pause.until, dossier.counts_from))
    return clock


def _judge(dossier: Dossier, now: datetime) -> None:
    """Late is what was not done by its due time, then or until now; a pause is the latest time judged."""
    clock, until = dossier.clock, dossier.ended_at or now
    if dossier.status is DossierStatus.PAUSED:
        until = dossier.pauses[-1].paused_at
    due = clock.due_at if clock else None
    dossier.is_overdue = due is not None and due < until
    if clock is None or due is None or not dossier.is_overdue or clock.told_overdue:
        return
    if dossier.status is DossierStatus.STOPPED:
        return
    dossier.clock = replace(clock, told_overdue=True, told_nearing=True)
    dossier.record(published.overdue(dossier, clock, due, now))


def _pause(synced: SyncedPause) -> Pause:
    return Pause(reason=synced.reason, paused_at=synced.since, resumed_at=synced.until)
