"""Describes from the contracts every field, argument and value that nothing else describes."""

import re
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from contracts import descriptions

STRAWBERRY = "strawberry-definition"


def describe(schema: GraphQLSchema) -> None:
    """Give every part of the schema that has no description the one that its contract has for it."""
    schema.type_map["UUID"].description = "Identifies a thing: 32 hexadecimal digits with hyphens (RFC 9562)."
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            _describe_fields(kind)
        elif isinstance(kind, GraphQLEnumType):
            _describe_values(kind)


def _describe_fields(kind: Any) -> None:
    shape = _shape_of(kind)
    for name, field in kind.fields.items():
        field.description = field.description or (shape and _field(shape, name))
        for argument, given in getattr(field, "args", {}).items():
            _describe_argument(argument, given)


def _describe_argument(name: str, argument: GraphQLArgument) -> None:
    said = descriptions.arguments().get(to_snake_case(name)) or descriptions.common().get(to_snake_case(name))
    argument.description = argument.description or (said and _as_spelt(said))


def _describe_values(kind: GraphQLEnumType) -> None:
    enum = _shape_of(kind)
    for name, value in kind.values.items():
        value.description = value.description or (enum and descriptions.of_value(enum, name))


def _field(shape: type, name: str) -> str | None:
    said = descriptions.of_field(shape, to_snake_case(name))
    return said and _as_spelt(said)


def _as_spelt(said: str) -> str:
    """The words with the names of fields as clients know them."""
    return re.sub(r"`[a-z][a-z0-9_]*`", lambda name: to_camel_case(name.group()), said)


def _shape_of(kind: Any) -> type | None:
    """The class that a type of the schema was made of."""
    made = kind.extensions.get(STRAWBERRY)
    found: type | None = getattr(made, "origin", None) or getattr(made, "wrapped_cls", None)
    return found
