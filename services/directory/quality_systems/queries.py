"""Quality management systems: loaded for writing, listed, and following the agencies they cover."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from contracts.directory import quality_systems as c
from kernel.base.errors import NotFound
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from kernel.work.unit_of_work import track
from services.directory.agencies.domain.outcome import Outcome
from services.directory.quality_systems.domain import QualitySystem
from services.directory.quality_systems.tables import quality_systems as systems

_SAME = (
    *("id", "code", "name", "agency_id", "scope", "state", "committee_decision", "committee_since"),
    *("declared_by", "declared_on", "declare_again_since", "ended_on", "version"),
)
_SEVERAL = ("standards", "covers", "seats", "declare_again")


class SystemRepository:
    """Systems with everything they cover."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, system: QualitySystem) -> None:
        self.session.add(system)
        track(self.session, system, is_new=True)

    def get(self, system_id: UUID) -> QualitySystem:
        found = self.session.get(QualitySystem, system_id)
        if found is None:
            raise NotFound("system_not_found", "systemId")
        track(self.session, found)
        return found

    def is_code_used(self, agency_id: UUID, code: str) -> bool:
        """Whether a system that the agency keeps bears the code, given by this agency or another."""
        used = select(systems.c.id).where(
            systems.c.agency_id == agency_id, systems.c.code == code, systems.c.state != c.SystemState.ENDED
        )
        return self.session.scalar(used.limit(1)) is not None

    def of_agencies(self, agency_ids: Iterable[UUID]) -> list[QualitySystem]:
        """The systems that one of the agencies keeps or is covered by, now or from a later day on."""
        concerned = [or_(systems.c.agency_id == each, _covers(each)) for each in agency_ids]
        if not concerned:
            return []
        wanted = select(QualitySystem).where(systems.c.state != c.SystemState.ENDED, or_(*concerned))
        found = list(self.session.scalars(wanted.order_by(systems.c.id)))
        for system in found:
            track(self.session, system)
        return found


def follow(call: Call, outcome: Outcome) -> None:
    """Let the systems of agencies that an act ends go on with the agency that takes over."""
    heirs = {agency: _heirs(outcome, agency) for agency in outcome.ended}
    keepers = {each.agency_id: each.heir_id for each in outcome.continuations}
    keepers |= {agency: found[0] for agency, found in heirs.items() if found}
    for system in SystemRepository(call.session).of_agencies(list(heirs)):
        system.follow(heirs, keepers, outcome.day)


def _heirs(outcome: Outcome, agency_id: UUID) -> list[UUID]:
    """The agencies that take over, the heir of its things first; what falls to the agency above ends."""
    heirs = outcome.heirs[agency_id]
    first = [each for each in (heirs.things, heirs.rest) if each in heirs.among]
    return list(dict.fromkeys([*first, *heirs.among]))


@query(c.SystemsByIds)
def systems_by_ids(call: Call, question: c.SystemsByIds) -> list[c.SystemView]:
    """What is declared is posted for everybody (QĐ 19/2014/QĐ-TTg, Điều 4)."""
    wanted = select(QualitySystem).where(systems.c.id.in_(question.ids))
    return [view(each) for each in call.session.scalars(wanted)]


@query(c.ListSystems)
def list_systems(call: Call, question: c.ListSystems) -> c.SystemPage:
    """By code."""
    wanted = select(systems.c.id, systems.c.code)
    if question.agency_id is not None:
        wanted = wanted.where(_covers(question.agency_id))
    if question.state is not None:
        wanted = wanted.where(systems.c.state == question.state)
    if question.must_declare is not None:
        due = systems.c.declare_again_since.is_not(None)
        wanted = wanted.where(due if question.must_declare else ~due)
    order: Order = [(systems.c.code, "asc"), (systems.c.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    found = select(QualitySystem).where(systems.c.id.in_([row.id for row in rows]))
    known = {each.id: each for each in call.session.scalars(found)}
    return c.SystemPage(items=[view(known[row.id]) for row in rows], has_next=has_next, cursors=cursors)


@query(c.ListStandards)
def list_standards(call: Call, question: c.ListStandards) -> list[c.StandardView]:
    """Every edition, those of today and others."""
    return list(call.resources.standards)


def view(found: QualitySystem) -> c.SystemView:
    """The aggregate as it is shown."""
    known: dict[str, Any] = {name: getattr(found, name) for name in _SAME}
    return c.SystemView(**known | {name: list(getattr(found, name)) for name in _SEVERAL})


def _covers(agency_id: UUID) -> ColumnElement[bool]:
    """In terms that the index over what is covered knows."""
    wanted = func.jsonb_build_array(func.jsonb_build_object("agency_id", str(agency_id)))
    return type_coerce(systems.c.covers, JSONB).contains(wanted)


def standards_on(call: Call, day: date) -> set[str]:
    """The editions that a system may go by on that day."""
    known = call.resources.standards
    return {
        each.code
        for each in known
        if each.effective_from <= day and (each.effective_to is None or day < each.effective_to)
    }
