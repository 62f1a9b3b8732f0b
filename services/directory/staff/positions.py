"""Answers about positions, straight from the tables."""

from typing import Any

from sqlalchemy import Select, select

from contracts.directory import staff as c
from kernel.data.paging import Order, page
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import query
from org.reach import within
from services.directory.staff.tables import positions
from services.directory.staff.views import position_views


@query(c.PositionsByIds)
def positions_by_ids(call: Call, question: c.PositionsByIds) -> list[c.PositionView]:
    """The positions among these that the caller may know of."""
    wanted = _known_to(call, select(positions).where(positions.c.id.in_(question.ids)))
    return position_views(call.session, call.session.execute(wanted).all())


@query(c.ListPositions)
def list_positions(call: Call, question: c.ListPositions) -> c.PositionPage:
    """Who held what in the agency that day, by title."""
    day = question.as_of or call.today()
    held = positions.c
    there = (held.agency_id == question.agency_id, lasts(held.held_from, held.held_to, day))
    wanted = _known_to(call, select(positions).where(*there))
    order: Order = [(held.title_folded, "asc"), (held.id, "asc")]
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    items = position_views(call.session, rows)
    return c.PositionPage(items=items, has_next=has_next, cursors=cursors)


def _known_to(call: Call, wanted: Select[Any]) -> Select[Any]:
    """A portal's program knows the posts of its agencies; members of staff know who holds which anywhere."""
    return within(wanted, positions.c.agency_id, call.reach()) if call.actor.is_client else wanted
