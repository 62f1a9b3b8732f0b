"""Writes the minute of a hand-over once every service has said what passed, and locks it in the store."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import typst
from sqlalchemy import func, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from contracts.audits import minutes as c
from kernel.life.crash import crash_point
from kernel.work.call import Call
from kernel.work.service import KeptObject
from kernel.work.unit_of_work import track
from services.audits import rules
from services.audits.minutes.domain import HandOverMinute
from services.audits.minutes.rendering import facts, render
from services.audits.minutes.reports import things_of
from services.audits.minutes.tables import hand_over_reports as reports
from services.audits.minutes.tables import minutes

log = logging.getLogger(__name__)
REPORTING = ("audits", "cases", "documents")
"""The services that hold things of a position, each of which says what passed."""
FOLDER = "minutes/"
MEDIA_TYPE = "application/pdf"
AGAIN = timedelta(minutes=10)


def write_minute(call: Call) -> int:
    """Write the next minute that every service has reported for; how many it was."""
    minute = _next(call)
    if minute is None:
        return 0
    shown = facts(minute.told, things_of(call.session, [minute.id]))
    try:
        body = render(shown)
    except typst.TypstError:
        log.exception("the minute of %s cannot be rendered; others come first", minute.told.number)
        tried = update(minutes).where(minutes.c.id == minute.id).values(tried_at=call.real_now())
        call.session.execute(tried)
        return 1
    track(call.session, minute)
    minute.file = _kept(call, minute, body)
    return 1


def _next(call: Call) -> HandOverMinute | None:
    """One that failed waits behind all others, and for a while."""
    said = select(func.count()).where(reports.c.hand_over_id == minutes.c.id).scalar_subquery()
    again = or_(minutes.c.tried_at.is_(None), minutes.c.tried_at < call.real_now() - AGAIN)
    wanted = select(HandOverMinute).where(minutes.c.file.is_(None), again, said >= len(REPORTING))
    ordered = wanted.order_by(minutes.c.tried_at.asc().nulls_first(), minutes.c.id)
    return call.session.scalar(ordered.limit(1).with_for_update(skip_locked=True, of=minutes))


def _kept(call: Call, minute: HandOverMinute, body: bytes) -> c.MinuteFile:
    """Put once: where a try before was cut off after it, what lies there is the minute."""
    key = f"{FOLDER}{minute.id}.pdf"
    version = call.store.first_versions(key).get(key)
    if version is not None:
        body = call.store.read(key, version)
    else:
        until = call.real_now() + timedelta(days=rules.minutes_kept_days())
        version = call.store.put(key, body, MEDIA_TYPE, until)
        crash_point("minute.after_put")
    digest = sha256(body).hexdigest()
    return c.MinuteFile(key=key, version_id=version, sha256=digest, size=len(body), written_at=call.now())


def objects(session: Session) -> Iterator[KeptObject]:
    """The minutes that the store must hold, in the order of their keys' bytes."""
    key = type_coerce(minutes.c.file, JSONB)["key"].astext
    number = type_coerce(minutes.c.told, JSONB)["number"].astext
    kept = select(number.label("number"), minutes.c.file).where(minutes.c.file.is_not(None))
    for row in session.execute(kept.order_by(key.collate("C"))):
        file: c.MinuteFile = row.file
        yield KeptObject(
            key=file.key, version_id=file.version_id, sha256=file.sha256, size=file.size, about=row.number
        )
