"""The board's frame on the home page: its columns and its words; the browser fills it.

The figures themselves are asked by the visitor's own session, so that services decide who sees what.
"""

import json

from contracts import messages

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
MONTHS = ("month", "received", "on_time", "late", "share")
BANDS = ("best", "good", "fair", "poor", "none")
"""As `static/board/figures.js` names them."""


def words(language: str) -> str:
    """The board's texts by their short codes, with placeholders that the browser fills, as JSON."""
    chosen = {
        code.removeprefix(PREFIX): entry.text[language]
        for code, entry in messages.catalogue().items()
        if code.startswith(PREFIX)
    }
    return json.dumps(chosen, ensure_ascii=False)
