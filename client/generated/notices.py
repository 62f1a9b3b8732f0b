"""What is asked about notices. Written by `make client`; change the operations instead."""

from typing import TypedDict

from client.caller import Caller
from client.generated.enums import DeliveryState


class NoticesDeliveries(TypedDict):
    """What is asked of a Delivery."""

    state: DeliveryState
    address: str


class Notices(TypedDict):
    """What is asked of a Notice."""

    subject: str
    deliveries: list[NoticesDeliveries]


NOTICES = """
query Notices { notices(first: 10) { edges { node { subject deliveries { state address } } } } }
"""


class AboutNotices(Caller):
    """Operations about notices."""

    async def notices(self) -> list[Notices]:
        """The caller's own notices, oldest first after `afterNumber`, else newest first."""
        found: list[Notices] = [edge["node"] for edge in (await self._one("notices", NOTICES))["edges"]]
        return found
