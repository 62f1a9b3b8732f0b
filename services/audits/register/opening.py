"""What every command asks before it acts: is it known, may it be done, and is it still as it was seen?"""

from typing import TypeVar
from uuid import UUID

from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict
from kernel.work.call import Call
from services.audits.nonconformities.domain import Hand
from services.audits.register.repository import Register

A = TypeVar("A", bound=Aggregate)


def loaded(call: Call, kind: type[A], id: UUID, expected_version: int, *, code: str, field: str) -> A:
    """The aggregate, when the caller may do this in its agency and knows its latest version."""
    found = Register(call).get(kind, id, code, field)
    agency_id = found.trail_agency
    assert agency_id is not None
    if call.policy.needs_agency(call.action):
        call.require(agency_id=agency_id)
    if found.version != expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    return found


def hand(call: Call) -> Hand:
    """Whoever acts, now."""
    return Hand(person_id=call.actor.person_id, at=call.now(), on_behalf_of=call.actor.on_behalf_of)
