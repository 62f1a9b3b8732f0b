"""Reads a GraphQL document: parsed, measured against the limits and validated once, then remembered.

All of it happens before execution and outside Strawberry, so every refusal of a document takes
one form on HTTP and on the WebSocket alike.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension

from gateway.limits import Limits, Measure, Size
from gateway.problems import Refused, error_of
from kernel.errors import Invalid

REMEMBERED = 200
MOST_ERRORS = 25


class Guard:
    """Lets through documents that are well-formed, within the limits and valid for the schema."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits | None = None, *, introspection: bool = True
    ) -> None:
        self.schema, self.limits = schema, limits or Limits()
        self.rules = list(specified_rules)
        if not introspection:
            self.rules.append(NoSchemaIntrospectionCustomRule)
        self._remember = lru_cache(maxsize=REMEMBERED)(self._read)

    def read(self, query: str) -> DocumentNode:
        """The document; `Unreadable` says all that is wrong with it."""
        return self._remember(query)[0]

    def size_of(self, query: str) -> Size:
        """How much a document that was let through asks for."""
        return self._remember(query)[1]

    def _read(self, query: str) -> tuple[DocumentNode, Size]:
        try:
            document = parse(query, max_tokens=self.limits.tokens)
            size = Measure(self.schema, document, self.limits).check()
        except RecursionError:
            raise Unreadable([_refusal("query_too_deep", limit=self.limits.depth)]) from None
        except GraphQLSyntaxError as error:
            raise Unreadable([self._syntax(error)]) from None
        except Refused as refused:
            raise Unreadable([_told(refused.data)]) from None
        if errors := validate(self.schema, document, self.rules, max_errors=MOST_ERRORS):
            raise Unreadable([_invalid(error) for error in errors])
        return document, size

    def _syntax(self, error: GraphQLSyntaxError) -> dict[str, Any]:
        if "tokens. Parsing aborted" in error.message:
            return _refusal("query_too_long", limit=self.limits.tokens)
        if "nested too deeply" in error.message:
            return _refusal("query_too_deep", limit=self.limits.depth)
        detail = error.message.removeprefix("Syntax Error: ")
        return _refusal("query_malformed", error, detail=_short(detail))


class Unreadable(Exception):
    """The document is refused; `errors` are GraphQL errors as the client receives them."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def chosen(document: DocumentNode, name: str | None) -> OperationType:
    """What kind of operation a request runs; of several, one must be named."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    named = [o for o in operations if name is None or (o.name and o.name.value == name)]
    if len(named) != 1:
        raise Unreadable([_told(Invalid("operation_unknown", "operationName").as_data())])
    return named[0].operation


class AlreadyRead(SchemaExtension):
    """Gives Strawberry the document that the guard has read, so nothing is parsed or judged twice."""

    def on_parse(self) -> Iterator[None]:
        """Taken from what the guard remembers."""
        context, query = self.execution_context.context, self.execution_context.query
        if context is not None and context.guard is not None and query is not None:
            self.execution_context.graphql_document = context.guard.read(query)
            self.execution_context.validation_rules = ()
        yield


def _invalid(error: GraphQLError) -> dict[str, Any]:
    if "introspection has been disabled" in error.message:
        return _refusal("introspection_off", error)
    return _refusal("query_invalid", error, detail=_short(error.message))


def _refusal(code: str, error: GraphQLError | None = None, **facts: Any) -> dict[str, Any]:
    return _told(Invalid(code, **facts).as_data(), error)


def _told(data: Any, error: GraphQLError | None = None) -> dict[str, Any]:
    told = error_of(data)
    if error and error.locations:
        told["locations"] = [location.formatted for location in error.locations[:10]]
    return told


def _short(text: str) -> str:
    """One line of a parser's words; a hostile text is not given back whole."""
    line = re.sub(r"\s+", " ", text)
    return line if len(line) <= 300 else f"{line[:300]}…"
