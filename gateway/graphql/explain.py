"""Turns what went wrong while running an operation into what the client may read."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from contracts import messages
from gateway.bus.refused import Refused
from gateway.graphql.problems import extensions
from kernel.base.errors import Invalid, Refusal

log = logging.getLogger(__name__)


class Explain(SchemaExtension):
    """Refusals keep their words in both languages; defects are logged and masked by a trace id."""

    def on_operation(self) -> Iterator[None]:
        """The one result of a query or mutation."""
        self.streamed = False
        yield
        result: Any = self.execution_context.result
        if not self.streamed and getattr(result, "errors", None):
            result.errors = [self._explained(error) for error in result.errors]

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Each result of a subscription."""
        self.streamed = True
        if getattr(result, "errors", None):
            result.errors = [self._explained(error) for error in result.errors]
        yield

    def _explained(self, error: GraphQLError) -> GraphQLError:
        trace_id = getattr(self.execution_context.context, "trace_id", "")
        guard = getattr(self.execution_context.context, "guard", None)
        refusal = refusal_in(error, suggests=guard is None or guard.suggests)
        data = refusal if refusal else _defect(error, trace_id)
        shown = extensions(data) | {"traceId": trace_id}
        return GraphQLError(data["message"]["vi"], error.nodes, path=error.path, extensions=shown)


def refusal_in(error: GraphQLError, *, suggests: bool = True) -> dict[str, Any] | None:
    """The refusal behind an error, as it travels; None when there is none."""
    origin = error.original_error
    if isinstance(origin, Refused):
        return dict(origin.data)
    if isinstance(origin, Refusal):
        return origin.as_data()
    message = error.message if suggests else without_suggestion(error.message)
    if error.path is None and message.startswith("Variable '$"):
        return _unfit(VARIABLE, message)
    # Null where a default stands passes the check of variables, and shows only when its field is run.
    if isinstance(origin or error, GraphQLError) and message.startswith("Argument '"):
        return _unfit(ARGUMENT, message)
    return None


INVALID = r".*? invalid value(?: at \.?([^:]*))?: (.*)"
VARIABLE = re.compile(r"Variable '\$(\w+)'" + INVALID)
ARGUMENT = re.compile(r"Argument '(?:[\w.]*\()?(\w+):?\)?'" + INVALID)


def _unfit(what: re.Pattern[str], message: str) -> dict[str, Any]:
    """What is wrong with a value that was sent, its path written as in the refusals of services."""
    found = what.match(message)
    name, path, detail = found.groups() if found else (None, None, message)
    inside = re.search(r"include (?:required|unknown) field '(\w+)'", detail)
    steps = [re.sub(r"\[(\d+)\]", r".\1", path or ""), inside.group(1) if inside else ""]
    field = ".".join(step for step in steps if step) or name
    shown = detail.partition(", found: ")[0].replace("be None", "be null")[:300]
    return Invalid("variable_invalid", field, name=field or "?", detail=shown).as_data()


def without_suggestion(message: str) -> str:
    """A message of graphql-core without its "Did you mean …?", which names what the schema has."""
    return re.sub(r"\s*Did you mean\b.*", "", message, flags=re.DOTALL)


def _defect(error: GraphQLError, trace_id: str) -> dict[str, Any]:
    log.error("a defect while resolving %s", error.path, exc_info=error.original_error or error)
    return defect(trace_id)


def defect(trace_id: str) -> dict[str, Any]:
    """How a defect is answered: with nothing of it but the trace id to look it up by."""
    text, remedy = messages.text("defect", trace_id=trace_id), messages.remedy("defect")
    assert remedy is not None
    return {
        "kind": "Defect",
        "code": "defect",
        "field": None,
        "message": {"vi": text.vi, "en": text.en},
        "remedy": {"vi": remedy.vi, "en": remedy.en},
    }
