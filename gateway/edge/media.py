"""The two media types of GraphQL over HTTP, and what each says of a request that was not run.

`application/graphql-response+json` has the status of the answer: 400 for a document that is none. A client
that names `application/json` reads the body only where the status is 200, as the specification has it for
those of old; a client that names neither is given JSON and the true status.
"""

from collections.abc import Iterator

JSON, GRAPHQL = "application/json", "application/graphql-response+json"
LONGEST = 1000
"""Characters of an Accept header that are read."""


def chosen_type(accept: str | None) -> str:
    """What to answer with: the newer type where it is named and liked no less than JSON, else JSON."""
    liked = dict(_ranges(accept or "*/*"))
    newer = liked.get(GRAPHQL, 0.0)
    return GRAPHQL if newer > 0 and newer >= liked.get(JSON, _any(liked)) else JSON


def wants_200(accept: str | None) -> bool:
    """Whether errors of the document are to come with 200: to a client that names plain JSON."""
    return chosen_type(accept) == JSON and any(kind == JSON for kind, _ in _ranges(accept or ""))


def _any(liked: dict[str, float]) -> float:
    return liked.get("application/*", liked.get("*/*", 0.0))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept[:LONGEST].split(","):
        kind, *parameters = (each.strip().lower() for each in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            yield kind, min(1.0, max(0.0, float(quality)))
        except ValueError:
            yield kind, 0.0
