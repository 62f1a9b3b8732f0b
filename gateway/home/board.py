"""The board's frame on the home page: its places, its words and its empty table; the browser fills it.

The figures themselves are asked by the visitor's own session, so that services decide who sees what.
"""

import json

from contracts import messages
from gateway.home.shown import Home
from gateway.html import Html, tag

PREFIX = "board_"
COLUMNS = (
    "agency",
    "procedures",
    "received",
    "finished",
    "share",
    "late",
    "overdue",
    "nonconformities",
    "actions",
    "audited",
    "reviewed",
)
WORST = ("agency", "share", "late", "overdue", "nonconformities")
BANDS = ("best", "good", "fair", "poor", "none")
"""As `static/board/figures.js` names them."""


def board(home: Home) -> Html:
    """What is seen before the figures are there, and where they will go."""
    first = home.accounts[0].username if home.accounts else None
    return tag(
        "section",
        tag("noscript", tag("p", home.say("board_needs_script"), class_="banner")),
        _top(home),
        tag("p", "", id="board-said", class_="board-said", role="status"),
        tag("div", *_parts(home), id="board-shown", hidden=True),
        _dialog(home),
        id="board",
        aria_labelledby="board-title",
        data_words=words(home.language),
        data_first=first,
    )


def words(language: str) -> str:
    """The board's texts by their short codes, with placeholders that the browser fills, as JSON."""
    chosen = {
        code.removeprefix(PREFIX): entry.text[language]
        for code, entry in messages.catalogue().items()
        if code.startswith(PREFIX)
    }
    return json.dumps(chosen, ensure_ascii=False)


def _top(home: Home) -> Html:
    return tag(
        "div",
        tag(
            "div",
            tag("h1", home.say("board_title"), id="board-title"),
            tag("p", home.say("board_lead"), class_="lead", id="board-lead"),
            tag("p", "", id="board-as", hidden=True),
            tag("p", "", id="board-updated"),
        ),
        tag("div", id="board-ring"),
        class_="board-top",
    )


def _parts(home: Home) -> list[Html]:
    return [
        tag("ul", id="board-tiles", class_="board-tiles"),
        tag("div", _months(home), _worst(home), class_="board-pair"),
        _map(home),
        _all(home),
    ]


def _part(home: Home, name: str, *content: str | None) -> Html:
    return tag(
        "section",
        tag("h2", home.say(f"{PREFIX}{name}"), id=f"board-{name}-title"),
        tag("p", home.say(f"{PREFIX}{name}_lead"), class_="section-lead"),
        *content,
        class_="card",
        id=f"board-{name}",
        aria_labelledby=f"board-{name}-title",
    )


def _months(home: Home) -> Html:
    heads = ("month", "received", "on_time", "late", "share")
    return _part(
        home,
        "months",
        tag("div", class_="chart", role="img", aria_labelledby="board-months-title"),
        tag(
            "details",
            tag("summary", home.say("board_as_table")),
            tag(
                "div",
                tag(
                    "table",
                    tag("caption", home.say("board_months"), class_="unseen"),
                    tag("thead", tag("tr", *(_head(home, head) for head in heads))),
                    tag("tbody"),
                ),
                class_="wide",
            ),
        ),
    )


def _worst(home: Home) -> Html:
    heads = (_head(home, name) for name in WORST)
    table = tag(
        "table",
        tag("caption", home.say("board_worst"), class_="unseen"),
        tag("thead", tag("tr", *heads)),
        tag("tbody"),
    )
    return _part(home, "worst", tag("div", table, class_="wide"))


def _map(home: Home) -> Html:
    legend = (
        tag("li", tag("i", class_=f"swatch band-{band}"), home.say(f"board_band_{band}")) for band in BANDS
    )
    return _part(home, "map", tag("ul", *legend, class_="legend"), tag("div", class_="groups"))


def _all(home: Home) -> Html:
    search = tag(
        "p",
        tag("label", home.say("board_search"), for_="board-search"),
        " ",
        tag("input", id="board-search", type="search", autocomplete="off", spellcheck="false"),
        tag("span", "", id="board-found", role="status"),
        class_="search",
    )
    heads = (_sorting_head(home, name) for name in COLUMNS)
    table = tag(
        "table",
        tag("caption", home.say("board_all_caption"), class_="unseen"),
        tag("thead", tag("tr", *heads)),
        tag("tbody"),
    )
    region = tag(
        "div", table, class_="wide tall", tabindex="0", role="region", aria_labelledby="board-all-title"
    )
    return _part(home, "all", search, region)


def _head(home: Home, name: str) -> Html:
    return tag("th", home.say(f"board_column_{name}"), scope="col", data_column=name)


def _sorting_head(home: Home, name: str) -> Html:
    button = tag("button", home.say(f"board_column_{name}"), type="button")
    return tag("th", button, scope="col", data_column=name)


def _dialog(home: Home) -> Html:
    close = tag("button", "✕", type="button", class_="close", aria_label=home.say("board_close"))
    return tag(
        "dialog",
        close,
        tag("h2", "", id="board-agency-title", tabindex="-1"),
        tag("div", class_="matter"),
        id="board-agency",
        closedby="any",
        aria_labelledby="board-agency-title",
    )
