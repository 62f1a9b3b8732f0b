"""The minute of a hand-over as a PDF: the same bytes for the same facts."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst

from contracts.directory.events import PositionHandedOver
from contracts.directory.hand_overs import RolePassed, Signed, SigningPart
from contracts.duties import HandedThing
from contracts.messages import text
from kernel.base.clock import VIETNAM

UNUSUAL = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\xa0-\\u019a\\u019c-\\u024f\\u0300-\\u036f\\u0370-\\u04ff\\u1e00-\\u1eff"
    "\\u2000-\\u2040\\u20ab\\u20ac\\u2116\\u2190-\\u22ff]"
)
"""What is no letter of Latin, Greek or Cyrillic, no mark on one, no punctuation and no sign of arithmetic."""
TEMPLATE = Path(__file__).with_name("minute.typ")
SAYS = ("title", "motto", "basis", "giver", "receiver", "leader", "roles", "things", "none", "note", "signed")


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
    inputs = {"facts": json.dumps(facts, ensure_ascii=False)}
    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs=inputs,
        ignore_system_fonts=True,
        pdf_standards=["a-2b"],
        timestamp=facts["moment"],
    )
    assert isinstance(made, bytes)
    return made


def _spelled_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spelled_out(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_spelled_out(each) for each in value]
    return UNUSUAL.sub(lambda found: f"[U+{ord(found[0]):04X}]", value) if isinstance(value, str) else value


def facts(event: PositionHandedOver, things: Iterable[HandedThing]) -> dict[str, Any]:
    """What the page shows, in words of both languages."""
    at = event.handed_over_at.astimezone(VIETNAM)
    has_signed = any(each.part is SigningPart.GIVER for each in event.signatures)
    return {
        "says": {name: _both(f"minute_{name}") for name in SAYS},
        "moment": int(event.handed_over_at.timestamp()),
        "number": event.number,
        "agency": event.agency,
        "when": f"{at:%H:%M}, {_read(at)}",
        "giver": {"name": event.giver, "title": event.giver_title},
        "receiver": {"name": event.receiver, "title": event.receiver_title},
        "note": event.note,
        "roles": [_role(each) for each in event.roles],
        "things": [_thing(each) for each in things],
        "signatures": [_signature(each) for each in event.signatures],
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
