"""Reads a GraphQL document: parsed, measured against the limits and validated once, then remembered.

All of it happens before execution and outside Strawberry, so every refusal of a document takes
one form on HTTP and on the WebSocket alike.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from graphql import (
    SKIP,
    DocumentNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLSyntaxError,
    ListValueNode,
    NoSchemaIntrospectionCustomRule,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VisitorAction,
    parse,
    specified_rules,
    validate,
)
from graphql.utilities import validate_input_literal
from strawberry.extensions import SchemaExtension

from gateway.graphql.limits import Limits, Measure, Size, TooMuch
from gateway.graphql.places import Place, place_of
from gateway.graphql.problems import error_of
from kernel.base.errors import Invalid

REMEMBERED = 200
MOST_ERRORS = 25


class Guard:
    """Lets through documents that are well-formed, within the limits and valid for the schema."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits | None = None, *, introspection: bool = True
    ) -> None:
        self.schema, self.limits, self.suggests = schema, limits or Limits(), introspection
        self.rules = [PlacedLiterals if r is ValuesOfCorrectTypeRule else r for r in specified_rules]
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
            raise Unreadable([_refusal("query_too_deep", Place(), limit=self.limits.depth)]) from None
        except GraphQLSyntaxError as error:
            raise Unreadable([self._syntax(error)]) from None
        except TooMuch as much:
            raise Unreadable([_located(much.refusal.as_data(), much.place)]) from None
        hides = not self.suggests
        if errors := validate(
            self.schema, document, self.rules, max_errors=MOST_ERRORS, hide_suggestions=hides
        ):
            raise Unreadable([self._invalid(document, error) for error in errors])
        return document, size

    def _syntax(self, error: GraphQLSyntaxError) -> dict[str, Any]:
        if "tokens. Parsing aborted" in error.message:
            return _refusal("query_too_long", _at(error), limit=self.limits.tokens)
        if "nested too deeply" in error.message:
            return _refusal("query_too_deep", _at(error), limit=self.limits.depth)
        detail = error.message.removeprefix("Syntax Error: ")
        return _refusal("query_malformed", _at(error), detail=_short(detail))

    def _invalid(self, document: DocumentNode, error: GraphQLError) -> dict[str, Any]:
        first = next(iter(error.nodes or ()), None)
        place = Place(place_of(document, first).path if first else "", _at(error).locations)
        if "introspection has been disabled" in error.message:
            return _refusal("introspection_off", place)
        return _refusal("query_invalid", place, detail=_short(error.message))


class PlacedLiterals(ValuesOfCorrectTypeRule):
    """graphql-core's rule, except that what a scalar of Strawberry's says of a literal has its place."""

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """A scalar that refuses a literal does not know where it stands; the way to it is known here."""

        def placed(error: GraphQLError, path: list[str | int]) -> None:
            there = error if error.nodes else GraphQLError(error.message, _literal(node, path))
            self.report_error(there)

        if input_type:
            hides = self.context.hide_suggestions
            validate_input_literal(node, input_type, placed, hide_suggestions=hides)
        return SKIP


def _literal(node: ValueNode, path: Sequence[str | int]) -> ValueNode:
    """The literal inside another one."""
    for step in path:
        if isinstance(node, ObjectValueNode):
            node = next((each.value for each in node.fields if each.name.value == step), node)
        elif isinstance(node, ListValueNode) and isinstance(step, int):
            node = node.values[step]
    return node


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
        raise Unreadable([_located(Invalid("operation_unknown", "operationName").as_data())])
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


def _refusal(code: str, place: Place, **facts: Any) -> dict[str, Any]:
    return _located(Invalid(code, place.path or None, **facts).as_data(), place)


def _located(data: Any, place: Place | None = None) -> dict[str, Any]:
    shown = error_of(data)
    if place and place.locations:
        shown["locations"] = list(place.locations)
    return shown


def _at(error: GraphQLError) -> Place:
    locations = (error.locations or ())[:10]
    return Place("", tuple(location.formatted for location in locations))


def _short(text: str) -> str:
    """One line of a parser's words; a hostile text is not given back whole."""
    line = re.sub(r"\s+", " ", text)
    return line if len(line) <= 300 else f"{line[:300]}…"
