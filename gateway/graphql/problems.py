"""Refusals as the client meets them: members of a mutation's union, or errors beside a query's data.

A mutation answers with a union that includes the five problems, so a client handles them as data
(`... on Problem { code message field }`). Not being signed in is no problem of the command: it is an
error with the code `not_signed_in` on every operation, so that a client renews its token in one place.
A query has no such union: a thing that is absent or not to be seen is null, and any other refusal is a
GraphQL error at its field whose `extensions` carry the same words as a `Problem`.
"""

from collections.abc import Mapping
from typing import Any

import strawberry

from gateway.bus.refused import Refused


@strawberry.interface(description="Why a request was refused, and what can be done about it.")
class Problem:
    """Each problem in Vietnamese first and English beside it."""

    code: str = strawberry.field(description="Stable name of the reason, for programs: see `problems`.")
    message: str = strawberry.field(description="The reason in Vietnamese.")
    message_en: str = strawberry.field(description="The reason in English.")
    remedy: str | None = strawberry.field(description="What to do about it, in Vietnamese.")
    remedy_en: str | None = strawberry.field(description="What to do about it, in English.")
    field: str | None = strawberry.field(
        description="Path of the field at fault as the client wrote it, such as `steps.0.returnsTo`."
    )


@strawberry.type(description="The request is malformed or breaks a rule.")
class InvalidProblem(Problem):
    """Mirrors `kernel.base.errors.Invalid`."""


@strawberry.type(description="There is no such thing, or none that the caller may see.")
class NotFoundProblem(Problem):
    """Mirrors `kernel.base.errors.NotFound`."""


@strawberry.type(description="The caller may not do this.")
class ForbiddenProblem(Problem):
    """Mirrors `kernel.base.errors.Forbidden`."""


@strawberry.type(description="The thing is not, or no longer, in the state that the request assumes.")
class ConflictProblem(Problem):
    """Mirrors `kernel.base.errors.Conflict`."""


@strawberry.type(
    description="A part of the platform does not answer now. The outcome may be unknown: "
    "repeating the same `requestId` is safe."
)
class UnavailableProblem(Problem):
    """Mirrors `kernel.base.errors.Unavailable`."""


PROBLEMS: dict[str, type[Problem]] = {
    "Invalid": InvalidProblem,
    "NotFound": NotFoundProblem,
    "Forbidden": ForbiddenProblem,
    "Conflict": ConflictProblem,
    "Unavailable": UnavailableProblem,
}


def words(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Problem` out of a refusal as it travels."""
    message, remedy = data["message"], data.get("remedy") or {}
    return {
        "code": data["code"],
        "message": message["vi"],
        "message_en": message["en"],
        "remedy": remedy.get("vi"),
        "remedy_en": remedy.get("en"),
        "field": data.get("field"),
    }


def problem(refused: Refused) -> Problem:
    """The union member for this refusal."""
    return PROBLEMS[refused.data["kind"]](**words(refused.data))


def extensions(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a GraphQL error's `extensions` say about a refusal, named as in `Problem`."""
    said = words(data)
    return {
        "code": said["code"],
        "kind": data["kind"],
        "message": said["message"],
        "messageEn": said["message_en"],
        "remedy": said["remedy"],
        "remedyEn": said["remedy_en"],
        "field": said["field"],
    }


def error_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """A refusal as a GraphQL error."""
    return {"message": data["message"]["vi"], "extensions": extensions(data)}
