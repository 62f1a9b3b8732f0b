"""What is asked about hand overs. Written by `make client`; change the operations instead."""

from typing import TypedDict

from client.caller import Caller, Id
from client.generated.enums import DutyKind, HandOverState, SigningPart


class HandOverNowSignaturesPerson(TypedDict):
    """What is asked of a Person."""

    fullName: str


class HandOverNowSignatures(TypedDict):
    """What is asked of a MinuteSignature."""

    part: SigningPart
    person: HandOverNowSignaturesPerson | None


class HandOverNow(TypedDict):
    """What is asked of a HandOver."""

    id: str
    version: int
    number: str
    state: HandOverState
    signatures: list[HandOverNowSignatures]


class DutiesItems(TypedDict):
    """What is asked of a Duty."""

    kind: DutyKind
    code: str
    title: str
    dueAt: str | None
    minutesLeft: int | None
    isOwn: bool


class Duties(TypedDict):
    """What is asked of a Duties."""

    notAnswering: list[str]
    items: list[DutiesItems]


class HandOverMinuteMinuteReportsThings(TypedDict):
    """What is asked of a HandedThing."""

    kind: DutyKind
    code: str


class HandOverMinuteMinuteReports(TypedDict):
    """What is asked of a HandOverReport."""

    service: str
    things: list[HandOverMinuteMinuteReportsThings]


class HandOverMinuteMinuteDownload(TypedDict):
    """What is asked of a MinuteLink."""

    url: str
    sha256: str


class HandOverMinuteMinute(TypedDict):
    """What is asked of a Minute."""

    sha256: str | None
    reports: list[HandOverMinuteMinuteReports]
    download: HandOverMinuteMinuteDownload | None


class HandOverMinute(TypedDict):
    """What is asked of a HandOver."""

    minute: HandOverMinuteMinute | None


DRAW_UP_HAND_OVER = """
mutation DrawUpHandOver($input: DrawUpHandOverInput!) { answer: drawUpHandOver(input: $input) {
__typename ...HandOverNow ... on Problem { code message remedy field } } } fragment HandOverNow on
HandOver { id version number state signatures { part person { fullName } } }
"""

ACCEPT_HAND_OVER = """
mutation AcceptHandOver($input: AcceptHandOverInput!) { answer: acceptHandOver(input: $input) {
__typename ...HandOverNow ... on Problem { code message remedy field } } } fragment HandOverNow on
HandOver { id version number state signatures { part person { fullName } } }
"""

CONFIRM_HAND_OVER = """
mutation ConfirmHandOver($input: ConfirmHandOverInput!) { answer: confirmHandOver(input: $input) {
__typename ...HandOverNow ... on Problem { code message remedy field } } } fragment HandOverNow on
HandOver { id version number state signatures { part person { fullName } } }
"""

DUTIES = """
query Duties { duties { notAnswering items { kind code title dueAt minutesLeft isOwn } } }
"""

HAND_OVER_MINUTE = """
query HandOverMinute($id: UUID!) { handOver(id: $id) { minute { sha256 reports { service things { kind
code } } download { url sha256 } } } }
"""


class AboutHandOvers(Caller):
    """Operations about hand overs."""

    async def draw_up_hand_over(
        self,
        *,
        giver_position_id: Id,
        receiver_position_id: Id,
        request_id: Id | None = None,
        note: str | None = None,
    ) -> HandOverNow:
        """Draw up a hand-over from a position to another of the same agency."""
        done: HandOverNow = await self._command(
            "drawUpHandOver",
            DRAW_UP_HAND_OVER,
            {
                "giver_position_id": giver_position_id,
                "receiver_position_id": receiver_position_id,
                "request_id": request_id,
                "note": note,
            },
        )
        return done

    async def accept_hand_over(
        self, *, hand_over_id: Id, expected_version: int, request_id: Id | None = None
    ) -> HandOverNow:
        """Take over, as the successor; with the leader's signature everything passes."""
        done: HandOverNow = await self._command(
            "acceptHandOver",
            ACCEPT_HAND_OVER,
            {"hand_over_id": hand_over_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def confirm_hand_over(
        self, *, hand_over_id: Id, expected_version: int, request_id: Id | None = None
    ) -> HandOverNow:
        """Confirm as the unit's leader, who could have granted every role that passes."""
        done: HandOverNow = await self._command(
            "confirmHandOver",
            CONFIRM_HAND_OVER,
            {"hand_over_id": hand_over_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def duties(self) -> Duties:
        """What waits for me: of my own, and for any holder of my roles. Three calls, whatever there is.
        What has no due time comes last, the longest waiting first."""
        found: Duties = await self._one("duties", DUTIES)
        return found

    async def hand_over_minute(self, *, id: Id) -> HandOverMinute:
        """One hand-over."""
        found: HandOverMinute = await self._one("handOver", HAND_OVER_MINUTE, id=id)
        return found
