"""The minute of a hand-over: written once every service has said what passed, locked in the store."""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import typst
from sqlalchemy import ColumnElement, func, literal, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from contracts.audits import minutes as c
from contracts.cases.events import DossiersHandedOver
from contracts.directory.events import PositionHandedOver
from contracts.directory.hand_overs import RolePassed, Signed, SigningPart
from contracts.documents.events import DocumentsHandedOver
from contracts.duties import HandedThing
from contracts.messages import text
from kernel.base.clock import VIETNAM
from kernel.base.errors import Conflict, NotFound
from kernel.life.crash import crash_point
from kernel.work.call import Call, Reaction
from kernel.work.operations import on, query
from kernel.work.service import KeptObject
from kernel.work.unit_of_work import track
from services.audits import rules
from services.audits.domain.minute import HandOverMinute
from services.audits.tables import hand_over_reports as reports
from services.audits.tables import minutes

log = logging.getLogger(__name__)
REPORTING = ("audits", "cases", "documents")
"""The services that hold things of a position, each of which says what passed."""
FOLDER = "minutes/"
MEDIA_TYPE = "application/pdf"
LINK_SECONDS = 300
AGAIN = timedelta(minutes=10)
UNUSUAL = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\xa0-\\u019a\\u019c-\\u024f\\u0300-\\u036f\\u0370-\\u04ff\\u1e00-\\u1eff"
    "\\u2000-\\u2040\\u20ab\\u20ac\\u2116\\u2190-\\u22ff]"
)
"""What is no letter of Latin, Greek or Cyrillic, no mark on one, no punctuation and no sign of arithmetic."""
TEMPLATE = Path(__file__).with_name("minute.typ")
SAYS = ("title", "motto", "basis", "giver", "receiver", "leader", "roles", "things", "none", "note", "signed")


# -- what is kept ----------------------------------------------------------------------------------


def enter(call: Reaction, event: PositionHandedOver) -> None:
    """There will be a minute of it; reports may have come before."""
    minute = HandOverMinute(
        id=event.hand_over_id,
        agency_id=event.agency_id,
        giver_id=event.giver_id,
        receiver_id=event.receiver_id,
        told=event,
    )
    call.session.add(minute)
    track(call.session, minute, is_new=True)


@on(DocumentsHandedOver)
def note_documents(call: Reaction, event: DocumentsHandedOver) -> None:
    """Keep what documents passed on."""
    note_report(call, "documents", event.hand_over_id, event.things)


@on(DossiersHandedOver)
def note_dossiers(call: Reaction, event: DossiersHandedOver) -> None:
    """Keep what cases passed on."""
    note_report(call, "cases", event.hand_over_id, event.things)


def note_report(call: Reaction, service: str, hand_over_id: UUID, things: Iterable[HandedThing]) -> None:
    """What passed in one service, as it says itself."""
    row = {"hand_over_id": hand_over_id, "service": service, "things": tuple(things)}
    call.session.execute(insert(reports).values(row).on_conflict_do_nothing())


def write_minute(call: Call) -> int:
    """Write the next minute that every service has reported for; how many it was."""
    minute = _next(call)
    if minute is None:
        return 0
    told = facts(minute.told, _things(call.session, [minute.id]))
    try:
        body = render(told)
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


# -- who may read it -------------------------------------------------------------------------------


@query(c.MinutesByIds)
def minutes_by_ids(call: Call, question: c.MinutesByIds) -> list[c.MinuteView]:
    """Those that the caller may see."""
    wanted = select(minutes.c.id, minutes.c.file).where(minutes.c.id.in_(question.ids), _visible(call))
    rows = call.session.execute(wanted).all()
    things: dict[UUID, list[c.HandOverReport]] = {row.id: [] for row in rows}
    for report in _reports(call.session, things):
        shown = c.HandOverReport(service=report.service, things=list(report.things))
        things[report.hand_over_id].append(shown)
    return [_view(row.id, row.file, things[row.id]) for row in rows]


@query(c.DownloadMinute)
def download_minute(call: Call, question: c.DownloadMinute) -> c.MinuteLink:
    """A link to exactly the version that was written, good for five minutes."""
    wanted = select(HandOverMinute).where(minutes.c.id == question.hand_over_id, _visible(call))
    minute = call.session.scalar(wanted)
    if minute is None:
        raise NotFound("hand_over_not_found", "handOverId")
    if minute.file is None:
        raise Conflict("minute_not_written_yet", "handOverId")
    name = f"bien-ban-{minute.told.number}.pdf".replace("/", "-")
    url = call.store.get_link(minute.file.key, minute.file.version_id, name, MEDIA_TYPE, LINK_SECONDS)
    until = call.real_now() + timedelta(seconds=LINK_SECONDS)
    return c.MinuteLink(url=url, expires_at=until, sha256=minute.file.sha256)


def _view(id: UUID, file: c.MinuteFile | None, told: list[c.HandOverReport]) -> c.MinuteView:
    return c.MinuteView(
        hand_over_id=id,
        reports=told,
        sha256=file.sha256 if file else None,
        written_at=file.written_at if file else None,
    )


def _visible(call: Call) -> ColumnElement[bool]:
    reach, me = call.reach_of("duties_of_others"), call.actor.person_id
    if reach.everything:
        return literal(True)
    led = minutes.c.agency_id.in_(reach.agency_ids)
    return or_(minutes.c.giver_id == me, minutes.c.receiver_id == me, led)


def _reports(session: Session, ids: Iterable[UUID]) -> Any:
    wanted = select(reports).where(reports.c.hand_over_id.in_(list(ids)))
    return session.execute(wanted.order_by(reports.c.hand_over_id, reports.c.service))


def _things(session: Session, ids: Iterable[UUID]) -> list[HandedThing]:
    return [thing for report in _reports(session, ids) for thing in report.things]


# -- what it says ----------------------------------------------------------------------------------


def render(facts: dict[str, Any]) -> bytes:
    """A PDF/A-2b file, the same bytes for the same facts: fonts and time are none of this machine's.

    The standard refuses a letter that its fonts do not have: such a page is made with the unusual ones named
    by their number, so that nothing is lost and nobody's note keeps a minute from being written.
    """
    try:
        return _compiled(facts)
    except typst.TypstError:
        return _compiled(_spelled_out(facts))


def _compiled(facts: dict[str, Any]) -> bytes:
    told = {"facts": json.dumps(facts, ensure_ascii=False)}
    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs=told,
        ignore_system_fonts=True,
        pdf_standards=["a-2b"],
        timestamp=facts["moment"],
    )
    assert isinstance(made, bytes)
    return made


def _spelled_out(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _spelled_out(each) for name, each in told.items()}
    if isinstance(told, list):
        return [_spelled_out(each) for each in told]
    return UNUSUAL.sub(lambda found: f"[U+{ord(found[0]):04X}]", told) if isinstance(told, str) else told


def facts(told: PositionHandedOver, things: Iterable[HandedThing]) -> dict[str, Any]:
    """What the page shows, in words of both languages."""
    at = told.handed_over_at.astimezone(VIETNAM)
    has_signed = any(each.part is SigningPart.GIVER for each in told.signatures)
    return {
        "says": {name: _both(f"minute_{name}") for name in SAYS},
        "moment": int(told.handed_over_at.timestamp()),
        "number": told.number,
        "agency": told.agency,
        "when": f"{at:%H:%M}, {_read(at)}",
        "giver": {"name": told.giver, "title": told.giver_title},
        "receiver": {"name": told.receiver, "title": told.receiver_title},
        "note": told.note,
        "roles": [_role(each) for each in told.roles],
        "things": [_thing(each) for each in things],
        "signatures": [_signature(each) for each in told.signatures],
        "unsigned": [] if has_signed else [_both("minute_giver_absent")],
    }


def _both(code: str) -> dict[str, str]:
    said = text(code)
    return {"vi": said.vi, "en": said.en}


def _role(passed: RolePassed) -> dict[str, Any]:
    reach = _both("minute_with_subtree") if passed.with_subtree else {"vi": "", "en": ""}
    return {"role": {"vi": passed.name, "en": passed.name_en}, "agency": passed.agency, "reach": reach}


def _thing(thing: HandedThing) -> dict[str, Any]:
    what = {
        "what": _both(f"duty_{thing.kind.value}"),
        "subject": _both(f"duty_subject_{thing.subject.value}"),
    }
    return what | {"code": thing.code, "title": thing.title}


def _signature(signed: Signed) -> dict[str, Any]:
    at = signed.at.astimezone(VIETNAM)
    said = {"part": _both(f"minute_{signed.part.value}"), "at": f"{at:%H:%M:%S} {_read(at)}"}
    behalf = (
        {"vi": f"{_both('minute_for')['vi']} {signed.on_behalf_of}", "en": ""}
        if signed.on_behalf_of
        else None
    )
    return said | {"name": signed.name, "title": signed.title, "behalf": behalf}


def _read(day: date | datetime) -> str:
    return day.strftime("%d/%m/%Y")
