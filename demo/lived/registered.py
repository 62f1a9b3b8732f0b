"""Dossiers received here in the last days, where a visitor may sign in: each stands at another place."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from client.caller import camel
from client.gateway import Gateway
from client.generated.dossiers import DossierNow
from demo.lived import plan
from demo.lived.hands import People
from demo.lived.papers import documents_of, once
from demo.lived.plan import AgencyPlan
from demo.province import load, staff
from worktime.arithmetic import add, next_working

WITHOUT_COUNTER = "H42"
Step = Callable[..., Awaitable[DossierNow]]
ON = ("hand_over", "acknowledge")
# What has been done to each: handed over and waiting, taken over, paused, far on, just received, finished.
WAYS = (("hand_over",), ON, (*ON, "pause"), (*ON, *ON), (), ("finish",))
LACKING = {"reason": "supplement", "note": "Thiếu bản sao giấy tờ chứng minh; đã gửi phiếu yêu cầu bổ sung."}


def is_one(planned: AgencyPlan) -> bool:
    """Whether this agency has people at a counter whom a visitor may be."""
    return planned.agency.code in load.WITH_ACCOUNTS and planned.agency.code != WITHOUT_COUNTER


async def receive(people: People, planned: AgencyPlan, began: date) -> None:
    """One dossier for each way."""
    code = planned.agency.code
    counter = await people.caller(code, "counter")
    officer = counter if planned.agency.kind == "commune" else await people.caller(code, "officer")
    documents = await documents_of(counter, people.agencies[code])
    draw = Random(f"eISO mới nhận {code}")
    longest = sorted(planned.procedures, key=lambda each: -each.days)
    for place, way in enumerate(WAYS):
        template = draw.choice(longest[:2])
        received = _lately(draw, began, place)
        it = await counter.register_dossier(
            request_id=once("received", code, str(place)),
            agency_id=people.agencies[code],
            number=f"{code}-{received:%y%m%d}-9{place + 1:03}",
            document_id=documents[template.code],
            received_at=received,
            applicant_name=staff.a_name(draw),
        )
        through = ON * (len(template.hours) - 1) if way == ("finish",) else ()
        await _go(counter, officer, it, (*through, *way), f"{code}:{place}")


async def _go(counter: Gateway, officer: Gateway, it: DossierNow, way: tuple[str, ...], name: str) -> None:
    caller = counter
    for place, step in enumerate(way):
        if step == "acknowledge":
            caller = officer
        command, more = _COMMANDS[step]
        about: dict[str, Any] = {"dossier_id": it["id"], "expected_version": it["version"]}
        if step in ("hand_over", "acknowledge"):
            about["step"] = it["stepSeq"]
        request_id = once(camel(command.__name__), name, str(place))
        it = await command(caller, request_id=request_id, **about, **more)


_COMMANDS: dict[str, tuple[Step, dict[str, Any]]] = {
    "hand_over": (Gateway.hand_over, {}),
    "acknowledge": (Gateway.acknowledge_hand_over, {}),
    "pause": (Gateway.pause_dossier, LACKING),
    "finish": (Gateway.finish_dossier, {"note": "Đã trả kết quả cho người nộp."}),
}


def _lately(draw: Random, began: date, place: int) -> datetime:
    """A working morning of the week before."""
    calendar, edge = plan.calendar(began.year), plan.edge(began)
    opened = next_working(calendar, edge - timedelta(days=7 - place))
    found = add(calendar, opened, timedelta(minutes=draw.randint(10, 200)))
    return min(found, edge).astimezone(calendar.zone)
