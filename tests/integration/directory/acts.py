"""Acts that change agencies, ready to be sent; say only what the test is about."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from contracts.directory import agencies
from contracts.directory import reorganisations as r
from contracts.directory import staff as c

BASIS = r.LegalBasis(
    number="1674/NQ-UBTVQH15",
    issued_on=date(2025, 6, 16),
    issued_by="Ủy ban Thường vụ Quốc hội",
    subject="Sắp xếp các đơn vị hành chính cấp xã",
)


def an_act(effective_on: date, **parts: Any) -> r.Reorganise:
    return r.Reorganise(**{"request_id": uuid4(), "effective_on": effective_on, "basis": BASIS} | parts)


def a_preview(act: r.Reorganise) -> r.ReorganisationPreview:
    asked = {name: value for name, value in vars(act).items() if name != "request_id"}
    return r.ReorganisationPreview(**asked)


def a_commune(number: int, parent_id: UUID, **changes: Any) -> r.NewAgency:
    given = {
        "id": uuid4(),
        "code": f"H42.9{number:04}",
        "name": f"Ủy ban nhân dân xã Mới {number}",
        "short_name": f"UBND xã Mới {number}",
        "kind": "commune",
        "parent_id": parent_id,
    }
    return r.NewAgency(**given | changes)


def as_of(directory, agency_id, day):
    return next(
        iter(directory.ok("agencies_by_ids", agencies.AgenciesByIds(ids=[agency_id], as_of=day))), None
    )


def held(directory, agency_id, day):
    page = directory.ok("list_positions", c.ListPositions(agency_id=agency_id, as_of=day))
    return page["items"]
