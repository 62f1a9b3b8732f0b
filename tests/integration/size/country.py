"""34 provinces below one root, their 3,321 communes, and the people who work there.

Names are those of `deploy/units`; people are invented. EISO_PROOF=1 makes them 20,000.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from contracts.directory.roles import Role
from deploy import units
from kernel.base.text import fold
from org.tables import agency_closure, agency_nodes, agency_places, agency_successions
from services.directory.agencies import tables as agencies_tables
from services.directory.staff import tables
from tests.integration.plans import PROOF

PEOPLE = 20_000 if PROOF else 2_000
BUSY = 250
"""Agencies that keep documents and dossiers: the first communes, all of one province among them."""
DAY = date(2025, 7, 1)
RENAMED = date(2026, 7, 1)
ROOT = UUID(int=99_999)
PROVINCE = "79"
OFFICER_OF = UUID(int=7)

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Đinh", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ")
MIDDLES = ("Thị", "Văn", "Hữu", "Minh", "Thu")
GIVEN = ("An", "Bình", "Cường", "Dung", "Hạnh", "Kiên", "Lan", "Mạnh", "Ngọc", "Phượng", "Quý", "Sơn", "Yến")
TITLES = ("Chủ tịch UBND", "Công chức tư pháp - hộ tịch", "Chuyên viên", "Văn phòng - thống kê", "Văn thư")
ROLES = (Role.UNIT_LEADER, Role.CASE_OFFICER, Role.DRAFTER, Role.RECEPTIONIST, Role.READER)


def province(code: str) -> UUID:
    return UUID(int=10_000 + int(code))


@cache
def communes() -> tuple[tuple[UUID, units.Unit], ...]:
    """Every commune with its id; those of one province come first."""
    codes = sorted(
        (each.province for each in units.provinces(DAY)), key=lambda code: (code != PROVINCE, code)
    )
    every = (each for code in codes for each in units.communes(code, DAY))
    return tuple((UUID(int=n), each) for n, each in enumerate(every, 1))


def _agencies(root: UUID) -> Iterator[dict[str, Any]]:
    yield _agency(root, None, "VN", "Chính phủ", "government")
    for each in units.provinces(DAY):
        name = f"Ủy ban nhân dân {each.unit} {each.name}"
        yield _agency(province(each.province), root, f"H{each.province}", name, "province")
    for agency_id, each in communes():
        name = f"Ủy ban nhân dân {each.unit} {each.name}"
        yield _agency(agency_id, province(each.province), f"H{each.province}.{each.code}", name, "commune")


def _agency(agency_id: UUID, parent: UUID | None, code: str, name: str, kind: str) -> dict[str, Any]:
    given = {"agency_id": agency_id, "parent_id": parent, "code": code, "name": name, "kind": kind}
    return given | {"short_name": name.replace("Ủy ban nhân dân", "UBND")}


def found_tree(session: Session, root: UUID) -> None:
    """The tree as each service keeps it, and what each commune took over."""
    every = list(_agencies(root))
    dated = {"valid_from": DAY, "valid_to": None}
    nodes = [{("id" if k == "agency_id" else k): v for k, v in each.items()} for each in every]
    _enter(session, agency_nodes, [each | dated | {"version": 1} for each in nodes])
    _enter(session, agency_places, [each | dated for each in every])
    above = {each["agency_id"]: each["parent_id"] for each in every}
    chains = [(up, each) for each in above for up in (each, above[each], above.get(above[each])) if up]
    pairs = [{"ancestor_id": up, "descendant_id": down} | dated for up, down in chains]
    _enter(session, agency_closure, pairs)
    _enter(session, agency_successions, [_taken_over(n, k) for n in range(1, 3322) for k in range(3)])


def _taken_over(successor: int, k: int) -> dict[str, Any]:
    """10,000 communes of old became those of today, three by three."""
    return {
        "predecessor_id": UUID(int=100_000 + successor * 3 + k),
        "successor_id": UUID(int=successor),
        "began_on": DAY,
        "kind": "consolidation",
        "goes_on": False,
        "reorganisation_id": UUID(int=1),
    }


def found_directory(session: Session, root: UUID) -> None:
    """The same agencies with their histories, and everybody who works in them."""
    found_tree(session, root)
    every = list(_agencies(root))
    heads = [{"id": each["agency_id"], "version": 2, "changed_on": RENAMED} for each in every]
    _enter(session, agencies_tables.agencies, heads)
    _enter(session, agencies_tables.agency_periods, [state for each in every for state in _states(each)])
    staff = list(_staff([each["agency_id"] for each in every]))
    for at, table in enumerate((tables.people, tables.positions, tables.position_roles)):
        _enter(session, table, [rows[at] for rows in staff])


def _states(agency: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each had an address only from a day on."""
    name = agency["name"]
    facts = {"aliases": [], "name_folded": fold(name)}
    facts["search_folded"] = fold(f"{name} {agency['short_name']} {agency['code']}")
    yield agency | facts | {"valid_from": DAY, "valid_to": RENAMED, "address": None}
    yield agency | facts | {"valid_from": RENAMED, "valid_to": None, "address": "Số 1, đường Trần Phú"}


def _staff(agency_ids: list[UUID]) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for n in range(PEOPLE):
        person, position = UUID(int=200_000 + n), UUID(int=300_000 + n)
        agency_id, place = agency_ids[n % len(agency_ids)], n // len(agency_ids) % 5
        name = f"{SURNAMES[n % 10]} {MIDDLES[n // 10 % 5]} {GIVEN[n // 50 % 13]}"
        said = {"name_folded": fold(name), "search_folded": fold(f"{name} CB{n:05}")}
        yield (
            {"id": person, "version": 1, "full_name": name, "staff_number": f"CB{n:05}", **said},
            {
                "id": position,
                "version": 1,
                "agency_id": agency_id,
                "person_id": person,
                "title": TITLES[place],
                "title_folded": fold(TITLES[place]),
                "held_from": DAY,
            },
            {
                "position_id": position,
                "role": ROLES[place],
                "agency_id": agency_id,
                "valid_from": DAY,
                "with_subtree": False,
            },
        )


def _enter(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    session.execute(table.insert(), rows)
