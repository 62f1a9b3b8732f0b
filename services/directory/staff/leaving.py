"""Leaving without a hand-over: published once for the leader of the unit, with whose holding it was."""

from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from contracts.directory.events import PositionLeft
from kernel.work.call import Call
from services.directory import rules
from services.directory.staff.tables import leavings, people, positions

AT_ONCE = 100

# Not one that went on: by an act that reorganised its agency, in another holding there, or by handing over.
_LEFT = text(
    """
  select p.id
    from positions p
   where p.held_to <= :today and p.held_to > :since and p.held_to > p.held_from
     and not exists (select from leavings l where l.position_id = p.id)
     and not exists (select from hand_overs h where h.giver_position_id = p.id
                       and (h.state = 'done' or (h.state = 'drawn_up' and h.drawn_up_at > :lately)))
     and not exists (select from positions o where o.person_id = p.person_id and o.agency_id = p.agency_id
                       and o.id <> p.id and o.held_from <= p.held_to
                       and (o.held_to is null or o.held_to > p.held_to))
     and not exists (select from reorganisations r
                       join reorganisation_agencies a on a.reorganisation_id = r.id
                      where a.agency_id = p.agency_id and r.state = 'applied' and r.effective_on = p.held_to)
   order by p.held_to, p.id
   limit :at_once
"""
)


def publish_leavings(call: Call) -> int:
    """Publish holdings that ended some days ago and were not handed over; how many."""
    rule = rules.leaving()
    until = call.today() - timedelta(days=rule.days_to_hand_over)
    lately = call.now() - timedelta(days=rule.days_to_hand_over)
    span = {
        "lately": lately,
        "today": until,
        "since": until - timedelta(days=rule.looks_back_days),
        "at_once": AT_ONCE,
    }
    ids = list(call.session.scalars(_LEFT, span))
    if not ids:
        return 0
    wanted = (
        select(positions, people.c.full_name)
        .join(people, people.c.id == positions.c.person_id)
        .where(positions.c.id.in_(ids))
    )
    for row in call.session.execute(wanted).mappings().all():
        call.session.execute(insert(leavings).values(position_id=row["id"], told_at=call.now()))
        facts = {name: row[name] for name in ("person_id", "agency_id", "title", "full_name")}
        # The holding's own versions are published as its changes; this fact is another one's first and only.
        call.publish(
            _leaving_id(row["id"]), 1, PositionLeft(position_id=row["id"], left_on=row["held_to"], **facts)
        )
        call.leave_trail(
            subject_type="Position",
            subject_id=row["id"],
            agency_id=row["agency_id"],
            after={"left_on": row["held_to"], "handed_over": False},
        )
    return len(ids)


def _leaving_id(position_id: UUID) -> UUID:
    """The leaving as a thing of its own."""
    return uuid5(position_id, "left")
