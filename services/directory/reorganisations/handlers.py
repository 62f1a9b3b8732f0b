"""Changing agencies by acts: judging one, applying it at once or on its day, taking it back."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from contracts.directory import reorganisations as c
from contracts.directory.roles import HeldRole
from kernel.base.errors import Conflict, Refusal
from kernel.base.ids import NOBODY, new_id
from kernel.work.call import Call
from kernel.work.operations import command, query
from kernel.work.unit_of_work import decided
from org import succession
from services.directory.agencies.domain.agency import Agency
from services.directory.agencies.domain.outcome import Outcome
from services.directory.agencies.handlers import project
from services.directory.agencies.repository import AgencyRepository
from services.directory.clients import repository as clients
from services.directory.policy import RACES
from services.directory.quality_systems import queries as systems
from services.directory.reorganisations import queries as histories
from services.directory.reorganisations.domain.posting import Moves, joined, key_of, place, roles_in
from services.directory.reorganisations.domain.reorganisation import Reorganisation
from services.directory.reorganisations.domain.resolving import named_in, resolve
from services.directory.reorganisations.repository import ReorganisationRepository, StandingTree
from services.directory.resources import Resources
from services.directory.roles.handlers.delegating import end_of_roles, end_with
from services.directory.roles.handlers.role_grants import pass_on
from services.directory.roles.queries import RoleGrantRepository
from services.directory.staff.domain.position import Position
from services.directory.staff.repository import PersonRepository, PositionRepository

MOST_AT_ONCE = 400
"""Positions that may move while a caller waits; what moves more is applied by the sweep, seconds later."""


@command(c.Reorganise)
def reorganise(call: Call, command: c.Reorganise) -> c.ReorganisationView:
    """Apply an act whose day has come, or keep it until then; either way it was judged as a whole."""
    AgencyRepository(call.session).lock_tree()
    plan = _plan(command)
    outcome, moves = judge(call, plan)
    act = Reorganisation.request(
        id=new_id(),
        agency_id=call.actor.agency_id or NOBODY,
        plan=plan,
        outcome=outcome,
        requested_by=call.actor.person_id,
        now=call.now(),
    )
    ReorganisationRepository(call.session).add(act)
    if is_at_once(call, plan, moves):
        _apply(call, act, outcome, moves)
    call.session.flush()
    return histories.reorganisation_view(call.session, act.id)


@command(c.CancelReorganisation)
def cancel_reorganisation(call: Call, command: c.CancelReorganisation) -> c.ReorganisationView:
    """Take back an act before its day."""
    AgencyRepository(call.session).lock_tree()
    act = ReorganisationRepository(call.session).get(command.reorganisation_id)
    _permit(call, (each.agency_id for each in act.concerned if each.part is not c.AgencyPart.CREATED))
    act.cancel(command.reason, call.today(), call.now())
    call.because(command.reason)
    call.session.flush()
    return histories.reorganisation_view(call.session, act.id)


def apply_due(call: Call) -> int:
    """Apply the first act whose day has come, or note why it cannot be; how many it was."""
    acts = ReorganisationRepository(call.session)
    if not acts.is_any_due(call.today()):
        return 0
    AgencyRepository(call.session).lock_tree()
    act = acts.next_due(call.today())
    if act is None:
        return 0
    resources: Resources = call.resources
    if (refused := resources.unapplied.pop(act.id, None)) is not None:
        act.fail(refused)
        return 1
    try:
        outcome, moves = _resolve(call, act.plan)
    except Refusal as no:
        act.fail(no)
        return 1
    try:
        _apply(call, act, outcome, moves)
        call.session.flush()
    except (Refusal, IntegrityError) as error:
        # Half of it is in this transaction, which must go: the next turn notes why, and others get theirs.
        if (why := refusal_of(error)) is not None:
            resources.unapplied[act.id] = why
        raise
    return 1


def refusal_of(error: Exception) -> Refusal | None:
    """What a refusal, or a constraint that stands for one, says; None for a defect."""
    if isinstance(error, Refusal):
        return error
    return decided(error, RACES) if isinstance(error, IntegrityError) else None


def judge(call: Call, plan: c.ReorganisationPlan) -> tuple[Outcome, Moves]:
    """What the act would do; refused to one who may not, and where another act waits for its agencies."""
    outcome, moves = _resolve(call, plan)
    _permit(call, _there_before(StandingTree(call.session), outcome))
    waiting = ReorganisationRepository(call.session).waiting_for(outcome.parts)
    if waiting is not None:
        day, number = waiting
        raise Conflict("another_act_waits", "effectiveOn", number=number, day=_read(day))
    return outcome, moves


def is_at_once(call: Call, plan: c.ReorganisationPlan, moves: Moves) -> bool:
    """Whether the act is applied within the call: its day has come, and it is no matter of minutes."""
    return plan.effective_on <= call.today() and len(moves) <= MOST_AT_ONCE


@query(c.ReorganisationPreview)
def preview(call: Call, plan: c.ReorganisationPreview) -> c.ReorganisationPreviewView:
    """What the act would do."""
    outcome, moves = judge(call, plan)
    return histories.preview(call, outcome, moves, at_once=is_at_once(call, plan, moves))


def _resolve(call: Call, plan: c.ReorganisationPlan) -> tuple[Outcome, Moves]:
    resources: Resources = call.resources
    tree = StandingTree(call.session)
    tree.foresee(*named_in(plan), plan.effective_on)
    outcome = resolve(plan, tree, resources.kinds)
    positions = PositionRepository(call.session)
    held = positions.lasting_in(outcome.heirs, plan.effective_on)
    granted = positions.granted_for(outcome.ended, plan.effective_on)
    moves = place(held, granted, plan.postings, outcome)
    moves.personal = list(RoleGrantRepository(call.session).granted_for(outcome.ended, plan.effective_on))
    return outcome, moves


def _there_before(tree: StandingTree, outcome: Outcome) -> list[UUID]:
    """The agencies an act touches: those it changes, and those it puts others below."""
    touched = dict.fromkeys(outcome.parts)
    for agency_id, draft in {**outcome.created, **outcome.changed}.items():
        known = None if agency_id in outcome.created else tree.find(agency_id)
        if draft.parent_id is not None and (known is None or known.last.parent_id != draft.parent_id):
            touched[draft.parent_id] = None
    return [each for each in touched if each not in outcome.created]


def _permit(call: Call, agency_ids: Iterable[UUID]) -> None:
    """A role that may reorganise must reach every one of them."""
    for agency_id in dict.fromkeys(agency_ids):
        call.require(agency_id=agency_id)


def _plan(asked: c.ReorganisationPlan) -> c.ReorganisationPlan:
    """The act without what a command or a question adds to it."""
    return c.ReorganisationPlan(
        **{each.name: getattr(asked, each.name) for each in fields(c.ReorganisationPlan)}
    )


def _apply(call: Call, act: Reorganisation, outcome: Outcome, moves: Moves) -> None:
    """Agencies, then people, then the event about the whole."""
    changed = _change_agencies(call, act.id, outcome)
    call.session.flush()
    project(call, changed)
    _move_people(call, moves, outcome.day)
    _follow_homes(call, outcome, moves)
    systems.follow(call, outcome)
    clients.follow(call, outcome)
    act.apply(outcome, call.now())
    succession.project_successions(call.session, act.as_event(outcome))


def _change_agencies(call: Call, act_id: UUID, outcome: Outcome) -> list[Agency]:
    agencies, resources = AgencyRepository(call.session), call.resources
    begun = outcome.begun(act_id, resources.kinds)
    for agency in begun:
        agencies.add(agency)
    return begun + outcome.altered(act_id, agencies.get)


def _move_people(call: Call, moves: Moves, day: date) -> None:
    """Holdings end on the eve of the day; who goes on holds the same in the agency that takes over."""
    positions = PositionRepository(call.session)
    regranted = {position.id: position for position in moves.regranted}
    # Asked before anything changes: each question in between would send all changes so far.
    there = positions.lasting_in({to for _, to in moves.going}, day)
    twins = {key_of(position, position.agency_id): position for position in reversed(there)}
    for key, group in joined(moves.going).items():
        to, twin = key[2], twins.get(key)
        roles = [role for position in group for role in roles_in(position, to, moves.heirs)]
        begins, ends = _span(group, day)
        for position in group:
            _end(positions, position, day)
        if twin is None:
            positions.add(_going_on(group[0], to, roles, begins, ends))
        else:
            regranted.pop(twin.id, None)
            positions.account_for(twin).adjust(moves.heirs, roles, day)
    for position in moves.ending:
        _end(positions, position, day)
    for position in regranted.values():
        positions.account_for(position).adjust(moves.heirs, (), day)
    pass_on(call, moves.personal, moves.heirs, day)
    leaving = [position.id for position, _ in moves.going] + [position.id for position in moves.ending]
    end_with(call, leaving, day)
    end_of_roles(call, [position.id for position in moves.regranted], moves.heirs, day)


def _follow_homes(call: Call, outcome: Outcome, moves: Moves) -> None:
    """Where people go on working their record is kept; of the others, by who goes on with the agency."""
    call.session.flush()
    heirs = {each.agency_id: each.heir_id for each in outcome.continuations}
    going = {(each.person_id, each.agency_id): to for each, to in reversed(moves.going)}
    for person in PersonRepository(call.session).kept_by(outcome.heirs):
        before = person.home_agency_id
        assert before is not None
        after = going.get((person.id, before))
        if after is not None or before in outcome.ended:
            person.follow_home(after or heirs.get(before), outcome.day)


def _end(positions: PositionRepository, position: Position, day: date) -> None:
    """One that was to begin only later is undone."""
    positions.account_for(position).end(max(day, position.held_from))


def _span(group: list[Position], day: date) -> tuple[date, date | None]:
    ends = [position.held_to for position in group]
    known = [end for end in ends if end is not None]
    begins = min(max(day, position.held_from) for position in group)
    return begins, max(known) if len(known) == len(ends) else None


def _going_on(like: Position, to: UUID, roles: list[HeldRole], begins: date, ends: date | None) -> Position:
    return Position.appoint(
        id=new_id(),
        agency_id=to,
        person_id=like.person_id,
        title=like.title,
        held_from=begins,
        held_to=ends,
        roles=roles,
    )


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
