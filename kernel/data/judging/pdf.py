"""PDF: every object that its tables name is read; nothing acts by itself and nothing is packed inside."""

import re
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from kernel.data.judging.rules import (
    ACTIVE,
    EMBEDDED,
    EXTERNAL,
    TOO_LARGE,
    UNREADABLE,
    Against,
    rules,
)

END = b"%%EOF"
NAME = re.compile(rb"/[^\x00\t\n\x0c\r ()<>\[\]{}/%]+")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
AFTER_NAME = b"\0\t\n\f\r ()<>[]{}/%"
MARKUP = (b"<script", b"<html", b"<hta:", b"<!doctype")
DEEPEST = 200


class _Whole(PdfReader):
    """A reader that takes the file's own tables and mends nothing: others would mend it otherwise."""

    def _rebuild_xref_table(self, stream: Any) -> None:
        raise Against(UNREADABLE, "xref")


def judge(file: BinaryIO) -> None:
    """Refuse what acts, what leads to other files, what carries files, and what cannot be read through."""
    content = file.read()
    _check_edges(content)
    _check_bare(content)
    file.seek(0)
    try:
        reader = _Whole(file)
        # Many papers are encrypted with no password, only to say what may be done with them.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Against(UNREADABLE, "/Encrypt")
        _check_objects(reader)
        if not reader.pages:
            raise Against(UNREADABLE, "/Pages")
    except Against:
        raise
    except (PyPdfError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise Against(UNREADABLE, f"{type(error).__name__}: {error}") from error
    except (AssertionError, NotImplementedError, OSError, RecursionError) as error:
        raise Against(UNREADABLE, f"{type(error).__name__}: {error}") from error


def _check_edges(content: bytes) -> None:
    """Nothing stands behind the end, and no page of markup before the first object."""
    at = content.rfind(END)
    if at < 0 or content[at + len(END) :].strip(b"\0\t\n\f\r ") != b"":
        raise Against(UNREADABLE, "%%EOF")
    beginning = content[:1024].lower()
    for each in MARKUP:
        if each in beginning:
            raise Against(ACTIVE, each.decode())


def _check_bare(content: bytes) -> None:
    words = rules()["pdf"]
    for code, key in ((ACTIVE, "bare_active"), (EMBEDDED, "bare_embedded")):
        for word in words[key]:
            if re.search(re.escape(word.encode()) + rb"(?=[" + re.escape(AFTER_NAME) + rb"])", content):
                raise Against(code, word)


def _check_objects(reader: PdfReader) -> None:
    names = {(generation, number) for generation, each in reader.xref.items() for number in each}
    names |= {(0, number) for number in reader.xref_objStm}
    if len(names) > rules()["pdf"]["objects"]:
        raise Against(TOO_LARGE, f"{len(names)}")
    _check(reader.trailer, 0)
    for generation, number in sorted(names, key=lambda each: each[1]):
        found = reader.get_object(IndirectObject(number, generation, reader))
        _check(found, 0)
        if number not in reader.xref_objStm:
            # Streams are most of a file; none is needed again.
            reader.resolved_objects.pop((generation, number), None)


def _check(thing: Any, depth: int) -> None:
    """Dictionaries wherever they stand; references are objects of their own and come by themselves."""
    if depth > DEEPEST:
        raise Against(UNREADABLE, "nested")
    if isinstance(thing, DictionaryObject):
        _check_dictionary(thing)
        for value in thing.values():
            _check(value, depth + 1)
    elif isinstance(thing, ArrayObject):
        for value in thing:
            _check(value, depth + 1)


def _check_dictionary(said: DictionaryObject) -> None:
    words = rules()["pdf"]
    for code, key in ((ACTIVE, "active_keys"), (EMBEDDED, "embedded_keys")):
        for name in words[key]:
            if name in said:
                raise Against(code, name)
    action, kind, subtype = (str(said.get(key, "")) for key in ("/S", "/Type", "/Subtype"))
    if action in words["active_actions"]:
        raise Against(ACTIVE, action)
    if action in words["external_actions"]:
        raise Against(EXTERNAL, action)
    if kind in words["embedded_types"] or subtype in words["embedded_annotations"]:
        raise Against(EMBEDDED, kind or subtype)
    if action == "/URI":
        scheme = str(said.get("/URI", "")).partition(":")[0].strip().lower()
        if scheme not in words["schemes"] and ":" in str(said.get("/URI", "")):
            raise Against(EXTERNAL, scheme)
