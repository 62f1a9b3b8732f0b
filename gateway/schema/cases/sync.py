"""What became of each line of a sync, in GraphQL."""

from contracts.cases import sync
from gateway.graphql.present import enums, shown

enums(sync.VerdictKind)


@shown
class LineVerdict(sync.LineVerdict):
    """`contracts.cases.sync.LineVerdict`."""


@shown
class SyncReport(sync.SyncReport):
    """`contracts.cases.sync.SyncReport`."""

    verdicts: list[LineVerdict]  # type: ignore[assignment]
