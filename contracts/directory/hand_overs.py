"""Handing over: everything a position holds passes to a successor in one act, with a minute signed by all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from contracts.base import ByIds, Command, Form, PageEnd, PageOf, Reason, text
from contracts.directory.roles import HeldRole, Role


class HandOverState(StrEnum):
    """Where a hand-over stands; done once the receiver and the unit's leader have signed."""

    DRAWN_UP = "drawn_up"
    DONE = "done"
    CANCELLED = "cancelled"


class SigningPart(StrEnum):
    """As what somebody signs: bên bàn giao, bên nhận, lãnh đạo đơn vị xác nhận."""

    GIVER = "giver"
    RECEIVER = "receiver"
    LEADER = "leader"


@dataclass(frozen=True, kw_only=True)
class MinuteSignature:
    """Who signed in the system, as which position, when; each act of signing has its own trail row."""

    part: SigningPart
    person_id: UUID
    position_id: UUID
    at: datetime
    on_behalf_of: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature as a reader of the minute knows it."""

    part: SigningPart
    name: str
    title: str
    at: datetime
    on_behalf_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class RolePassed:
    """A role that passed, for which agency, as they are called that day."""

    role: Role
    name: str
    name_en: str
    agency: str
    with_subtree: bool


@dataclass(kw_only=True)
class HandOverView:
    """A hand-over; what passed with it, and its minute, are there some seconds after it is done."""

    id: UUID
    number: str
    agency_id: UUID
    giver_position_id: UUID
    giver_id: UUID
    receiver_position_id: UUID
    receiver_id: UUID
    note: str | None
    state: HandOverState
    drawn_up_at: datetime
    handed_over_at: datetime | None
    roles: list[HeldRole]
    signatures: list[MinuteSignature]
    reason: str | None
    version: int


@dataclass(kw_only=True)
class HandOverPage(PageEnd):
    """A page of hand-overs; `cursors[i]` belongs to `items[i]`."""

    items: list[HandOverView]


@dataclass(kw_only=True)
class HandOversByIds(ByIds[HandOverView]):
    """The hand-overs among these that the caller takes part in, or whose agency the caller leads."""


@dataclass(kw_only=True)
class ListHandOvers(PageOf[HandOverPage]):
    """Hand-overs that one takes part in or sees as a leader, the latest first."""

    agency_id: UUID | None = None
    state: HandOverState | None = None


@dataclass(kw_only=True)
class DrawUpHandOver(Command[HandOverView]):
    """Draw up a hand-over from a position to another of the same agency.

    The one who leaves draws it up and thereby signs; where they are gone already, the unit's leader does.
    """

    giver_position_id: UUID
    receiver_position_id: UUID
    note: Annotated[str, text(Form.PROSE, 0, 2000)] | None = None


@dataclass(kw_only=True)
class AcceptHandOver(Command[HandOverView]):
    """Take over, as the successor; with the leader's signature everything passes."""

    hand_over_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class ConfirmHandOver(Command[HandOverView]):
    """Confirm as the unit's leader, who could have granted every role that passes."""

    hand_over_id: UUID
    expected_version: int


@dataclass(kw_only=True)
class CancelHandOver(Command[HandOverView]):
    """Take back what is not done yet."""

    hand_over_id: UUID
    expected_version: int
    reason: Reason
