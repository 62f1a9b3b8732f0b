"""A list from memory by Strawberry alone, as its manual has it; `caches` adds its own caches and limits."""

import sys

import strawberry
import uvicorn
from strawberry.asgi import GraphQL
from strawberry.extensions import (
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    ValidationCache,
)


@strawberry.type
class Agency:
    id: str
    code: str
    name: str
    short_name: str


@strawberry.type
class Edge:
    node: Agency


@strawberry.type
class Page:
    edges: list[Edge]


AGENCIES = [
    Agency(id=f"0199-{n}", code=f"H42.{n}", name=f"Ủy ban nhân dân xã số {n}", short_name=f"Xã {n}")
    for n in range(20)
]


@strawberry.type
class Query:
    @strawberry.field
    async def agencies(self, first: int) -> Page:
        return Page(edges=[Edge(node=each) for each in AGENCIES[:first]])


def extensions(wanted: bool) -> list:
    """Caches of a size that holds every document of the measurement, and limits like ours."""
    if not wanted:
        return []
    limits = [QueryDepthLimiter(max_depth=12), MaxAliasesLimiter(25), MaxTokensLimiter(2000)]
    return [lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)] + [
        (lambda each=each: each) for each in limits
    ]


if __name__ == "__main__":
    schema = strawberry.Schema(Query, extensions=extensions(sys.argv[2] == "caches"))
    port = int(sys.argv[1])
    uvicorn.run(
        GraphQL(schema), host="127.0.0.1", port=port, loop="uvloop", log_level="warning", access_log=False
    )
