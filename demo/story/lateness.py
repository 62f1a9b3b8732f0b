"""Act 7: dossiers kept elsewhere turn out to be overdue, and one nonconformity goes its whole way."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from client.gateway import Gateway
from client.generated.dossiers import UpsertDossiers
from client.generated.nonconformities import NonconformitiesOf, NonconformityNow
from demo.story.cast import DEPARTMENT, Stage, refusal, the_procedure, until
from demo.story.dossier import moment
from demo.story.reporting import chapter, expect, report

Change = Callable[..., Awaitable[NonconformityNow]]
NOW, FINISHED = "10-12T08:00", "10-13T08:00"
LATE = {"000.00.13.H42-260811-0001": 11, "000.00.13.H42-260811-0002": 11, "000.00.13.H42-260813-0003": 13}
IN_TIME = "000.00.13.H42-260812-0004"
UNBELIEVABLE = "000.00.13.H42-261231-0005"


async def syncing(stage: Stage) -> None:
    """7. The one-stop system's dossiers come in with past dates; their lateness opens one nonconformity."""
    chapter("story_7")
    stage.set_clock(moment(NOW))
    counter = await stage.hand(DEPARTMENT, "counter")
    lines = [*(_line(number, day) for number, day in LATE.items()), _in_time(), _from_the_future()]
    report = await _sync(counter, stage, lines)
    expect("story_synced", (report["created"], report["refused"]), (4, 1), lines=len(lines))
    [bad] = [verdict for verdict in report["verdicts"] if verdict["code"]]
    expect("story_bad_line", (bad["number"], bad["code"]), (UNBELIEVABLE, "moment_in_the_future"), **bad)
    stage.made.nonconformity = await until(lambda: _counted(stage), "nonconformity")
    found = stage.nonconformity
    is_as_ruled = (found["source"], found["occurrences"], found["needsCorrectiveAction"])
    expect("story_opened", is_as_ruled, ("OVERDUE", 3, True), number=found["number"])
    again = await _sync(counter, stage, lines)
    expect("story_synced_again", (again["unchanged"], again["created"]), (4, 0))
    expect("story_opened_once", [n["id"] for n in await register(stage)], [found["id"]])


async def correcting(stage: Stage) -> None:
    """7. Corrected, its cause found, acted on, verified by another, closed; closing before is refused."""
    counter = await stage.hand(DEPARTMENT, "counter")
    stage.set_clock(moment(FINISHED))
    lines = [_line(number, day) | _finished(FINISHED) for number, day in LATE.items()]
    report = await _sync(counter, stage, lines)
    expect("story_all_finished", report["updated"], len(LATE))
    await _act(
        stage, "secretary", Gateway.record_correction, correction="Đã giải quyết xong ba hồ sơ quá hạn."
    )
    await _act(
        stage, "secretary", Gateway.record_cause, cause="Chuyên viên thẩm tra nghỉ phép, không người thay."
    )
    await _plan(stage)
    await _verify(stage)


async def _plan(stage: Stage) -> None:
    owner = stage.hands["secretary"].me["person"]["id"]
    given = {"description": "Phân công người thay thế cho từng chuyên viên, niêm yết bảng phân công."}
    await _act(stage, "secretary", Gateway.plan_action, owner_id=owner, due_on=date(2026, 10, 30), **given)
    report("story_action_planned")
    no = await _refused(stage, "head", Gateway.close_nonconformity)
    expect("story_close_refused", no, "action_still_open")


async def _verify(stage: Stage) -> None:
    [action] = stage.nonconformity["actions"]
    about = {"action_id": action["id"], "note": "Bảng phân công đã niêm yết ngày 13/10/2026."}
    await _act(stage, "secretary", Gateway.complete_action, **about)
    no = await _refused(stage, "secretary", Gateway.verify_action, is_effective=True, **about)
    expect("story_verifier_did_it", no, "verifier_did_it")
    await _act(stage, "division", Gateway.verify_action, is_effective=True, **about)
    await _act(stage, "head", Gateway.close_nonconformity)
    expect("story_closed", stage.nonconformity["state"], "CLOSED", number=stage.nonconformity["number"])


async def register(stage: Stage) -> list[NonconformitiesOf]:
    """The department's register of nonconformities, newest first."""
    return await stage.hands["secretary"].nonconformities_of(agency_id=stage.department_id)


async def _counted(stage: Stage) -> NonconformitiesOf | None:
    """The nonconformity once all lateness has been counted into it."""
    return next((n for n in await register(stage) if n["occurrences"] == len(LATE)), None)


async def _act(stage: Stage, hand: str, command: Change, **given: Any) -> None:
    caller = await stage.hand(DEPARTMENT, hand)
    stage.made.nonconformity = await command(caller, **_about(stage), **given)


async def _refused(stage: Stage, hand: str, command: Change, **given: Any) -> str:
    caller = await stage.hand(DEPARTMENT, hand)
    return str((await refusal(caller, command, **_about(stage), **given))["code"])


def _about(stage: Stage) -> dict[str, Any]:
    known = stage.nonconformity
    return {"nonconformity_id": known["id"], "expected_version": known["version"]}


async def _sync(caller: Gateway, stage: Stage, lines: list[dict[str, Any]]) -> UpsertDossiers:
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    return await caller.upsert_dossiers(agency_id=stage.department_id, lines=text)


def _line(number: str, day: int) -> dict[str, Any]:
    received = moment(f"08-{day}T08:00").isoformat()
    return {
        "number": number,
        "tthc_code": the_procedure().procedure.tthc_code,
        "received_at": received,
        "changed_at": received,
        "status": "processing",
    }


def _finished(at: str) -> dict[str, Any]:
    ended = moment(at).isoformat()
    return {"status": "finished", "finished_at": ended, "changed_at": ended}


def _in_time() -> dict[str, Any]:
    return _line(IN_TIME, 12) | _finished("09-10T08:00")


def _from_the_future() -> dict[str, Any]:
    return _line(UNBELIEVABLE, 12) | {"received_at": moment("12-31T08:00").isoformat()}
