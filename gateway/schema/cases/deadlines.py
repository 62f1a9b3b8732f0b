"""How a deadline came about, in GraphQL, and the reasons for a pause."""

from uuid import UUID

import strawberry

from contracts.cases import deadlines as clocks
from gateway.graphql.present import shown


@shown
class ExplainedSegment(clocks.ExplainedSegment):
    """`contracts.cases.deadlines.ExplainedSegment`."""


@shown
class DeadlineWarning(clocks.WarningView):
    """`contracts.cases.deadlines.WarningView`."""


@shown
class DeadlineExplanation(clocks.DeadlineExplanationView):
    """`contracts.cases.deadlines.DeadlineExplanationView`."""

    dossier_id: strawberry.Private[UUID]
    segments: list[ExplainedSegment]  # type: ignore[assignment]
    warnings: list[DeadlineWarning]  # type: ignore[assignment]


@shown
class PauseReason(clocks.PauseReasonView):
    """`contracts.cases.deadlines.PauseReasonView`."""
