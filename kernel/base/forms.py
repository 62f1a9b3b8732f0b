"""The one form of each kind of text that a caller sends; `contracts.base.Form` says which a field has.

What a reader cannot see or distinguish must not make two things of one: invisible signs go, blanks and dashes
become one kind, and a letter of another script among Latin ones is refused by its name. What is mended is
mended before its length is judged, so that a text of blanks is an empty one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from unicodedata import category, normalize

from msgspec import Meta

from contracts.base import FORM, Form
from kernel.base.errors import Invalid
from kernel.base.text import camel

Place = tuple[str, ...]
Tidy = Callable[[Any, Place], Any]

# Signs of format (Cf: zero-width, soft hyphen, direction, byte order mark), and blanks that count as letters.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
_VARIATIONS = "\ufe00-\ufe0f\U000e0100-\U000e01ef\U000e0000-\U000e007f"
_UNSEEN = re.compile(
    f"[\u00ad\u0600-\u0605\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    f"{_BLANK_LETTERS}{_VARIATIONS}]"
)
_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_LINES = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Letters of other scripts that look like Latin ones: all of Cyrillic, and of Greek those that do.
_ALIKE = re.compile("[\u0400-\u052f\u1c80-\u1c8fΑΒΕΖΗΙΚΜΝΟΡΤΥΧον]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")
# Only the Latin letters of Vietnamese: the blocks beside them hold a times sign, a dotless i and such.
_VIETNAMESE = "àáâãèéêìíòóôõùúýăđĩũơư\u1ea0-\u1ef9"
_OF_A_CODE = re.compile(f"[A-Za-z0-9{_VIETNAMESE}{_VIETNAMESE.upper()} !-/:-@\\[-`{{-~]*")
# Eth and D with a tail stand for Đ where a file named its characters wrongly, and print alike.
_STROKED = str.maketrans("\u00d0\u0189\u00f0\u0256", "ĐĐđđ")


def tidy(shape: type, raw: Any) -> Any:
    """`raw` as it is to become a `shape`, every text of it in its form; `Invalid` names field and letter."""
    tidied = _of(shape)
    return raw if tidied is None else tidied(raw, ())


def line(text: str, at: Place = ()) -> str:
    """One line of words: names, titles, subjects."""
    seen = _CONTROLS.sub(" ", _UNSEEN.sub("", text))
    return _one_script(" ".join(seen.split()), at)


def prose(text: str, at: Place = ()) -> str:
    """Words in several lines: reasons, notes, descriptions."""
    seen = _CONTROLS.sub("", _LINES.sub("\n", _UNSEEN.sub("", text)))
    return _one_script("\n".join(each.rstrip() for each in seen.split("\n")).strip(), at)


def code(text: str, at: Place = ()) -> str:
    """What distinguishes things: Vietnamese letters, the digits 0 to 9, signs of a keyboard, one dash."""
    plain = _DASHES.sub("-", _UNSEEN.sub("", normalize("NFKC", text)))
    bare = normalize("NFC", " ".join(_CONTROLS.sub(" ", plain).split())).translate(_STROKED)
    known = _OF_A_CODE.match(bare)
    if known is None or known.end() < len(bare):
        raise _foreign("code_letter_unknown", bare[known.end() if known else 0], at)
    return bare


def number(text: str, at: Place = ()) -> str:
    """A code whose case says nothing: registers print it in capitals."""
    return code(text, at).upper()


def _one_script(text: str, at: Place) -> str:
    if text.isascii() or not _ALIKE.search(text):
        return text
    for word in _WORD.findall(text):
        alike = _ALIKE.search(word)
        if alike and _LATIN.search(word):
            raise _foreign("letter_of_another_script", alike.group(), at, word=word[:60])
    return text


def _foreign(reason: str, letter: str, at: Place, **facts: str) -> Invalid:
    field = ".".join(at) or None
    shown = letter if category(letter)[0] in "LNPS" else "?"
    return Invalid(reason, field, letter=shown, point=f"U+{ord(letter):04X}", name=field or "?", **facts)


FORMS: Mapping[Form, Callable[[str, Place], str]] = {
    Form.LINE: line,
    Form.PROSE: prose,
    Form.CODE: code,
    Form.NUMBER: number,
    Form.VERBATIM: lambda text, at: text,
}


# -- which text of a shape has which form -----------------------------------------------------------


def _of(hint: Any, form: Form | None = None) -> Tidy | None:
    """How a raw value of this type is tidied; None where it holds no text."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is str:
        return _text(form or Form.PROSE)
    if origin is Annotated:
        return _of(inner[0], form_of(inner[1:]) or form)
    if origin in (Union, UnionType):
        kinds = [each for each in inner if each is not NoneType]
        return _of(kinds[0], form) if len(kinds) == 1 else None
    if origin in (list, tuple):
        return _each(_of(inner[0]))
    return _whole(hint) if isinstance(hint, type) and is_dataclass(hint) else None


def form_of(notes: tuple[Any, ...]) -> Form | None:
    """The form that a type's annotation names."""
    extras = [each.extra for each in notes if isinstance(each, Meta) and each.extra]
    return next((extra[FORM] for extra in extras if FORM in extra), None)


def _text(form: Form) -> Tidy:
    made = FORMS[form]
    return lambda value, at: made(value, at) if isinstance(value, str) else value


def _each(tidied: Tidy | None) -> Tidy | None:
    if tidied is None:
        return None

    def each(values: Any, at: Place) -> Any:
        if not isinstance(values, list):
            return values
        return [tidied(value, (*at, str(place))) for place, value in enumerate(values)]

    return each


@cache
def _whole(shape: type[Any]) -> Tidy | None:
    hints = get_type_hints(shape, include_extras=True)
    parts = {each.name: tidied for each in fields(shape) if (tidied := _of(hints[each.name]))}
    if not parts:
        return None
    written = {name: camel(name) for name in parts}

    def whole(value: Any, at: Place) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: parts[name](part, (*at, written[name])) if name in parts else part
            for name, part in value.items()
        }

    return whole
