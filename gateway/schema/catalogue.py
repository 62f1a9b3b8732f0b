"""The catalogue of problems, in GraphQL: every reason for which something may be refused."""

from functools import cache

import strawberry

from contracts import messages
from gateway.graphql.context import Info
from gateway.graphql.present import field

OPERATORS = ("deploy_", "lived_", "ops_", "story_")
"""What only those who run the platform read, on its own machine."""


@strawberry.type(description="A reason for which something may be refused, before its facts are filled in.")
class ProblemInCatalogue:
    """One entry of `contracts.messages` that has a remedy."""

    code: str = strawberry.field(description="Stable name of the reason: `Problem.code`.")
    message: str = strawberry.field(description="The reason in Vietnamese, facts as `{name}`.")
    message_en: str = strawberry.field(description="The reason in English, facts as `{name}`.")
    remedy: str = strawberry.field(description="What to do about it, in Vietnamese.")
    remedy_en: str = strawberry.field(description="What to do about it, in English.")


@strawberry.type
class CatalogueQueries:
    """What can be asked of the catalogue."""

    @field("Every reason for which something may be refused, by code; docs/problems.md is its page.")
    async def problems(self, info: Info) -> list[ProblemInCatalogue] | None:
        return list(_problems())


@cache
def _problems() -> tuple[ProblemInCatalogue, ...]:
    return tuple(
        ProblemInCatalogue(
            code=code,
            message=entry.text.vi,
            message_en=entry.text.en,
            remedy=entry.remedy.vi,
            remedy_en=entry.remedy.en,
        )
        for code, entry in sorted(messages.catalogue().items())
        if entry.remedy and not code.startswith(OPERATORS)
    )
