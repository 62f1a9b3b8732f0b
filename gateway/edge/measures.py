"""What the gateway counts: requests by operation, what they ask for, what is refused, and who listens."""

import re
from pathlib import Path
from weakref import WeakSet

from graphql import DocumentNode, OperationDefinitionNode

from gateway.graphql.limits import Size
from kernel.life.metrics import counter, gauge, histogram

HERE = Path(__file__).parents[1]
OTHER = "other"

REQUESTS = histogram(
    "eiso_graphql_seconds",
    "Requests over HTTP, by the operation's name and the answer's status",
    "operation",
    "status",
)
REFUSED = counter("eiso_graphql_refused_total", "Refusals among a request's errors, by code", "code")
PROGRAMS = counter("eiso_client_requests_total", "Requests of portals' programs", "client", "outcome")
SELECTIONS = histogram(
    "eiso_graphql_selections",
    "Fields a request asks for, fragments expanded",
    buckets=(5, 10, 25, 50, 100, 200, 400),
)
CALLS_ASKED = histogram(
    "eiso_graphql_single_calls",
    "Calls a request may cause that no loader can join",
    buckets=(0, 1, 5, 20, 60, 120),
)
SOCKETS = gauge("eiso_graphql_sockets", "WebSockets with an accepted grant")
SUBSCRIPTIONS = gauge("eiso_graphql_subscriptions", "Subscriptions under way on them")
IN_FLIGHT = gauge("eiso_calls_in_flight", "Calls sent to services and not answered yet")
CONNECTED = gauge("eiso_broker_connected", "1 while calls can be sent")

OPEN: "WeakSet[object]" = WeakSet()
"""The WebSockets whose token was accepted and that are still there."""

SOCKETS.set_function(lambda: len(OPEN))
SUBSCRIPTIONS.set_function(lambda: sum(len(getattr(each, "operations", ())) for each in OPEN))


def _named(text: str) -> set[str]:
    return set(re.findall(r"\b(?:query|mutation|subscription)\s+([A-Z]\w*)\b", text))


# A client may give its operation any name, so only names that come with this code make a series.
KNOWN = frozenset(
    name
    for pattern in ("pages/queries/*.graphql", "static/board/*.js")
    for path in HERE.glob(pattern)
    for name in _named(path.read_text("utf-8"))
)


def label_of(document: DocumentNode, name: str | None) -> str:
    """The operation's name where it is one of ours, else `other`."""
    if name is None:
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        names = [each.name.value for each in operations if each.name]
        name = names[0] if len(names) == 1 else None
    return name if name in KNOWN else OTHER


def weighed(size: Size) -> None:
    """Remember what a request that is run asks for."""
    SELECTIONS.observe(size.selections)
    CALLS_ASKED.observe(size.calls)
