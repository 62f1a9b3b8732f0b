"""The example queries, each a link that opens GraphiQL with it."""

from pathlib import Path
from urllib.parse import urlencode

from gateway.home.shown import Home, section
from gateway.html import Html, tag

EXAMPLES = Path(__file__).parents[1] / "examples"
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


def examples(home: Home) -> Html:
    cards = (_example(home, name, needs) for name, needs in OFFERED.items())
    return section(
        home, "examples", "page_examples", "page_examples_lead", tag("ul", *cards, class_="examples")
    )


def _example(home: Home, name: str, needs_account: bool) -> Html:
    needs = "page_needs_account" if needs_account else "page_anyone"
    return tag(
        "li",
        tag(
            "a",
            tag("b", home.say(f"page_example_{name}")),
            tag("span", home.say(f"page_example_{name}_about")),
            tag("small", home.say(needs), class_="needs" if needs_account else "anyone"),
            href=graphiql(home.language, example(name)),
        ),
    )


def example(name: str) -> str:
    """The text of an example query."""
    return (EXAMPLES / f"{name}.graphql").read_text("utf-8")


def graphiql(language: str, query: str | None = None) -> str:
    """Where GraphiQL opens, with a query filled in and run."""
    filled = {"query": query, "run": "1"} if query else {}
    return f"/graphiql?{urlencode({'lang': language, **filled})}"
