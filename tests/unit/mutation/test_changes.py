"""What the sample of mutants changes in a rule, and what it leaves as it is because it is no rule."""

import pytest

from tests.mutation.changes import changes


def made(source):
    """The second line of the source with each change."""
    return [each.source.splitlines()[1].strip() for each in changes(f"def rule(a, b):\n    {source}\n")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("return a < b", ["return a <= b"]),
        ("return a >= b", ["return a > b"]),
        ("return a in b", ["return a not in b"]),
        ("return a + b", ["return a - b"]),
        ("return a and b", ["return a or b"]),
        ("return not a", ["return a"]),
        ("return True", ["return False"]),
        ("return 4", ["return 5"]),
        ("raise ValueError(a)", ["pass"]),
        ("a.end(b)", ["pass"]),
        ("return {a, b}", ["return {a}"]),
        ("return [x for x in a if x]", ["return [x for x in a]"]),
        ("return a if b else 0", ["return a if not b else 0", "return a if b else 1"]),
    ],
)
def test_each_place_of_a_rule_is_changed_by_itself(source, expected):
    assert made(source) == expected


def test_a_condition_is_turned_round_once():
    for condition in ("a is b", "a == b", "a not in b", "not a"):
        assert len(made(f"return a if {condition} else b")) == 1
    assert len(made("return a if a < b else b")) == 2


@pytest.mark.parametrize(
    "source",
    [
        "Span = tuple[int, int | None]",
        "class A:\n    count: dict[str, int | None]",
        "@wraps(True)\ndef f(a: int | None) -> tuple[int, str]: ...",
        '"""Ten of them."""',
        "named = f'{a + 1}'",
        "pairs = zip(a, b, strict=True)",
        "known = field(repr=False)",
    ],
)
def test_what_is_for_readers_and_for_the_type_checker_stays(source):
    assert list(changes(source)) == []
