"""The demonstration's quality management systems: one of each agency that has a head and an ISO secretary.

TT 26/2014/TT-BKHCN, Điều 6: each department has its own, and the province's committee and office share one.
The decisions they speak of are invented.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from client.gateway import Gateway
from client.generated.systems import SystemNow
from demo.province import province, staff
from demo.province.staff import Member

Step = Callable[..., Awaitable[SystemNow]]
SCOPE = "Toàn bộ thủ tục hành chính thuộc thẩm quyền giải quyết của {agency}"
STANDARD = "tcvn-iso-9001:2015"
OFFICE = "province_office"
SEATS = {"head": "HEAD", "deputy": "DEPUTY", "secretary": "SECRETARY"}
MEMBERS = ("division", "officer")


@dataclass(frozen=True, kw_only=True)
class System:
    """What is entered for one agency."""

    agency_code: str
    name: str
    scope: str
    covers: list[str]
    seats: list[tuple[str, str]]
    """Seat and the username of who sits there."""

    @property
    def code(self) -> str:
        return f"HTQLCL-{self.agency_code.rpartition('.')[2]}"


def systems(codes: Mapping[str, str]) -> Iterator[System]:
    """The systems of the agencies that are loaded (code → id), each with its people in the committee."""
    root = province.province().code
    for agency in province.agencies():
        seats = _seats([each for each in staff.members() if each.agency_code == agency.code])
        if agency.code in codes and {seat for seat, _ in seats} >= {"HEAD", "SECRETARY"}:
            yield System(
                agency_code=agency.code,
                name=f"Hệ thống quản lý chất lượng của {agency.name}",
                scope=SCOPE.format(agency=agency.name),
                covers=[agency.code, *([root] if agency.kind == OFFICE else [])],
                seats=seats,
            )


def _seats(members: list[Member]) -> list[tuple[str, str]]:
    seated = [(SEATS[each.key], each.username) for each in members if each.key in SEATS]
    once = {seat: (seat, who) for seat, who in reversed(seated) if seat != "DEPUTY"}
    others = [pair for pair in seated if pair[0] == "DEPUTY"]
    return [*once.values(), *others, *(("MEMBER", each.username) for each in members if each.key in MEMBERS)]


def steps(
    system: System, agencies: Mapping[str, str], positions: Mapping[str, str]
) -> Iterator[tuple[Step, dict[str, Any]]]:
    """The commands in their order, each with what it says beside the system and its version."""
    since = province.province().valid_from
    seats = [{"kind": kind, "position_id": positions[who]} for kind, who in system.seats]
    number = system.agency_code.rpartition(".")[2]
    yield (
        Gateway.create_system,
        {
            "agency_id": agencies[system.agency_code],
            "code": system.code,
            "name": system.name,
            "scope": system.scope,
            "standards": [STANDARD],
            "covers": [agencies[code] for code in system.covers],
            "valid_from": since,
        },
    )
    yield Gateway.appoint_committee, {"decision": f"{number}/QĐ-BCĐ", "since": since, "seats": seats}
    yield Gateway.apply_system, {}
    declared: date = since + timedelta(days=60)
    yield Gateway.declare_system, {"decision": f"{number}/QĐ-CB", "declared_on": declared}
