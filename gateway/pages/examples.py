"""The example queries, each a link that opens GraphiQL with it."""

from dataclasses import dataclass
from pathlib import Path

from gateway.pages.graphiql import graphiql

QUERIES = Path(__file__).with_name("queries")
OFFERED = {
    "agencies": False,
    "history": False,
    "systems": False,
    "clock": False,
    "me": True,
    "duties": True,
    "documents": True,
    "steps": True,
    "trail": True,
    "notices": True,
    "live": True,
}
"""The examples in their order, and whether they need somebody to have signed in."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """An example query on offer."""

    name: str
    needs_account: bool
    url: str


def examples(language: str) -> list[Example]:
    """The examples in their order, each with the address that opens it."""
    return [
        Example(name=name, needs_account=needs_account, url=graphiql(language, example(name)))
        for name, needs_account in OFFERED.items()
    ]


def example(name: str) -> str:
    """The text of an example query."""
    return (QUERIES / f"{name}.graphql").read_text("utf-8")
