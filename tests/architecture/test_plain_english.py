"""Documents and code can be read by a stranger: who does what to what, in short sentences and one form."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.architecture.source import OURS, ROOT, files

MOST_WORDS = 25
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
GENERATED = {"policy.md", "problems.md"}
PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.name not in GENERATED)]
SHORT = [page for page in PAGES if page.name != "invariants.md"]
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩậắằẳặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
UNCLEAR = re.compile(r"\b(whoever|whomever|tell|tells|telling|told)\b", re.IGNORECASE)
"""`Tell` may be publish, notify, log, report or say; `whoever` has no noun."""
NOUNLESS = re.compile(
    r"(It|They|Them|Those|Its|Theirs?|Both|All of it|(What|Whether|Where|When|How|As|By) (it|they))\b"
)
"""A docstring that begins so has a pronoun before its noun."""
GENERATED_CODE = ROOT / "client" / "generated"
SOURCES = [p for p in files(*OURS) if GENERATED_CODE not in p.parents and "node_modules" not in p.parts]
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


def comments(source: str) -> Iterator[str]:
    """Comments, the lines of one that go on below each other as one text."""
    last, lines = -2, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if lines and token.start[0] != last + 1:
                yield " ".join(lines)
                lines = []
            lines.append(token.string.lstrip("#: "))
            last = token.start[0]
    yield " ".join(lines)


def docstrings(source: str) -> Iterator[str]:
    """Docstrings, and the texts that stand below a constant or a field."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value.value


def unclear_in_code(source: str) -> list[str]:
    """Unclear sentences of comments and docstrings, and docstrings that begin with a pronoun."""
    texts = [*comments(source), *docstrings(source)]
    found = [sentence for text in texts for sentence in unclear(text)]
    return [*found, *(text for text in docstrings(source) if NOUNLESS.match(text))]


def published() -> str:
    """The schema as one line: what clients read there is changed with the schema, not with the code."""
    text = (ROOT / "gateway" / "schema.graphql").read_text("utf-8")
    return " ".join(CODE.sub("`code`", text).split())


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


def test_comments_and_docstrings_say_who_does_what():
    schema = published()
    strays = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in SOURCES
        for found in unclear_in_code(path.read_text("utf-8"))
        if " ".join(found.split()) not in schema
    ]
    assert len(SOURCES) > 1000
    assert strays == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# Whoever asks is answered.\n", True),
        ("x = 1  # it holds\n# and the relay\n# tells the event\n", True),
        ('def f():\n    """Of these only the first."""\n', True),
        ('def f():\n    """They end."""\n', True),
        ('x = 1\n"""What it is for."""\n', True),
        ('told = "whoever"  # the one who asked\n', False),
        ('def f():\n    """End the session. It holds no longer; see `tell`."""\n', False),
    ],
)
def test_an_unclear_comment_would_be_found(source, found):
    assert bool(unclear_in_code(source)) is found


def test_a_long_sentence_would_be_found():
    [short, long] = sentences("A short one. " + "A word " + "and more " * MOST_WORDS)
    assert (words(short), words(long) > MOST_WORDS) == (3, True)
