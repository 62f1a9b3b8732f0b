"""What a test asks of an answer when it wants all of it."""

from typing import Any

from graphql import GraphQLNonNull, GraphQLUnionType, get_named_type, is_leaf_type

DEEP = 3
"""Objects within objects that are read; deeper ones are shown elsewhere in the schema."""


def every_field(kind: Any, depth: int = DEEP) -> str:
    """Every field that needs no argument."""
    kind = get_named_type(kind)
    if isinstance(kind, GraphQLUnionType):
        done = next(each for each in kind.types if not each.name.endswith("Problem"))
        return (
            "{ __typename ... on "
            + done.name
            + " "
            + every_field(done, depth)
            + " ... on Problem { code field } }"
        )
    parts = ["__typename"]
    for name, field in kind.fields.items():
        if any(isinstance(each.type, GraphQLNonNull) for each in field.args.values()):
            continue
        if is_leaf_type(get_named_type(field.type)):
            parts.append(name)
        elif depth > 1:
            parts.append(f"{name} {every_field(field.type, depth - 1)}")
    return "{ " + " ".join(parts) + " }"
