"""Every text that a caller may send names its form, and no pattern takes more than it seems to."""

import re
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import Meta

from contracts import every
from contracts.base import Command, Question
from contracts.cases.sync import SyncedDossier
from kernel.base.forms import form_of

every.load()


def below(cls):
    for each in cls.__subclasses__():
        yield each
        yield from below(each)


def texts(shape, seen):
    """Every text that may be sent in this shape, at any depth: where it stands, its notes."""
    if shape in seen:
        return
    seen.add(shape)
    hints = get_type_hints(shape, include_extras=True)
    for each in fields(shape):
        yield from _texts(hints[each.name], (), f"{shape.__name__}.{each.name}", seen)


def _texts(hint: Any, notes: tuple[Any, ...], where: str, seen: set[type]):
    origin, inner = get_origin(hint), get_args(hint)
    if hint is str:
        yield where, notes
    elif origin is Annotated:
        yield from _texts(inner[0], inner[1:], where, seen)
    elif inner:
        for each in inner:
            yield from _texts(each, notes if origin not in (list, tuple, dict) else (), where, seen)
    elif isinstance(hint, type) and is_dataclass(hint):
        yield from texts(hint, seen)


SENT = [found for cls in {*below(Command), *below(Question), SyncedDossier} for found in texts(cls, set())]


def test_there_are_texts_to_look_at():
    assert len({where for where, _ in SENT}) > 100


@pytest.mark.parametrize(("where", "notes"), sorted(dict(SENT).items(), key=lambda each: each[0]))
def test_every_text_of_a_request_names_its_form(where, notes):
    assert form_of(notes), f"{where}: say in the contract which form it has (contracts.base.Form)"


def test_patterns_end_where_the_text_ends_and_take_the_digits_of_the_keyboard_only():
    metas = [note for _, notes in SENT for note in notes if isinstance(note, Meta)]
    patterns = {meta.pattern for meta in metas if meta.pattern}
    assert len(patterns) > 5
    for pattern in patterns:
        assert pattern.startswith("^"), pattern
        assert pattern.endswith(r"\Z"), f"{pattern}: $ lets a line end through"
        assert not re.search(r"\\[dw]", pattern), f"{pattern}: takes digits and letters of every script"
