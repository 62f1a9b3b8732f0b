"""The one catalogue of everything a person reads: Vietnamese first, English beside it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any
from unicodedata import normalize

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text in both languages."""

    vi: str
    en: str

    def format(self, **facts: Any) -> "Text":
        vi, en = _in_words(facts, "vi"), _in_words(facts, "en")
        return Text(vi=self.vi.format(**vi), en=self.en.format(**en))

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: the text and, for a refusal, what to do about it."""

    text: Text
    remedy: Text | None

    @property
    def placeholders(self) -> tuple[set[str], set[str]]:
        """The facts each language asks for; the suite asserts that both ask for the same."""
        remedy = self.remedy or Text(vi="", en="")
        return _fields(self.text.vi + remedy.vi), _fields(self.text.en + remedy.en)


CODED = ("state", "role", "changed")
"""Facts that are given as codes, one or several; the catalogue has the word under `<fact>_<code>`."""


def _in_words(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """The facts as a reader of the language knows them; one without a word stands as it is."""
    said = dict(facts)
    for name in facts.keys() & CODED:
        codes = facts[name] if isinstance(facts[name], tuple) else (facts[name],)
        known = ((code, catalogue().get(f"{name}_{code}")) for code in codes)
        said[name] = ", ".join(entry.text[language] if entry else str(code) for code, entry in known)
    return said


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@cache
def catalogue() -> dict[str, Entry]:
    """Every entry of every file of this folder, keyed by its code; a code stands in one file only."""
    entries: dict[str, Entry] = {}
    for path in sorted(HERE.glob("*.toml")):
        for code, raw in tomllib.loads(normalize("NFC", path.read_text("utf-8"))).items():
            if code in entries:
                raise ValueError(f"{path.name}: {code} stands in two files of the catalogue")
            entries[code] = _entry(raw)
    return entries


def _entry(raw: dict[str, str]) -> Entry:
    remedy = Text(vi=raw["remedy_vi"], en=raw["remedy_en"]) if "remedy_vi" in raw else None
    return Entry(text=Text(vi=raw["vi"], en=raw["en"]), remedy=remedy)


def text(code: str, /, **facts: Any) -> Text:
    """The text of `code` with its facts filled in; an unknown code is a defect and raises KeyError."""
    return catalogue()[code].text.format(**facts)


def remedy(code: str, /, **facts: Any) -> Text | None:
    """What a person can do about the refusal `code`, if there is something."""
    found = catalogue()[code].remedy
    return found.format(**facts) if found else None
