"""Where people and grants go when the agency they belong to ends or is split."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.directory.reorganisations import Posting
from contracts.directory.roles import HeldRole
from kernel.base.errors import Conflict, Invalid
from kernel.base.text import fold
from services.directory.agencies.domain.outcome import Heirs, Outcome
from services.directory.roles.domain.role_grant import PersonalGrant
from services.directory.staff.domain.position import Position


@dataclass(kw_only=True)
class Moves:
    """What becomes of the positions and grants concerned."""

    going: list[tuple[Position, UUID]] = field(default_factory=list)
    """Positions that end and go on in another agency."""
    ending: list[Position] = field(default_factory=list)
    regranted: list[Position] = field(default_factory=list)
    """Positions elsewhere whose roles for an agency that ended pass to its heir, or end."""
    personal: list[PersonalGrant] = field(default_factory=list)
    """Grants in person for an agency that ended: they pass to its heir, or end."""
    heirs: dict[UUID, UUID | None] = field(default_factory=dict)
    """For whom roles for an agency that ended are held from now on."""

    def __len__(self) -> int:
        return len(self.going) + len(self.ending) + len(self.regranted) + len(self.personal)

    @property
    def grants(self) -> tuple[int, int]:
        """How many grants move, and how many end."""
        moving = ending = 0
        for position, to in self.going:
            kept = len(roles_in(position, to, self.heirs))
            moving, ending = moving + kept, ending + len(position.roles_after({})) - kept
        ending += sum(len(position.roles_after({})) for position in self.ending)
        for role in (role for position in self.regranted for role in position.roles_after({})):
            if role.agency_id in self.heirs:
                moving, ending = (moving + 1, ending) if self.heirs[role.agency_id] else (moving, ending + 1)
        for grant in self.personal:
            moving, ending = (moving + 1, ending) if self.heirs[grant.agency_id] else (moving, ending + 1)
        return moving, ending


def place(
    positions: Sequence[Position],
    granted: Sequence[Position],
    postings: Sequence[Posting],
    outcome: Outcome,
) -> Moves:
    """Everybody's place after the act; a refusal where somebody would have none that should."""
    posted = _posted(positions, postings, outcome)
    moves = Moves(heirs={agency: outcome.heirs[agency].rest for agency in outcome.ended})
    left: dict[UUID, int] = {}
    for position in positions:
        heirs = outcome.heirs[position.agency_id]
        to = posted.get(position.id, heirs.rest)
        if to == position.agency_id:
            continue
        if to is not None:
            moves.going.append((position, to))
        elif heirs.everybody_placed:
            left[position.agency_id] = left.get(position.agency_id, 0) + 1
        else:
            moves.ending.append(position)
    for agency_id, count in left.items():
        raise Conflict("people_left_nowhere", outcome.heirs[agency_id].path, count=count)
    leaving = {position.id for position in moves.ending} | {position.id for position, _ in moves.going}
    moves.regranted = [position for position in granted if position.id not in leaving]
    return moves


def _posted(
    positions: Sequence[Position], postings: Sequence[Posting], outcome: Outcome
) -> Mapping[UUID, UUID]:
    concerned = {position.id: outcome.heirs[position.agency_id] for position in positions}
    posted: dict[UUID, UUID] = {}
    for n, posting in enumerate(postings):
        heirs = concerned.get(posting.position_id)
        if heirs is None or posting.position_id in posted:
            raise Invalid("posting_not_concerned", f"postings.{n}.positionId")
        if not _may_take(heirs, posting.agency_id, outcome):
            raise Invalid("posting_elsewhere", f"postings.{n}.agencyId")
        posted[posting.position_id] = posting.agency_id
    return posted


def _may_take(heirs: Heirs, agency_id: UUID, outcome: Outcome) -> bool:
    """One of those who take over, or an agency that the same act creates."""
    return agency_id in heirs.among or agency_id in outcome.created


def roles_in(position: Position, to: UUID, heirs: Mapping[UUID, UUID | None]) -> list[HeldRole]:
    """The roles with which a holder goes on: those for their own agency are for the new one."""
    return position.roles_after({**heirs, position.agency_id: to})


Key = tuple[UUID, str, UUID]
"""Person, title and agency: what nobody holds twice at once."""


def key_of(position: Position, agency_id: UUID) -> Key:
    return position.person_id, fold(position.title), agency_id


def joined(moves: Iterable[tuple[Position, UUID]]) -> dict[Key, list[Position]]:
    """Moves by where they lead: who held one position in several agencies that become one holds it once."""
    groups: dict[Key, list[Position]] = {}
    for position, to in sorted(moves, key=lambda move: (move[0].held_from, move[0].id)):
        groups.setdefault(key_of(position, to), []).append(position)
    return groups
