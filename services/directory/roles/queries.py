"""Grants to people: loading them for writing, and answering who has which."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from contracts.directory import grants as c
from kernel.base.errors import NotFound
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import query
from kernel.work.unit_of_work import track
from org.reach import within
from services.directory.roles.domain.role_grant import PersonalGrant
from services.directory.roles.tables import personal_grants


class RoleGrantRepository:
    """Grants, for writing."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, grant: PersonalGrant) -> None:
        self.session.add(grant)
        track(self.session, grant, is_new=True)

    def get(self, grant_id: UUID) -> PersonalGrant:
        grant = self.session.get(PersonalGrant, grant_id)
        if grant is None:
            raise NotFound("grant_not_found", "grantId")
        track(self.session, grant)
        return grant

    def account_for(self, grant: PersonalGrant) -> PersonalGrant:
        track(self.session, grant)
        return grant

    def of_person(self, person_id: UUID, day: date) -> Sequence[PersonalGrant]:
        """A person's grants that last on `day` or begin later; to be read until accounted for."""
        grants = personal_grants.c
        mine = select(PersonalGrant).where(grants.person_id == person_id, _lasting(day))
        return self.session.scalars(mine.order_by(grants.valid_from, grants.id)).all()

    def granted_for(self, agency_ids: Iterable[UUID], day: date) -> Sequence[PersonalGrant]:
        """The grants for the agencies that last on `day` or begin later."""
        grants = personal_grants.c
        theirs = select(PersonalGrant).where(grants.agency_id.in_(list(agency_ids)), _lasting(day))
        return self.session.scalars(theirs.order_by(grants.person_id, grants.valid_from, grants.id)).all()


def in_force(session: Session, person_id: UUID, day: date) -> Sequence[PersonalGrant]:
    """What the person has in person on `day`; to be read."""
    grants = personal_grants.c
    mine = select(PersonalGrant).where(
        grants.person_id == person_id, lasts(grants.valid_from, grants.valid_to, day)
    )
    return session.scalars(mine).all()


@query(c.ListGrants)
def list_grants(call: Call, question: c.ListGrants) -> c.RoleGrantPage:
    """By first day. Others' grants see those who may grant roles for that agency."""
    grants = personal_grants.c
    mine = grants.person_id == (call.actor.person_id or NOBODY)
    wanted = select(personal_grants).where(_lasting(question.as_of or call.today()))
    if question.person_id is not None:
        wanted = wanted.where(grants.person_id == question.person_id)
    if question.agency_id is not None:
        wanted = wanted.where(grants.agency_id == question.agency_id)
    if question.person_id is None and question.agency_id is None:
        wanted = wanted.where(mine)
    elif question.person_id != call.actor.person_id:
        wanted = within(wanted, grants.agency_id, call.reach_of("grants_of_others"))
    order: Order = [(grants.valid_from, "asc"), (grants.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.RoleGrantPage(items=[view(row) for row in rows], has_next=has_next, cursors=cursors)


def view(row: Any) -> c.RoleGrantView:
    """A grant as others see it, from its row or the aggregate."""
    return c.RoleGrantView(**{each.name: getattr(row, each.name) for each in fields(c.RoleGrantView)})


def _lasting(day: date) -> Any:
    """On `day` or later; what was undone never lasted."""
    grants = personal_grants.c
    return or_(grants.valid_to.is_(None), and_(grants.valid_to > day, grants.valid_to > grants.valid_from))
