"""Everything in the schema says what it means, and nothing that is said has no place in it."""

import re

from graphql import GraphQLEnumType, is_specified_scalar_type
from strawberry.utils.str_converters import to_snake_case

from contracts import descriptions
from gateway.graphql.descriptions import _shape_of
from gateway.schema.assembled import SCHEMA

KINDS = {
    name: kind
    for name, kind in SCHEMA._schema.type_map.items()
    if not name.startswith("__") and not is_specified_scalar_type(kind)
}
SHORTEST = 6


def parts():
    """Every type, field, argument and value with its description."""
    for name, kind in KINDS.items():
        yield name, kind.description
        values = kind.values if isinstance(kind, GraphQLEnumType) else {}
        for part, about in {**values, **getattr(kind, "fields", {})}.items():
            yield f"{name}.{part}", about.description
            for argument, given in getattr(about, "args", {}).items():
                yield f"{name}.{part}({argument})", given.description


def test_every_part_of_the_schema_is_described():
    found = list(parts())
    assert len(found) > 1500
    assert [place for place, said in found if not said or len(said) < SHORTEST] == []


def test_no_description_names_a_field_in_the_contracts_spelling():
    fields = ((place, said) for place, said in parts() if "." in place)
    assert [place for place, said in fields if re.search(r"`[a-z]+_[a-z_]+`", said)] == []


def test_every_description_of_a_shape_describes_something_in_the_schema():
    lineage = {}
    for kind in KINDS.values():
        shape = _shape_of(kind)
        names = {to_snake_case(name) for name in getattr(kind, "fields", {})}
        names |= set(kind.values) if isinstance(kind, GraphQLEnumType) else set()
        for each in getattr(shape, "__mro__", ()):
            lineage.setdefault(each.__name__, set()).update(names)
    stale = {
        f"{shape}.{field}"
        for shape, said in descriptions.shapes().items()
        for field in said
        if field not in lineage.get(shape, ())
    }
    assert stale == set()


def test_a_shape_that_says_what_everybody_says_says_it_once():
    common = descriptions.common()
    twice = {
        f"{shape}.{field}"
        for shape, said in descriptions.shapes().items()
        for field, words in said.items()
        if common.get(field) == words
    }
    assert twice == set()
