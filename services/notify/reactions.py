"""Reacts to others' events: finds out whom the rules mean and tells them."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from contracts.base import Event
from kernel.call import Reaction
from kernel.data.tables import agency_nodes
from kernel.trust import continuity
from services.notify.audience import people_meant
from services.notify.domain.rule import NOTHING, Channel, Rule, audience, facts, words
from services.notify.posting import Posting, post
from services.notify.tables import people
from services.notify.tools import Tools


def tell(call: Reaction, event: Event) -> None:
    """Tell everybody whom today's rules mean, each at most once for one event."""
    tools: Tools = call.tools
    told: list[UUID] = []
    for rule in (each for each in tools.rules.of(event.topic, call.today()) if each.fits(event)):
        whom = audience(rule, event)
        whom = whom.going_to(continuity.going_on(call.session, whom.agencies))
        meant = people_meant(call.session, whom, call.today(), told)
        posting = _posting(call, rule, event)
        if len(meant) > tools.rules.letters_at_most:
            posting = replace(posting, channels=tuple(c for c in posting.channels if c is not Channel.EMAIL))
        post(call, posting, meant)
        told += meant
        _leave_trail(call, rule, posting, event, len(meant))


def _posting(call: Reaction, rule: Rule, event: Event) -> Posting:
    known = facts(
        event,
        who=_name_of(call, getattr(event, rule.who)) if rule.who else NOTHING,
        agency=_agency_name(call, getattr(event, rule.agency)),
    )
    return Posting(
        kind=rule.kind,
        subject=words(rule.kind, "subject", known),
        body=words(rule.kind, "body", known),
        about_id=getattr(event, rule.about),
        about_type=rule.about_type,
        channels=rule.channels,
        addresses=tuple(dict.fromkeys(filter(None, (getattr(event, name) for name in rule.addresses)))),
    )


def _name_of(call: Reaction, person_id: UUID) -> str:
    """A name not heard of yet does not hold the notice up."""
    name = call.session.scalar(select(people.c.full_name).where(people.c.id == person_id))
    return name or NOTHING


def _agency_name(call: Reaction, agency_id: UUID) -> str:
    name = call.session.scalar(select(agency_nodes.c.name).where(agency_nodes.c.id == agency_id))
    return name or NOTHING


def _leave_trail(call: Reaction, rule: Rule, posting: Posting, event: Event, told: int) -> None:
    if told:
        call.leave_trail(
            subject_type="Notice",
            subject_id=getattr(event, rule.about),
            agency_id=getattr(event, rule.agency),
            after={"kind": rule.kind, "told": told, "channels": list(posting.channels)},
        )
