"""The minute of a hand-over: what was reported of it, and its file once it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts.audits.minutes import MinuteFile
from contracts.directory.events import PositionHandedOver
from kernel.base.aggregate import Aggregate


@dataclass(eq=False, kw_only=True)
class HandOverMinute(Aggregate):
    """The minute of one hand-over, under the same id; who took part may read it, and who leads the agency."""

    agency_id: UUID
    giver_id: UUID
    receiver_id: UUID
    told: PositionHandedOver
    file: MinuteFile | None = None

    def follow(self, heirs: Mapping[UUID, UUID]) -> None:
        """The leader of the agency that goes on may read the minute; what it says stays as it was signed."""
        self.agency_id = heirs.get(self.agency_id, self.agency_id)
