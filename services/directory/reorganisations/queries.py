"""Answers what agencies were, who took over from whom, and which acts did it."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from contracts.directory import reorganisations as c
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from org.tables import agency_successions
from services.directory.agencies.domain.outcome import Outcome
from services.directory.agencies.tables import agencies, agency_periods
from services.directory.clients.repository import ClientRepository
from services.directory.quality_systems.queries import SystemRepository
from services.directory.reorganisations.domain.posting import Moves
from services.directory.reorganisations.repository import StandingTree
from services.directory.reorganisations.tables import reorganisation_agencies, reorganisations
from services.directory.roles.delegations import DelegationRepository

MOVES_SHOWN = 500
HOLDERS_ELSEWHERE = ("documents", "cases", "audits")
"""Services that hold things of agencies; the gateway asks each of them what."""


@query(c.AgencyHistories)
def agency_histories(call: Call, question: c.AgencyHistories) -> list[c.AgencyPeriodView]:
    """Every state of each agency, oldest first."""
    names = [each.name for each in fields(c.AgencyPeriodView) if each.name != "version"]
    periods = agency_periods.c
    version = select(agencies.c.version).where(agencies.c.id == periods.agency_id).scalar_subquery()
    shown = (*(periods[name] for name in names), version.label("version"))
    wanted = select(*shown).where(periods.agency_id.in_(question.ids))
    rows = call.session.execute(wanted.order_by(periods.agency_id, periods.valid_from))
    return [c.AgencyPeriodView(**row) for row in rows.mappings()]


@query(c.PredecessorsByIds)
def predecessors_by_ids(call: Call, question: c.PredecessorsByIds) -> list[c.SuccessionView]:
    return _successions(call, agency_successions.c.successor_id.in_(question.ids))


@query(c.SuccessorsByIds)
def successors_by_ids(call: Call, question: c.SuccessorsByIds) -> list[c.SuccessionView]:
    return _successions(call, agency_successions.c.predecessor_id.in_(question.ids))


@query(c.ListReorganisations)
def list_reorganisations(call: Call, question: c.ListReorganisations) -> c.ReorganisationPage:
    """The latest effective date first."""
    acts, concerned = reorganisations.c, reorganisation_agencies.c
    wanted = select(reorganisations)
    if question.state is not None:
        wanted = wanted.where(acts.state == question.state)
    if question.agency_id is not None:
        mine = select(concerned.reorganisation_id).where(concerned.agency_id == question.agency_id)
        wanted = wanted.where(acts.id.in_(mine))
    order: Order = [(acts.effective_on, "desc"), (acts.id, "desc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.ReorganisationPage(items=_views(call.session, rows), has_next=has_next, cursors=cursors)


def reorganisation_view(session: Session, act_id: UUID) -> c.ReorganisationView:
    """One act; the caller knows that there is one."""
    rows = session.execute(select(reorganisations).where(reorganisations.c.id == act_id)).all()
    [view] = _views(session, rows)
    return view


def preview(call: Call, outcome: Outcome, moves: Moves, *, at_once: bool) -> c.ReorganisationPreviewView:
    """What the act would do, as far as the directory knows."""
    grants_moving, grants_ending = moves.grants
    leaving = {each.id for each in moves.ending} | {position.id for position, _ in moves.going}
    lent = DelegationRepository(call.session).concerned(leaving, outcome.ended, outcome.day)
    shown = [(position, to) for position, to in moves.going] + [(each, None) for each in moves.ending]
    return c.ReorganisationPreviewView(
        at_once=at_once,
        agencies=_outcomes(StandingTree(call.session), outcome),
        successions=outcome.successions,
        continuations=outcome.continuations,
        children_moving=_children_moving(StandingTree(call.session), outcome),
        people_moving=len({position.person_id for position, _ in moves.going}),
        positions_moving=len(moves.going),
        positions_ending=len(moves.ending),
        grants_moving=grants_moving,
        grants_ending=grants_ending,
        delegations_ending=len(lent),
        systems_concerned=len(SystemRepository(call.session).of_agencies(list(outcome.ended))),
        programs_concerned=len(ClientRepository(call.session).of_agencies(outcome.ended)),
        moves=[_move(position, to) for position, to in shown[:MOVES_SHOWN]],
        elsewhere=[c.HeldElsewhere(service=name) for name in HOLDERS_ELSEWHERE],
    )


def _move(position: Any, to: UUID | None) -> c.PositionMove:
    return c.PositionMove(
        position_id=position.id,
        person_id=position.person_id,
        title=position.title,
        from_id=position.agency_id,
        to_id=to,
    )


def _outcomes(tree: StandingTree, outcome: Outcome) -> list[c.AgencyOutcome]:
    return [_outcome(tree, outcome, agency_id, part) for agency_id, part in outcome.parts.items()]


def _outcome(tree: StandingTree, outcome: Outcome, agency_id: UUID, part: c.AgencyPart) -> c.AgencyOutcome:
    known = None if agency_id in outcome.created else tree.find(agency_id)
    before = known.last if known else None
    after = outcome.created.get(agency_id) or outcome.changed.get(agency_id) or before
    assert after is not None
    return c.AgencyOutcome(
        agency_id=agency_id,
        part=part,
        code=after.code,
        name=after.name,
        kind=after.kind,
        parent_id=after.parent_id,
        name_before=before.name if before else None,
        parent_before_id=before.parent_id if before else None,
    )


def _children_moving(tree: StandingTree, outcome: Outcome) -> int:
    """How many agencies stand below another one afterwards."""
    moved = 0
    for agency_id, draft in outcome.changed.items():
        known = tree.find(agency_id)
        moved += known is not None and known.last.parent_id != draft.parent_id
    return moved


def _successions(call: Call, which: ColumnElement[bool]) -> list[c.SuccessionView]:
    links = agency_successions.c
    wanted: Select[Any] = select(agency_successions).where(which)
    ordered = wanted.order_by(links.began_on, links.predecessor_id, links.successor_id)
    return [
        c.SuccessionView(**{**row, "kind": c.SuccessionKind(row["kind"])})
        for row in call.session.execute(ordered).mappings()
    ]


def _views(session: Session, rows: Sequence[Any]) -> list[c.ReorganisationView]:
    parts: dict[UUID, list[c.PartTaken]] = {row.id: [] for row in rows}
    if rows:
        concerned = reorganisation_agencies.c
        wanted = select(reorganisation_agencies).where(concerned.reorganisation_id.in_(parts))
        for row in session.execute(wanted.order_by(concerned.part, concerned.agency_id)):
            parts[row.reorganisation_id].append(c.PartTaken(agency_id=row.agency_id, part=row.part))
    return [_view(row, parts[row.id]) for row in rows]


def _view(row: Any, parts: list[c.PartTaken]) -> c.ReorganisationView:
    said = row.failure["message"] if row.failure else {}
    return c.ReorganisationView(
        id=row.id,
        effective_on=row.effective_on,
        basis=row.plan.basis,
        state=row.state,
        agencies=parts,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        applied_at=row.applied_at,
        cancelled_at=row.cancelled_at,
        reason=row.reason,
        failure=said.get("vi"),
        failure_en=said.get("en"),
        version=row.version,
    )
