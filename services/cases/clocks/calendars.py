"""Calendars as versioned data: what was counted with a version can always be counted again with it."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.work.call import Call
from services.cases import rules
from services.cases.clocks.domain import Counting
from services.cases.clocks.tables import calendars
from services.cases.resources import Resources
from worktime import vietnam
from worktime.calendar import Calendar


def counting(call: Call, rules_on: date, version: int | None = None) -> Counting:
    """By what is counted for something received on that day: that version of the calendar, or the newest."""
    found = version or newest(call)
    share, at_most = rules.warning(rules_on)
    return Counting(
        calendar=_read(call, found),
        calendar_version=found,
        rules=rules.counting(rules_on),
        warn_share=share,
        warn_at_most=at_most,
    )


def newest(call: Call) -> int:
    """The version of the calendar as the data files have it now; entered if it is not known yet."""
    resources: Resources = call.resources
    if resources.newest is None:
        content, digest = _current(call.today())
        known = _version(call.session, digest)
        if known is None:
            return _enter(call.session, content, digest)
        resources.newest = known
    return resources.newest


def keep_calendar(call: Call) -> int:
    """Enter the calendar of the data files when it is new, so that no command has to."""
    content, digest = _current(call.today())
    if _version(call.session, digest) is not None:
        return 0
    version = _enter(call.session, content, digest)
    after = {"version": version, "name": content["name"], "confirmed_years": content["confirmed_years"]}
    call.leave_trail(subject_type="Calendar", subject_id=UUID(digest[:32]), agency_id=None, after=after)
    return 1


def _current(day: date) -> tuple[dict[str, Any], str]:
    """The calendar of the data files as it is stored, with its digest; every process makes the same."""
    content: dict[str, Any] = msgspec.to_builtins(vietnam.calendar(rules.years(day)), str_keys=True)
    content |= {"blocks": {}, "confirmed_years": sorted(content["confirmed_years"])}
    return content, sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _version(session: Session, digest: str) -> int | None:
    return session.scalar(select(calendars.c.version).where(calendars.c.digest == digest))


def _enter(session: Session, content: dict[str, Any], digest: str) -> int:
    """Two processes may find it missing at once; one of them enters it."""
    row = {"name": content["name"], "digest": digest, "content": content}
    session.execute(insert(calendars).values(row).on_conflict_do_nothing())
    version = _version(session, digest)
    assert version is not None
    return version


def _read(call: Call, version: int) -> Calendar:
    resources: Resources = call.resources
    if version not in resources.calendars:
        content = call.session.scalar(select(calendars.c.content).where(calendars.c.version == version))
        resources.calendars[version] = msgspec.convert(content, Calendar, str_keys=True)
    return resources.calendars[version]
