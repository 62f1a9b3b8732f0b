"""Answers about the caller: who they are, as what, and what time it is."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.directory import access
from kernel.base import clock
from kernel.base.errors import Forbidden, NotFound
from kernel.work.call import Call
from kernel.work.operations import query
from services.directory.access.capacity import show
from services.directory.access.tables import accounts
from services.directory.agencies.queries import agencies_on, as_agency
from services.directory.agencies.tables import agency_periods
from services.directory.staff.tables import positions
from services.directory.staff.views import oneself, position_views


@query(access.Me)
def me(call: Call, question: access.Me) -> access.MeView:
    """The caller as the token names them."""
    position_id = call.actor.position_id
    if position_id is None:
        raise Forbidden("not_signed_in")
    return show(call.session, me_view(call.session, position_id, call.today()), call.actor)


@query(access.Clock)
def answer_time(call: Call, question: access.Clock) -> access.ClockView:
    return access.ClockView(
        real_now=call.real_now(),
        business_now=call.now(),
        business_today=call.today(),
        is_shifted=clock.is_shifted(),
    )


def me_view(session: Session, position_id: UUID, today: date) -> access.MeView:
    """The person, position and agency behind a position id."""
    rows = session.execute(select(positions).where(positions.c.id == position_id)).all()
    if not rows:
        raise NotFound("position_not_found", "positionId")
    [position] = position_views(session, rows)
    agency = session.execute(
        agencies_on(today).where(agency_periods.c.agency_id == position.agency_id)
    ).first()
    if agency is None:
        raise Forbidden("no_current_position")
    must_change = select(accounts.c.must_change_password).where(accounts.c.person_id == position.person_id)
    return access.MeView(
        person=oneself(session, position.person_id),
        position=position,
        agency=as_agency(agency),
        business_today=today,
        must_change_password=bool(session.scalar(must_change)),
    )
