"""A hand-over: drawn up, signed by who receives and by who leads the unit, done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from contracts.directory.events import PositionHandedOver
from contracts.directory.hand_overs import HandOverState, MinuteSignature, RolePassed, Signed, SigningPart
from contracts.directory.roles import HeldRole
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Forbidden, Invalid
from services.directory.staff.domain.position import Position


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the minute calls those who take part, as they are called on its day."""

    agency: str
    roles: tuple[RolePassed, ...]
    holders: Mapping[UUID, tuple[str, str]]
    """Position → the name of its holder and the title."""
    people: Mapping[UUID, str]
    """Whom somebody signed for."""

    def of(self, position_id: UUID) -> dict[str, str]:
        name, title = self.holders[position_id]
        return {"name": name, "title": title}


@dataclass(eq=False, kw_only=True)
class HandOver(Aggregate):
    """One act: nothing passes before it is done, and then everything does."""

    agency_id: UUID
    giver_position_id: UUID
    giver_id: UUID
    receiver_position_id: UUID
    receiver_id: UUID
    number: str
    drawn_up_at: datetime
    note: str | None = None
    state: HandOverState = HandOverState.DRAWN_UP
    handed_over_at: datetime | None = None
    roles: tuple[HeldRole, ...] = ()
    signatures: tuple[MinuteSignature, ...] = ()
    reason: str | None = None

    @classmethod
    def draw_up(
        cls, giver: Position, receiver: Position, *, id: UUID, number: str, note: str | None, now: datetime
    ) -> Self:
        """Refused to another agency, and to oneself: then there is nothing to hand over."""
        if receiver.agency_id != giver.agency_id:
            raise Invalid("receiver_of_another_agency", "receiverPositionId")
        if receiver.person_id == giver.person_id:
            raise Invalid("hand_over_to_oneself", "receiverPositionId")
        return cls(
            id=id,
            agency_id=giver.agency_id,
            giver_position_id=giver.id,
            giver_id=giver.person_id,
            receiver_position_id=receiver.id,
            receiver_id=receiver.person_id,
            number=number,
            drawn_up_at=now,
            note=note,
        )

    @property
    def is_signed(self) -> bool:
        """Whether those have signed without whom nothing passes; who left may be out of reach."""
        signed = {each.part for each in self.signatures}
        return signed >= {SigningPart.RECEIVER, SigningPart.LEADER}

    def confirm(self, signature: MinuteSignature, roles: list[HeldRole]) -> None:
        """The leader signs for exactly these roles, which are all that the giver holds now."""
        self.sign(signature)
        self.roles = tuple(roles)

    def sign(self, signature: MinuteSignature) -> None:
        """Sign once, as one part: the unit's leader confirms what others hand over to others."""
        part, hands = signature.part, {signature.person_id, signature.on_behalf_of}
        self._must_be_open()
        if any(each.part is part for each in self.signatures):
            raise Conflict("hand_over_signed_already")
        if part is SigningPart.LEADER and hands & {self.giver_id, self.receiver_id}:
            raise Forbidden("hand_over_own_confirmation")
        self.signatures = (*self.signatures, signature)

    def finish(
        self,
        roles: list[HeldRole],
        names: Names,
        *,
        former_ids: Sequence[UUID],
        gave_up_all: bool,
        now: datetime,
    ) -> None:
        """Everything passes from now on, and no role that nobody confirmed."""
        if sorted(map(_key, roles)) != sorted(map(_key, self.roles)):
            raise Conflict("hand_over_roles_changed")
        self.state, self.handed_over_at = HandOverState.DONE, now
        signed = (
            Signed(
                part=each.part,
                at=each.at,
                on_behalf_of=names.people.get(each.on_behalf_of) if each.on_behalf_of else None,
                **names.of(each.position_id),
            )
            for each in self.signatures
        )
        giver, receiver = names.of(self.giver_position_id), names.of(self.receiver_position_id)
        self.record(
            PositionHandedOver(
                hand_over_id=self.id,
                agency_id=self.agency_id,
                giver_position_id=self.giver_position_id,
                giver_id=self.giver_id,
                receiver_position_id=self.receiver_position_id,
                receiver_id=self.receiver_id,
                handed_over_at=now,
                gave_up_all=gave_up_all,
                former_position_ids=tuple(former_ids),
                number=self.number,
                agency=names.agency,
                note=self.note,
                roles=names.roles,
                signatures=tuple(signed),
                giver=giver["name"],
                giver_title=giver["title"],
                receiver=receiver["name"],
                receiver_title=receiver["title"],
            )
        )

    def cancel(self, reason: str) -> None:
        """Take it back before it is done."""
        self._must_be_open()
        self.state, self.reason = HandOverState.CANCELLED, reason

    def _must_be_open(self) -> None:
        if self.state is not HandOverState.DRAWN_UP:
            raise Conflict("hand_over_not_open")


def _key(role: HeldRole) -> tuple[str, UUID, bool]:
    return role.role.value, role.agency_id, role.with_subtree
