"""Invented staff: every name is drawn from lists of common names by a fixed seed, nobody is real.

Each agency draws from its own seed, so that an agency more or less changes no one elsewhere.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

from contracts.directory.roles import Role
from demo.province import province
from demo.province.province import Agency
from kernel.base.text import fold

NAMES = Path(__file__).parent / "names.toml"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A position that every agency of a kind has."""

    title: str
    key: str
    roles: tuple[Role, ...]
    of_province: tuple[Role, ...] = ()
    """Roles held for the whole province, not for the own agency alone."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One invented member of staff in one position."""

    agency_code: str
    key: str
    title: str
    roles: tuple[Role, ...]
    of_province: tuple[Role, ...]
    full_name: str
    username: str
    email: str


HEAD = (Role.UNIT_LEADER, Role.ISO_HEAD, Role.APPROVER)
DEPUTY = (Role.DRAFTER, Role.REVIEWER, Role.APPROVER)
SECRETARY = (Role.ISO_SECRETARY, Role.DRAFTER)


def _six(head: str, deputy: str, unit: str) -> tuple[Post, ...]:
    return (
        Post(title=head, key="head", roles=HEAD),
        Post(title=deputy, key="deputy", roles=DEPUTY),
        Post(title="Thư ký ISO", key="secretary", roles=SECRETARY),
        Post(title=f"Trưởng {unit}", key="division", roles=DIVISION),
        Post(title=f"Chuyên viên {unit}", key="officer", roles=OFFICER),
        Post(title="Chuyên viên Bộ phận Tiếp nhận và Trả kết quả", key="counter", roles=(Role.RECEPTIONIST,)),
    )


# Every agency has auditors of its own; those who audit agencies anywhere are appointed by the province.
DIVISION = (Role.DRAFTER, Role.REVIEWER, Role.CASE_OFFICER, Role.INTERNAL_AUDITOR)
OFFICER = (Role.DRAFTER, Role.READER, Role.CASE_OFFICER)
DEPARTMENT = _six("Giám đốc", "Phó Giám đốc", "phòng Nghiệp vụ")
# Sở Khoa học và Công nghệ keeps the standard for the province: it audits the others, and keeps the programme.
AUDITORS = (
    Post(
        title="Trưởng phòng Tiêu chuẩn Đo lường Chất lượng",
        key="lead",
        roles=(Role.ISO_SECRETARY,),
        of_province=(Role.LEAD_AUDITOR, Role.INTERNAL_AUDITOR),
    ),
    Post(
        title="Chuyên viên phòng Tiêu chuẩn Đo lường Chất lượng",
        key="auditor",
        roles=(Role.READER,),
        of_province=(Role.INTERNAL_AUDITOR,),
    ),
)
# Where an agency's posts are called otherwise than in a department.
BY_AGENCY = {
    "H42": (
        Post(title="Chủ tịch UBND tỉnh", key="head", roles=HEAD, of_province=(Role.READER,)),
        Post(title="Phó Chủ tịch UBND tỉnh", key="deputy", roles=DEPUTY, of_province=(Role.READER,)),
        Post(title="Thư ký ISO", key="secretary", roles=SECRETARY, of_province=(Role.READER,)),
    ),
    "H42.001": _six("Chánh Văn phòng", "Phó Chánh Văn phòng", "phòng Hành chính – Quản trị"),
    "H42.008": (*DEPARTMENT, *AUDITORS),
    "H42.014": _six("Chánh Thanh tra", "Phó Chánh Thanh tra", "phòng Nghiệp vụ"),
    "H42.015": _six("Trưởng ban", "Phó Trưởng ban", "phòng Nghiệp vụ"),
}
COMMUNE = (
    Post(title="Chủ tịch UBND {unit}", key="head", roles=HEAD),
    Post(title="Thư ký ISO", key="secretary", roles=(*SECRETARY, Role.REVIEWER)),
    Post(
        title="Công chức Trung tâm Phục vụ hành chính công",
        key="counter",
        roles=(Role.RECEPTIONIST, Role.CASE_OFFICER, Role.DRAFTER),
    ),
)


def members() -> list[Member]:
    """All staff, the province's leaders first; the same at every call and on every machine."""
    taken: set[str] = set()
    return [
        member
        for agency in (province.province(), *province.agencies())
        for member in _staff_of(agency, taken)
    ]


def _posts(agency: Agency) -> tuple[Post, ...]:
    if agency.kind == "commune":
        return COMMUNE
    return BY_AGENCY.get(agency.code, DEPARTMENT)


def _staff_of(agency: Agency, taken: set[str]) -> Iterator[Member]:
    draw = Random(f"eISO {agency.code}")
    for post in _posts(agency):
        name = a_name(draw)
        username = _username(name, taken)
        yield Member(
            agency_code=agency.code,
            key=post.key,
            title=post.title.format(unit=agency.unit),
            roles=post.roles,
            of_province=post.of_province,
            full_name=name,
            username=username,
            email=f"{username}@{province.email_domain()}",
        )


@cache
def _names() -> dict[str, Any]:
    return tomllib.loads(normalize("NFC", NAMES.read_text("utf-8")))


def a_name(draw: Random) -> str:
    """A full name that anybody may have."""
    names = _names()
    kind = names[draw.choice(("women", "men"))]
    return f"{draw.choice(names['families'])} {draw.choice(kind['middle'])} {draw.choice(kind['given'])}"


def _username(full_name: str, taken: set[str]) -> str:
    """Given name and initials, as offices do it: Nguyễn Thị Thu Hà is `hantt`, the next `hantt2`."""
    *others, given = fold(full_name).split()
    plain = given + "".join(part[0] for part in others)
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}{number}"
    taken.add(name)
    return name
