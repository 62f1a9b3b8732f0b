"""The documents can be read by a stranger: short sentences, who does what to what, one form for decisions."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT

MOST_WORDS = 25
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
GENERATED = {"policy.md", "problems.md"}
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.name not in GENERATED)]
SHORT = [page for page in PAGES if page.name != "invariants.md"]
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩậắằẳặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
UNCLEAR = re.compile(r"\b(whoever|whomever|tell|tells|telling|told)\b", re.IGNORECASE)
"""`Tell` may be publish, notify, log, report or say; `whoever` has no noun."""
CODE, LINK = re.compile(r"`[^`]*`"), re.compile(r"\[([^\]]*)\]\([^)]*\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
ITEM = re.compile(r"^([-*]|\d+\.)\s+")
END = re.compile(r"(?<=[.!?])[”\")*]*\s+(?=[A-ZĐÂĂ0-9“(\"*`[])|(?<=:)\s+(?=[A-ZĐ])")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs and the items of lists; headings, tables and blocks of code are no sentences."""
    lines: list[str] = []
    for line in [*FENCED.sub("", text).splitlines(), ""]:
        bare = line.strip()
        if not bare or bare.startswith(("#", "|")) or ITEM.match(bare):
            if lines:
                yield " ".join(lines)
            lines = []
        if bare and not bare.startswith(("#", "|")):
            lines.append(ITEM.sub("", bare))


def sentences(text: str) -> Iterator[str]:
    for paragraph in paragraphs(text):
        yield from END.split(CODE.sub("`code`", LINK.sub(r"\1", paragraph)).replace("**", ""))


def is_vietnamese(sentence: str) -> bool:
    """A sentence with three Vietnamese words counts syllables, where another counts words."""
    return len([word for word in sentence.split() if VIETNAMESE.search(word)]) >= 3


def words(sentence: str) -> int:
    return len([word for word in sentence.split() if re.search(r"\w", word)])


def unclear(text: str) -> list[str]:
    return [s for s in sentences(text) if UNCLEAR.search(s) or re.match(r"\W*Of\s", s)]


@pytest.mark.parametrize("page", [*DECISIONS, *SHORT], ids=lambda page: page.name[:20])
def test_a_document_has_short_sentences(page):
    english = [s for s in sentences(page.read_text("utf-8")) if not is_vietnamese(s)]
    assert [s for s in english if words(s) > MOST_WORDS] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name[:4])
def test_a_decision_has_one_form(page):
    heads = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
    assert heads[:2] == ["Context", "Decision"]
    assert "Consequences" in heads
    assert set(heads) <= {"Context", "Decision", "Figures", "Checked", "Consequences", "Rejected", "Not done"}
    assert re.search(r"^\*\*Tags:\*\* \w", page.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", [*DECISIONS, *PAGES], ids=lambda page: page.name[:20])
def test_a_document_says_who_does_what(page):
    assert unclear(page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The relay tells the event.", True),
        ("Whoever asks is answered.", True),
        ("Good. Of a merge all go with it.", True),
        ("The relay publishes the event. Some of it stays.", False),
        ("The event is `tell_issued`.", False),
    ],
)
def test_an_unclear_sentence_would_be_found(text, found):
    assert bool(unclear(text)) is found


def test_a_long_sentence_would_be_found():
    [short, long] = sentences("A short one. " + "A word " + "and more " * MOST_WORDS)
    assert (words(short), words(long) > MOST_WORDS) == (3, True)
