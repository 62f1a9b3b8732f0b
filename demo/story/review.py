"""Act 9: the management review, with inputs that equal the figures, a decision, a task and the conclusion."""

import json
from datetime import date
from typing import Any

from client.gateway import there
from client.generated.inputs import InputNoteInput
from client.generated.reviews import ReviewNow
from demo.story import lateness
from demo.story.cast import DEPARTMENT, Stage, until
from demo.story.reporting import chapter, expect

SINCE, UNTIL, HELD = date(2026, 8, 1), date(2026, 10, 31), date(2026, 11, 2)
MEASURES = {"received": "received", "finished": "finished", "on_time": "onTime", "late": "late"}


async def reviewing(stage: Stage) -> None:
    """9. Planned by the secretary, inputs frozen from live figures, concluded by the head."""
    chapter("story_9")
    stage.clock_to(HELD)
    secretary, head = stage.hands["secretary"], stage.hands["head"]
    review = await secretary.plan_review(
        agency_id=stage.department_id,
        title="Xem xét của lãnh đạo quý III năm 2026",
        period_from=SINCE,
        period_to=UNTIL,
        held_on=HELD,
    )
    await until(lambda: _settled(stage), "dossierFigures")
    notes: list[InputNoteInput] = [{"clause": "9.3.2 d", "text": "Biên chế đủ theo đề án vị trí việc làm."}]
    review = await secretary.freeze_inputs(**_about(review), notes=notes)
    await _equal(stage, {each["clause"]: json.loads(each["facts"]) for each in review["inputs"]})
    review = await _decided(stage, review)
    said: dict[str, Any] = {"conclusion": "Hệ thống phù hợp và có hiệu lực; cần theo dõi thời hạn thẩm tra."}
    review = await head.conclude_review(**_about(review), **said, is_effective=True)
    found = (review["state"], review["isEffective"])
    expect("story_concluded", found, ("CONCLUDED", True), day=f"{HELD:%d/%m/%Y}")


async def _decided(stage: Stage, review: ReviewNow) -> ReviewNow:
    """One decision, which is a task of somebody who reports it done."""
    division = await stage.hand(DEPARTMENT, "division")
    owner = division.me["person"]["id"]
    review = await stage.hands["secretary"].record_decision(
        **_about(review),
        decision="Thu hồi bản giấy hết hiệu lực tại mọi quầy và dùng bản điện tử.",
        owner_id=owner,
        due_on=date(2026, 11, 30),
    )
    [task] = review["tasks"]
    expect("story_task", (task["state"], there(task["owner"])["id"]), ("OPEN", owner), due="30/11/2026")
    note = "Đã thu hồi 4 bản in tại 2 quầy."
    review = await division.complete_task(**_about(review), task_id=task["id"], note=note)
    expect("story_task_done", review["tasks"][0]["state"], "DONE")
    return review


async def _equal(stage: Stage, inputs: dict[str, dict[str, Any]]) -> None:
    """What was frozen is what the figures and the register say."""
    figures, register = await _figures(stage), await lateness.register(stage)
    dossiers = {name: inputs["9.3.2 c3"][name] for name in MEASURES}
    wanted = {name: figures[field] for name, field in MEASURES.items()}
    expect("story_inputs_dossiers", dossiers, wanted, **wanted)
    is_open = [each for each in register if each["state"] != "CLOSED"]
    found = (inputs["9.3.2 c4"]["raised"], inputs["9.3.2 c4"]["open"])
    expect("story_inputs_register", found, (len(register), len(is_open)), raised=found[0], open=found[1])
    audits = inputs["9.3.2 c6"]
    expect("story_inputs_audits", (audits["reported"], audits["nonconforming"]), (1, 1))


async def _figures(stage: Stage) -> dict[str, Any]:
    given = {"agency_ids": [stage.department_id]}
    [figures] = await stage.hands["secretary"].dossier_figures(**given, from_month=SINCE, to_month=UNTIL)
    return {**figures}


async def _settled(stage: Stage) -> bool:
    """Whether the last dossiers' end has reached the figures of the board."""
    figures = await _figures(stage)
    return bool(figures["finished"] == figures["received"] == len(lateness.LATE) + 2)


def _about(review: ReviewNow) -> dict[str, Any]:
    return {"review_id": review["id"], "expected_version": review["version"]}
