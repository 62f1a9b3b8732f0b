"""The boundary: what arrives becomes a contract or a refusal that names the field; what leaves is JSON."""

import re
import secrets
from typing import Any, TypeVar

import msgspec

from kernel.base import bounds, clock, forms
from kernel.base.errors import Invalid
from kernel.base.text import nfc

SESSION_TOKEN = "nameko.grant"
DEADLINE = "nameko.deadline"
TRACE = "nameko.traceparent"
ADDRESS = "nameko.address"

T = TypeVar("T")

# msgspec says in English what is wrong; the first pattern that fits gives the catalogue's code.
_FAULTS = (
    (r"missing required field `(?P<name>[^`]+)`", "field_missing"),
    (r"of length >= (?P<limit>\d+)", "too_short"),
    (r"of length <= (?P<limit>\d+)", "too_long"),
    (r"`\w+` >=? (?P<limit>[\d.]+)", "too_small"),
    (r"`\w+` <=? (?P<limit>[\d.]+)", "too_large"),
    (r"multiple of (?P<limit>[\d.]+)", "not_a_multiple"),
    (r"matching regex", "wrong_form"),
    (r"Invalid enum value", "not_in_list"),
    (r"Invalid (?P<expected>UUID|RFC3339 encoded date(?:time)?)", "wrong_type"),
    (r"Expected `(?P<expected>[^`]+)`", "wrong_type"),
)


def load(cls: type[T], raw: Any) -> T:
    """`raw` (builtins as decoded from JSON) as a `cls`, all text in NFC; else `Invalid` naming the field."""
    try:
        return _converted(cls, _clean(raw, None))
    except RecursionError:
        raise Invalid("json_too_deep") from None


def admit(cls: type[T], raw: Any) -> T:
    """What a caller sent, as a `cls`: every text in its form, every date within its bounds."""
    made = _converted(cls, forms.tidy(cls, _clean(raw, None)))
    bounds.check(made)
    return made


def _converted(cls: type[T], raw: Any) -> T:
    try:
        return msgspec.convert(raw, cls)
    except msgspec.ValidationError as error:
        raise _fault(str(error)) from None


def dump(thing: Any) -> Any:
    """`thing` as builtins that JSON can carry."""
    return msgspec.to_builtins(thing)


def encode(thing: Any) -> bytes:
    """`thing` as UTF-8 JSON."""
    return msgspec.json.encode(thing)


def decode(body: bytes | str) -> Any:
    """JSON as builtins; `Invalid` when it is none, or is nested beyond all reason."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("not_json", detail=str(error)) from None
    except RecursionError:
        raise Invalid("json_too_deep") from None


def deadline_in(seconds: float) -> str:
    """The moment `seconds` from now, as the deadline header carries it (Unix milliseconds)."""
    return str(int(clock.now().timestamp() * 1000 + seconds * 1000))


def seconds_left(deadline: str | None) -> float | None:
    """Seconds until a deadline header's moment (negative when passed); None without one."""
    if deadline is None or not re.fullmatch("[0-9]{1,15}", deadline):
        return None
    return int(deadline) / 1000 - clock.now().timestamp()


def new_traceparent() -> str:
    """A W3C traceparent for a trace that begins here."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_id(traceparent: str | None) -> str | None:
    """The trace id inside a W3C traceparent, or None when it is not one."""
    found = re.fullmatch(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", traceparent or "")
    return found.group(1) if found else None


Place = tuple["Place | None", str | int]
"""Where in a message something stands: inside what, and under which name or number."""


def _clean(raw: Any, at: "Place | None") -> Any:
    if isinstance(raw, str):
        # PostgreSQL stores no NUL, and no honest text holds one.
        if "\x00" in raw:
            raise Invalid("forbidden_character", _field(_path(at), None))
        return nfc(raw)
    if isinstance(raw, dict):
        return {key: _clean(value, (at, key)) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_clean(value, (at, index)) for index, value in enumerate(raw)]
    return raw


def _path(at: "Place | None") -> str:
    steps: list[str] = []
    while at is not None:
        at, step = at
        steps.append(str(step))
    return ".".join(reversed(steps))


def _fault(said: str) -> Invalid:
    where = said.rpartition(" - at `")[2].rstrip("`") if " - at `" in said else "$"
    for pattern, code in _FAULTS:
        if found := re.search(pattern, said):
            facts = found.groupdict()
            field = _field(where, facts.pop("name", None))
            return Invalid(code, field, name=field or "?", **facts)
    field = _field(where, None)
    return Invalid("malformed", field, name=field or "?")


def _field(where: str, missing: str | None) -> str | None:
    """`$.steps[0].return_to` as the client wrote it: `steps.0.returnTo`."""
    path = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", where.removeprefix("$")).strip(".")
    if missing:
        path = f"{path}.{missing}".strip(".")
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), path) or None
