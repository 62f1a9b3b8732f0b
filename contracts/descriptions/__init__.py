"""What every field and every value of the contracts means: the words that the schema shows.

One file a module of contracts, a table a shape; what a name means everywhere stands in `common.toml`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
COMMON = "common"


def of_field(shape: type, field: str) -> str | None:
    """What a field of a contract means: as the shape says it, or one that it builds on, or as everywhere."""
    for each in shape.__mro__:
        if said := _shapes().get(each.__name__, {}).get(field):
            return said
    return common().get(field)


def of_value(enum: type, value: str) -> str | None:
    """What a value of an enumeration means, by its name."""
    return _shapes().get(enum.__name__, {}).get(value)


@cache
def common() -> Mapping[str, str]:
    """Field → what it means wherever it stands."""
    fields: Mapping[str, str] = _read(HERE / f"{COMMON}.toml")["fields"]
    return fields


@cache
def arguments() -> Mapping[str, str]:
    """Argument → what it means, where that is not what a field of its name means."""
    named: Mapping[str, str] = _read(HERE / f"{COMMON}.toml")["arguments"]
    return named


@cache
def _shapes() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(HERE.rglob("*.toml")):
        if path.stem != COMMON:
            found |= _read(path)
    return found


def shapes() -> Mapping[str, Mapping[str, str]]:
    """Shape → field or value → what it means there."""
    return _shapes()


def _read(path: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text("utf-8"))
