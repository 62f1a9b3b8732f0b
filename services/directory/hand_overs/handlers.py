"""Handing over: drawn up by who leaves or leads, taken over, confirmed, and done as one act."""

from uuid import UUID

from contracts.directory import hand_overs as c
from kernel.base.errors import Conflict, Forbidden
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.agencies.repository import AgencyRepository
from services.directory.hand_overs import queries as hand_overs
from services.directory.hand_overs.domain import HandOver
from services.directory.hand_overs.repository import HandOverRepository
from services.directory.roles.handlers.delegating import end_with
from services.directory.roles.reaching import check_reach
from services.directory.staff.domain.position import Position
from services.directory.staff.repository import PositionRepository


@command(c.DrawUpHandOver)
def draw_up_hand_over(call: Call, command: c.DrawUpHandOver) -> c.HandOverView:
    """The one who leaves signs by drawing it up; else the leader of their unit does it for them."""
    AgencyRepository(call.session).hold_tree()
    positions, today = PositionRepository(call.session), call.today()
    giver = positions.get(command.giver_position_id)
    is_giver = call.actor.position_id == giver.id
    if not is_giver:
        call.require(agency_id=giver.agency_id)
    receiver = positions.get(command.receiver_position_id, "receiverPositionId")
    if not receiver.is_held(today):
        raise Conflict("receiver_holds_it_no_more", "receiverPositionId")
    register = HandOverRepository(call.session)
    hand_over = HandOver.draw_up(
        giver,
        receiver,
        id=new_id(),
        number=register.next_number(today.year),
        note=command.note,
        now=call.now(),
    )
    register.add(hand_over)
    if is_giver:
        hand_over.sign(_signature(call, c.SigningPart.GIVER))
    elif call.actor.person_id != receiver.person_id:
        _confirm(call, hand_over, giver)
    return _shown(call, hand_over)


@command(c.AcceptHandOver)
def accept_hand_over(call: Call, command: c.AcceptHandOver) -> c.HandOverView:
    """By the successor, whose own it is."""
    AgencyRepository(call.session).hold_tree()
    hand_over = _loaded(call, command.hand_over_id, command.expected_version)
    if call.actor.person_id != hand_over.receiver_id:
        raise Forbidden("hand_over_not_to_you")
    hand_over.sign(_signature(call, c.SigningPart.RECEIVER))
    _carry_out_if_signed(call, hand_over)
    return _shown(call, hand_over)


@command(c.ConfirmHandOver)
def confirm_hand_over(call: Call, command: c.ConfirmHandOver) -> c.HandOverView:
    """By a leader who could have granted the roles that pass."""
    AgencyRepository(call.session).hold_tree()
    hand_over = _loaded(call, command.hand_over_id, command.expected_version)
    call.require(agency_id=hand_over.agency_id)
    _confirm(call, hand_over, PositionRepository(call.session).get(hand_over.giver_position_id))
    _carry_out_if_signed(call, hand_over)
    return _shown(call, hand_over)


@command(c.CancelHandOver)
def cancel_hand_over(call: Call, command: c.CancelHandOver) -> c.HandOverView:
    """Open to those who take part in the act, and to the unit's leader."""
    hand_over = _loaded(call, command.hand_over_id, command.expected_version)
    if call.actor.person_id not in (hand_over.giver_id, hand_over.receiver_id):
        call.require(agency_id=hand_over.agency_id)
    hand_over.cancel(command.reason)
    call.because(command.reason)
    return _shown(call, hand_over)


def _confirm(call: Call, hand_over: HandOver, giver: Position) -> None:
    """For the roles as they are now; what the giver is granted later has to be confirmed anew."""
    if not call.actor.may_sign:
        raise Forbidden("no_signing_authority")
    roles = giver.roles_after({})
    check_reach(call, roles)
    hand_over.confirm(_signature(call, c.SigningPart.LEADER), roles)


def _signature(call: Call, part: c.SigningPart) -> c.MinuteSignature:
    actor = call.actor
    assert actor.person_id is not None
    assert actor.position_id is not None
    return c.MinuteSignature(
        part=part,
        person_id=actor.person_id,
        position_id=actor.position_id,
        at=call.now(),
        on_behalf_of=actor.on_behalf_of if part is c.SigningPart.LEADER else None,
    )


def _carry_out_if_signed(call: Call, hand_over: HandOver) -> None:
    """Once signed, the giver's holding ends and the receiver has its roles; others hear of it and follow."""
    if not hand_over.is_signed:
        return
    positions, today = PositionRepository(call.session), call.today()
    giver = positions.get(hand_over.giver_position_id)
    receiver = positions.get(hand_over.receiver_position_id)
    if not receiver.is_held(today):
        raise Conflict("receiver_holds_it_no_more")
    # Read before the holding ends: a role counts as lasting as long as its holding does.
    roles = giver.roles_after({})
    if giver.held_to is None or giver.held_to > today:
        positions.account_for(giver).end(max(today, giver.held_from))
    positions.account_for(receiver).adjust({}, roles, today)
    call.session.flush()
    others = [each for each in positions.held_by(giver.person_id, today) if each.id != giver.id]
    names = hand_overs.names(call, hand_over, roles)
    end_with(call, [giver.id], max(today, giver.held_from))
    former = positions.before(giver)
    hand_over.finish(roles, names, former_ids=former, gave_up_all=not others, now=call.now())


def _loaded(call: Call, id: UUID, version: int) -> HandOver:
    hand_over = HandOverRepository(call.session).get(id)
    if not hand_overs.may_see(call, hand_over):
        raise hand_overs.unknown()
    if hand_over.version != version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    return hand_over


def _shown(call: Call, hand_over: HandOver) -> c.HandOverView:
    call.session.flush()
    return hand_overs.view(hand_over)
