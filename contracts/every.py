"""All contracts at once: for a reader that must know every event or every shape."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
SERVICES = ("directory", "documents", "cases", "audits", "notify")
"""Every service of the platform, in the order in which they begin."""


def modules() -> Iterator[ModuleType]:
    """Every module of contracts, imported; importing one registers its events."""
    for path in sorted(HERE.rglob("*.py")):
        parts = path.relative_to(HERE).with_suffix("").parts
        if "__init__" not in parts:
            yield import_module(".".join(("contracts", *parts)))


def load() -> None:
    """Register every event there is."""
    for _ in modules():
        pass
