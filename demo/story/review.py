"""Act 9: the management review, with inputs that equal the figures, a decision, a task and the conclusion."""

import json
from datetime import date
from typing import Any

from demo.story import lateness
from demo.story.cast import DEPARTMENT, Stage, until
from demo.story.telling import chapter, expect

REVIEW = """Review { id version state isEffective tasks { id state owner { id } }
  inputs { clause facts } }"""
SINCE, UNTIL, HELD = date(2026, 8, 1), date(2026, 10, 31), date(2026, 11, 2)
MEASURES = {"received": "received", "finished": "finished", "on_time": "onTime", "late": "late"}


async def reviewing(stage: Stage) -> None:
    """9. Planned by the secretary, inputs frozen from live figures, concluded by the head."""
    chapter("story_9")
    stage.clock_to(HELD)
    secretary, head = stage.hands["secretary"], stage.hands["head"]
    review = await secretary.do(
        "planReview",
        REVIEW,
        agencyId=stage.department_id,
        title="Xem xét của lãnh đạo quý III năm 2026",
        periodFrom=SINCE,
        periodTo=UNTIL,
        heldOn=HELD,
    )
    await until(lambda: _settled(stage), "dossierFigures")
    notes = [{"clause": "9.3.2 d", "text": "Biên chế đủ theo đề án vị trí việc làm."}]
    review = await secretary.do("freezeInputs", REVIEW, **_about(review), notes=notes)
    await _equal(stage, {each["clause"]: json.loads(each["facts"]) for each in review["inputs"]})
    review = await _decided(stage, review)
    said = {"conclusion": "Hệ thống phù hợp và có hiệu lực; cần theo dõi thời hạn thẩm tra."}
    review = await head.do("concludeReview", REVIEW, **_about(review), **said, isEffective=True)
    found = (review["state"], review["isEffective"])
    expect("story_concluded", found, ("CONCLUDED", True), day=f"{HELD:%d/%m/%Y}")


async def _decided(stage: Stage, review: dict[str, Any]) -> dict[str, Any]:
    """One decision, which is a task of somebody who reports it done."""
    division = await stage.hand(DEPARTMENT, "division")
    owner = division.me["person"]["id"]
    review = await stage.hands["secretary"].do(
        "recordDecision",
        REVIEW,
        **_about(review),
        decision="Thu hồi bản giấy hết hiệu lực tại mọi quầy và dùng bản điện tử.",
        ownerId=owner,
        dueOn=date(2026, 11, 30),
    )
    [task] = review["tasks"]
    expect("story_task", (task["state"], task["owner"]["id"]), ("OPEN", owner), due="30/11/2026")
    note = "Đã thu hồi 4 bản in tại 2 quầy."
    review = await division.do("completeTask", REVIEW, **_about(review), taskId=task["id"], note=note)
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
    asked = """query($ids: [UUID!], $from: Date, $to: Date) { dossierFigures(agencyIds: $ids,
      fromMonth: $from, toMonth: $to) { received finished onTime late overdueOpen } }"""
    ids = {"ids": [stage.department_id], "from": SINCE, "to": UNTIL}
    [figures] = (await stage.hands["secretary"].ask(asked, **ids))["dossierFigures"]
    return dict(figures)


async def _settled(stage: Stage) -> bool:
    """Whether the last dossiers' end has reached the figures of the board."""
    figures = await _figures(stage)
    return bool(figures["finished"] == figures["received"] == len(lateness.LATE) + 2)


def _about(review: dict[str, Any]) -> dict[str, Any]:
    return {"reviewId": review["id"], "expectedVersion": review["version"]}
