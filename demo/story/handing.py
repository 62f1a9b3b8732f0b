"""Act 12: the secretary of the new commune hands over; the successor finds all of it among their duties."""

from collections.abc import Awaitable, Callable
from datetime import date
from hashlib import sha256
from typing import Any

import httpx

from client.gateway import Failed, Gateway, Refused, there
from client.generated.accounts import AppointPosition
from client.generated.hand_overs import DutiesItems as Duty
from client.generated.hand_overs import HandOverMinuteMinute as Minute
from client.generated.hand_overs import HandOverNow
from contracts.directory.roles import Role
from demo.story import founding, merging, minute
from demo.story.cast import Stage, until
from demo.story.founding import Newcomer
from demo.story.reporting import Different, chapter, expect, report
from deploy.speech import said

Signing = Callable[..., Awaitable[HandOverNow]]
DAY, ACTION_DUE = date(2026, 11, 17), date(2026, 11, 20)
OLD = merging.OLD[0]
NUMBER = "0002/2026"
SUCCESSOR = Newcomer("Đoàn Thị Thu Sương", "kenhiem.99001", "Chuyên viên", (Role.READER,), DAY)
# What is urgent comes first; a draft has no due time and comes last.
HELD = [("ACTION", "audits"), ("STEP", "cases"), ("DRAFT", "documents")]


async def handing_over(stage: Stage) -> None:
    """12. Drawn up, taken over, confirmed; everything passes in one act, and the minute says what."""
    chapter("story_12")
    stage.clock_to(DAY)
    admin = await Gateway(stage.http).enter("quantri", stage.platform.passwords["bootstrap_admin"])
    secretary, head = [await founding.caller(stage, OLD, key) for key in ("secretary", "head")]
    await _takes_on(secretary)
    held = await _own(secretary)
    expect("story_holds", [each["kind"] for each in held], [kind for kind, _ in HELD])
    for each in held:
        _report_duty(each)
    agency_id = secretary.me["agency"]["id"]
    position = await founding.appoint(stage, admin, agency_id, SUCCESSOR)
    successor = await founding.enter(stage, SUCCESSOR.username)
    expect("story_newcomer", await _own(successor), [], name=SUCCESSOR.name)
    act = await _signed(secretary, successor, head, position)
    await _all_theirs(stage, successor, held)
    await _minute(stage, successor, act, held)


async def _takes_on(secretary: Gateway) -> None:
    """A procedure to be written anew for the new commune, a dossier at its first step, an action to take."""
    agency_id = secretary.me["agency"]["id"]
    seen = await secretary.work_in_hand()
    documents = [edge["node"] for edge in there(seen["documents"])["edges"]]
    document = next(each for each in documents if there(each["numberedIn"])["code"] == OLD)
    file = merging.a_file(merging.a_procedure(merging.NEW), 2, DAY)
    about: dict[str, Any] = {"document_id": document["id"], "expected_version": document["version"]}
    note, upload = "Viết lại cho phường mới", await secretary.upload(agency_id, file)
    await secretary.start_revision(**about, upload_id=upload, change_note=note)
    received = {"agency_id": agency_id, "number": NUMBER, "document_id": document["id"]}
    await secretary.register_dossier(**received)
    raised: Any
    [raised] = [edge["node"] for edge in there(seen["nonconformities"])["edges"]]
    for command, given in (
        (Gateway.record_correction, {"correction": "Đã ghi bổ sung ngày trả."}),
        (Gateway.record_cause, {"cause": "Mẫu sổ thiếu cột ngày trả."}),
        (
            Gateway.plan_action,
            {
                "description": "Sửa mẫu sổ theo dõi hồ sơ.",
                "owner_id": secretary.me["person"]["id"],
                "due_on": ACTION_DUE,
            },
        ),
    ):
        about = {"nonconformity_id": raised["id"], "expected_version": raised["version"]}
        raised = await command(secretary, **about, **given)


async def _signed(
    secretary: Gateway, successor: Gateway, head: Gateway, position: AppointPosition
) -> HandOverNow:
    """Three people sign; before the third has, nothing passes."""
    given = {"giver_position_id": secretary.me["position"]["id"], "receiver_position_id": position["id"]}
    act = await secretary.draw_up_hand_over(**given, note="Chìa khóa tủ hồ sơ số 3.")
    report("story_drawn_up", number=act["number"])
    act = await _sign(successor, Gateway.accept_hand_over, act)
    expect("story_accepted", (act["state"], await _own(successor)), ("DRAWN_UP", []))
    act = await _sign(head, Gateway.confirm_hand_over, act)
    parts = [each["part"] for each in act["signatures"]]
    expect("story_confirmed", (act["state"], parts), ("DONE", ["GIVER", "RECEIVER", "LEADER"]))
    return act


async def _sign(caller: Gateway, command: Signing, act: HandOverNow) -> HandOverNow:
    return await command(caller, hand_over_id=act["id"], expected_version=act["version"])


async def _all_theirs(stage: Stage, successor: Gateway, held: list[Duty]) -> None:
    """The same things in the same order with the same due times; who gave them is out."""

    async def passed() -> list[Duty] | None:
        own = await _own(successor)
        return own if len(own) == len(held) else None

    own = await until(passed, "duties")
    expect("story_all_theirs", own, held, name=SUCCESSOR.name, number=len(own))
    try:
        await founding.caller(stage, OLD, "secretary")
    except Refused as no:
        expect("story_signed_out", no.problem["code"], "no_current_position")
    else:
        raise Different(said("story_not_refused", command="signIn", answer="Session"))


async def _minute(stage: Stage, successor: Gateway, act: HandOverNow, held: list[Duty]) -> None:
    """What the services reported, and the file itself: the bytes that were hashed, and who is in them."""

    async def written() -> Minute | None:
        try:
            found = (await successor.hand_over_minute(id=act["id"]))["minute"]
        except Failed:
            return None
        return found if found and found["sha256"] and found["download"] else None

    found = await until(written, "minute")
    passed = [(t["kind"], t["code"], r["service"]) for r in found["reports"] for t in r["things"]]
    wanted = [(each["kind"], each["code"], dict(HELD)[each["kind"]]) for each in held]
    expect("story_passed", sorted(passed), sorted(wanted), number=len(passed))
    async with httpx.AsyncClient() as http:
        pdf = (await http.get(found["download"]["url"])).content
    digest = sha256(pdf).hexdigest()
    hashes = (found["sha256"], found["download"]["sha256"])
    expect("story_minute", hashes, (digest, digest), number=act["number"], size=len(pdf), hash=digest[:12])
    page = minute.text_of(pdf)
    names = [there(each["person"])["fullName"] for each in act["signatures"]]
    missing = [name for name in (*names, *(each["code"] for each in held)) if name not in page]
    expect("story_minute_names", missing, [], giver=names[0], receiver=names[1], leader=names[2])


async def _own(caller: Gateway) -> list[Duty]:
    """What is theirs by name, in the order of the page."""
    page = await caller.duties()
    if page["notAnswering"]:
        raise Different(said("story_never_came", what=page["notAnswering"], seconds=0))
    return [each for each in page["items"] if each["isOwn"]]


def _report_duty(duty: Duty) -> None:
    facts = {
        "what": said(f"duty_{duty['kind'].lower()}"),
        "code": duty["code"],
        "title": duty["title"].rstrip("."),
    }
    if duty["minutesLeft"] is None:
        report("story_duty_open", **facts)
    else:
        report("story_duty", **facts, hours=duty["minutesLeft"] / 60)
