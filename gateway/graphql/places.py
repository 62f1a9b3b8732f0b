"""Where in a GraphQL document something is: the path of fields that leads there, and line and column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    Node,
    ObjectFieldNode,
    VariableDefinitionNode,
    get_location,
)
from graphql.language.location import FormattedSourceLocation

LONGEST = 200
"""Characters of a path that are answered; a hostile text is not given back whole."""


@dataclass(frozen=True)
class Place:
    """A place as the client wrote it: `documents.edges.node.trail`, or `agency.id` for a literal."""

    path: str = ""
    locations: tuple[FormattedSourceLocation, ...] = ()


def place_of(document: DocumentNode, node: Node, way: Sequence[FieldNode] = ()) -> Place:
    """The place of a node; `way`: fields from there to the one meant, which may lie in fragments."""
    last = way[-1] if way else node
    names = [*_names(document, node), *(_name(each) for each in way)]
    path = ".".join(filter(None, names))
    return Place(path if len(path) <= LONGEST else f"{path[:LONGEST]}…", locations_of(last))


def locations_of(*nodes: Node) -> tuple[FormattedSourceLocation, ...]:
    """Line and column of nodes, as GraphQL errors carry them."""
    placed = [node.loc for node in nodes if node.loc is not None]
    return tuple(get_location(loc.source, loc.start).formatted for loc in placed)


def _names(document: DocumentNode, node: Node) -> Iterator[str]:
    """What is named on the way down to a node, itself included."""
    for each in _way(document, node):
        yield _name(each)


def _way(top: Node, node: Node) -> Iterator[Node]:
    """The nodes around a node, outermost first; without recursion, since hostile texts nest deep."""
    wanted = node.loc
    while wanted is not None and top is not node:
        around = (each for each in _children(top) if _holds(each, wanted))
        found = next(around, None)
        if found is None:
            return
        yield found
        top = found


def _holds(node: Node, wanted: Any) -> bool:
    return node.loc is not None and node.loc.start <= wanted.start and wanted.end <= node.loc.end


def _children(node: Node) -> Iterator[Node]:
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list | tuple):
            yield from (each for each in value if isinstance(each, Node))


def _name(node: Node) -> str:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    if isinstance(node, ArgumentNode | ObjectFieldNode):
        return node.name.value
    if isinstance(node, VariableDefinitionNode):
        return f"${node.variable.name.value}"
    return ""
