"""What every command asks before it acts: is it known, may it be done, and is it still as it was seen?"""

from typing import TypeVar
from uuid import UUID

from kernel.base.aggregate import Aggregate
from kernel.work.call import Call
from org.acting import expect_open
from services.audits.register.repository import Register

A = TypeVar("A", bound=Aggregate)


def loaded(call: Call, kind: type[A], id: UUID, expected_version: int, *, code: str, field: str) -> A:
    """The aggregate, when the caller may do this in its agency and knows its latest version."""
    found = Register(call).get(kind, id, code, field)
    agency_id = found.trail_agency
    assert agency_id is not None
    expect_open(call, agency_id=agency_id, is_as_seen=found.version == expected_version)
    return found
