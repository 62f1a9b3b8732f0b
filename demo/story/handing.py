"""Act 12: the secretary of the new commune hands over; the successor finds all of it among their duties."""

from datetime import date
from hashlib import sha256
from typing import Any

import httpx

from contracts.directory.roles import Role
from demo.province.client import Gateway, Refused
from demo.story import founding, merging, minute
from demo.story.cast import Stage, until
from demo.story.founding import Newcomer
from demo.story.telling import Different, chapter, expect, tell
from deploy.speech import said

DAY, ACTION_DUE = date(2026, 11, 17), date(2026, 11, 20)
OLD = merging.OLD[0]
NUMBER = "0002/2026"
SUCCESSOR = Newcomer("Đoàn Thị Thu Sương", "kenhiem.99001", "Chuyên viên", (Role.READER,), DAY)
NONCONFORMITY = "Nonconformity { id version number }"
HAND_OVER = "HandOver { id version number state signatures { part person { fullName } } }"
DUTIES = "{ duties { notAnswering items { kind code title dueAt minutesLeft isOwn } } }"
MINUTE = """query($id: UUID!) { handOver(id: $id) { minute { sha256 reports { service things { kind code } }
  download { url sha256 } } } }"""
# What is urgent comes first; a draft has no due time and comes last.
HELD = [("ACTION", "audits"), ("STEP", "cases"), ("DRAFT", "documents")]


async def handing_over(stage: Stage) -> None:
    """12. Drawn up, taken over, confirmed; everything passes in one act, and the minute says what."""
    chapter("story_12")
    stage.clock_to(DAY)
    admin = await Gateway(stage.http).sign_in("quantri", stage.platform.passwords["bootstrap_admin"])
    secretary, head = [await founding.door(stage, OLD, key) for key in ("secretary", "head")]
    await _takes_on(secretary)
    held = await _own(secretary)
    expect("story_holds", [each["kind"] for each in held], [kind for kind, _ in HELD])
    for each in held:
        _tell_duty(each)
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
    asked = """{ documents { edges { node { id version numberedIn { code } } } }
      nonconformities { edges { node { id version } } } }"""
    seen = {
        name: [edge["node"] for edge in page["edges"]] for name, page in (await secretary.ask(asked)).items()
    }
    document = next(each for each in seen["documents"] if each["numberedIn"]["code"] == OLD)
    file = merging.a_file(merging.a_procedure(merging.NEW), 2, DAY)
    about = {"documentId": document["id"], "expectedVersion": document["version"]}
    note, upload = "Viết lại cho phường mới", await secretary.upload(agency_id, file)
    await secretary.do("startRevision", merging.DOCUMENT, **about, uploadId=upload, changeNote=note)
    received = {"agencyId": agency_id, "number": NUMBER, "documentId": document["id"]}
    await secretary.do("registerDossier", merging.DOSSIER, **received)
    [raised] = seen["nonconformities"]
    for command, given in (
        ("recordCorrection", {"correction": "Đã ghi bổ sung ngày trả."}),
        ("recordCause", {"cause": "Mẫu sổ thiếu cột ngày trả."}),
        (
            "planAction",
            {
                "description": "Sửa mẫu sổ theo dõi hồ sơ.",
                "ownerId": secretary.me["person"]["id"],
                "dueOn": ACTION_DUE,
            },
        ),
    ):
        about = {"nonconformityId": raised["id"], "expectedVersion": raised["version"]}
        raised = await secretary.do(command, NONCONFORMITY, **about, **given)


async def _signed(
    secretary: Gateway, successor: Gateway, head: Gateway, position: dict[str, Any]
) -> dict[str, Any]:
    """Three people sign; before the third has, nothing passes."""
    given = {"giverPositionId": secretary.me["position"]["id"], "receiverPositionId": position["id"]}
    act = await secretary.do("drawUpHandOver", HAND_OVER, **given, note="Chìa khóa tủ hồ sơ số 3.")
    tell("story_drawn_up", number=act["number"])
    act = await _sign(successor, "acceptHandOver", act)
    expect("story_accepted", (act["state"], await _own(successor)), ("DRAWN_UP", []))
    act = await _sign(head, "confirmHandOver", act)
    parts = [each["part"] for each in act["signatures"]]
    expect("story_confirmed", (act["state"], parts), ("DONE", ["GIVER", "RECEIVER", "LEADER"]))
    return act


async def _sign(door: Gateway, command: str, act: dict[str, Any]) -> dict[str, Any]:
    return await door.do(command, HAND_OVER, handOverId=act["id"], expectedVersion=act["version"])


async def _all_theirs(stage: Stage, successor: Gateway, held: list[dict[str, Any]]) -> None:
    """The same things in the same order with the same due times; who gave them is out."""

    async def passed() -> list[dict[str, Any]] | None:
        own = await _own(successor)
        return own if len(own) == len(held) else None

    own = await until(passed, "duties")
    expect("story_all_theirs", own, held, name=SUCCESSOR.name, number=len(own))
    try:
        await founding.door(stage, OLD, "secretary")
    except Refused as no:
        expect("story_signed_out", no.problem["code"], "no_current_position")
    else:
        raise Different(said("story_not_refused", command="signIn", answer="Session"))


async def _minute(stage: Stage, successor: Gateway, act: dict[str, Any], held: list[dict[str, Any]]) -> None:
    """What the services reported, and the file itself: the bytes that were hashed, and who is in them."""

    async def written() -> dict[str, Any] | None:
        answer = await successor.answer(MINUTE, id=act["id"])
        found = ((answer.get("data") or {}).get("handOver") or {}).get("minute")
        return found if found and found["sha256"] and found["download"] else None

    found = await until(written, "minute")
    told = [(t["kind"], t["code"], r["service"]) for r in found["reports"] for t in r["things"]]
    wanted = [(each["kind"], each["code"], dict(HELD)[each["kind"]]) for each in held]
    expect("story_passed", sorted(told), sorted(wanted), number=len(told))
    async with httpx.AsyncClient() as http:
        pdf = (await http.get(found["download"]["url"])).content
    digest = sha256(pdf).hexdigest()
    hashes = (found["sha256"], found["download"]["sha256"])
    expect("story_minute", hashes, (digest, digest), number=act["number"], size=len(pdf), hash=digest[:12])
    page = minute.text_of(pdf)
    names = [each["person"]["fullName"] for each in act["signatures"]]
    missing = [name for name in (*names, *(each["code"] for each in held)) if name not in page]
    expect("story_minute_names", missing, [], giver=names[0], receiver=names[1], leader=names[2])


async def _own(door: Gateway) -> list[dict[str, Any]]:
    """What is theirs by name, in the order of the page."""
    page = (await door.ask(DUTIES))["duties"]
    if page["notAnswering"]:
        raise Different(said("story_never_came", what=page["notAnswering"], seconds=0))
    return [each for each in page["items"] if each.pop("isOwn")]


def _tell_duty(duty: dict[str, Any]) -> None:
    facts = {
        "what": said(f"duty_{duty['kind'].lower()}"),
        "code": duty["code"],
        "title": duty["title"].rstrip("."),
    }
    if duty["minutesLeft"] is None:
        tell("story_duty_open", **facts)
    else:
        tell("story_duty", **facts, hours=duty["minutesLeft"] / 60)
