"""One place where what is kept is not what the facts say; `code` is an entry of the catalogue."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`expected` is what the facts make of it, `found` what is there; None where there is nothing."""

    code: str
    where: str
    key: str
    expected: Any = None
    found: Any = None
    facts: dict[str, Any] = field(default_factory=dict)
