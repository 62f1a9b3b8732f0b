"""Relay connections over the services' keyset pages."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from contracts.base import PageEnd
from gateway.graphql.present import present

T = TypeVar("T")
C = TypeVar("C")

First = Annotated[int, strawberry.argument(description="How many at most, from 1 to 100.")]
After = Annotated[
    str | None,
    strawberry.argument(description="The `cursor` of the last edge already seen; leave out to begin."),
]


@strawberry.type(description="Where a page ended. Pages go forward only: `after: endCursor` is the next one.")
class PageInfo:
    """Relay's page information, as far as keyset pages know it."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item of a page and the cursor to go on from it.")
class Edge(Generic[T]):
    """An item with its own cursor."""

    node: T
    cursor: str


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A page as Relay knows it."""

    edges: list[Edge[T]]
    page_info: PageInfo


def connect(kind: Callable[..., C], node: type[Any], page: Any, after: str | None, **more: Any) -> C:
    """The service's page as a connection of `kind` whose nodes are of the type `node`."""
    edges = [
        Edge(node=present(node, item), cursor=cursor)
        for item, cursor in zip(page.items, page.cursors, strict=True)
    ]
    return kind(edges=edges, page_info=_info(page, after), **more)


def _info(page: PageEnd, after: str | None) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )
