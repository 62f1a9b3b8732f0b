"""Act 6: a dossier runs all steps over the 2 September block, and its due time is explained."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from client.gateway import Gateway, there
from client.generated.dossiers import DossierDeadlineDeadlineExplanationSegments as Segment
from client.generated.dossiers import DossierNow
from demo.story import board
from demo.story.cast import DEPARTMENT, OFFICE, Command, Stage, refusal, the_procedure
from demo.story.reporting import chapter, expect, report

Step = Callable[..., Awaitable[DossierNow]]
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NUMBER = "H42.013-260812-0001"
RECEIVED = "08-12T09:00"
FIRST_BLOCK, UBND_BLOCK = 7, 15
# Which hand takes each step over, and when it is handed on (2026). Sở has 1–7 and 16–17, UBND 8–15.
WAY = {
    1: ("counter", "08-12T09:00", "08-12T10:00"),
    2: ("counter", "08-12T10:30", "08-12T11:00"),
    3: ("head", "08-13T08:00", "08-13T10:00"),
    4: ("division", "08-14T08:00", "08-14T10:00"),
    5: ("officer", "08-17T08:00", "09-07T08:00"),
    6: ("division", "09-07T09:00", "09-08T08:00"),
    7: ("head", "09-08T08:30", "09-08T16:00"),
    8: ("officer", "09-09T08:00", "09-09T10:00"),
    9: ("head", "09-10T08:00", "09-10T10:00"),
    10: ("division", "09-11T08:00", "09-11T10:00"),
    11: ("officer", "09-14T08:00", "09-14T16:00"),
    12: ("division", "09-15T08:00", "09-15T10:00"),
    13: ("head", "09-16T08:00", "09-16T10:00"),
    14: ("head", "09-16T14:00", "09-16T16:00"),
    15: ("officer", "09-17T08:00", "09-17T09:00"),
    16: ("division", "09-18T08:00", "09-18T15:00"),
    17: ("counter", "09-18T15:30", None),
}
PAUSED, RESUMED, FINISHED = "08-26T10:00", "08-28T10:00", "09-21T08:00"
# 30 working days are 240 hours. By hand: 6.5 h on 12/08; 13–14/08 16; 17–21/08 40; Saturday 22/08 8, made up;
# 24–25/08 16; 2.5 on 26/08 until the pause; 5.5 on 28/08 after it; 31/08–02/09 off; 03–04/09 16; 07–11, 14–18
# and 21–25/09 40 each; 28/09 8: that is 238.5. The last 1.5 h end on 29/09 at nine.
DUE, ALLOWED_HOURS = "09-29T09:00", 240
MADE_UP, NOTICE = "22/08", "9441/TB-BNV"


@dataclass
class _Way:
    """The dossier on its way, moved by the person whose turn it is."""

    stage: Stage
    dossier: DossierNow

    async def act(self, key: str, command: Step, at: str, **given: Any) -> None:
        self.stage.set_clock(moment(at))
        caller = await self.stage.hand(there(self.dossier["holder"])["code"], key)
        self.dossier = await command(caller, **self._asked(**given))

    async def refusal(self, agency: str, key: str, command: Command, **given: Any) -> str:
        caller = await self.stage.hand(agency, key)
        return str((await refusal(caller, command, **self._asked(**given)))["code"])

    def _asked(self, **given: Any) -> dict[str, Any]:
        return {"dossier_id": self.dossier["id"], "expected_version": self.dossier["version"], **given}


def moment(at: str) -> datetime:
    """A moment of 2026 in Vietnam: `08-12T09:00`."""
    return datetime.fromisoformat(f"2026-{at}").replace(tzinfo=VIETNAM)


async def working(stage: Stage) -> None:
    """6. Received on 12 August, through all steps, with a pause, to UBND tỉnh and back."""
    chapter("story_6")
    stage.set_clock(moment(RECEIVED))
    stage.before = await board.standings(await stage.hand("H42", "head"))
    await _linked(stage)
    way = _Way(stage, await _received(stage))
    expect("story_received", way.dossier["revisionNumber"], 1, number=NUMBER)
    for seq in range(1, FIRST_BLOCK + 1):
        await _step(way, seq)
    await _at_another_agency(way)
    for seq in range(FIRST_BLOCK + 1, UBND_BLOCK + 1):
        await _step(way, seq)
    expect("story_came_back", there(way.dossier["holder"])["code"], DEPARTMENT)
    for seq in range(UBND_BLOCK + 1, len(WAY) + 1):
        await _step(way, seq)
    await way.act("counter", Gateway.finish_dossier, FINISHED)
    done = [step["status"] for step in way.dossier["steps"]]
    found = (way.dossier["status"], way.dossier["outcome"], done.count("DONE"))
    expect("story_finished", found, ("FINISHED", "EARLY", 17))
    stage.made.dossier = way.dossier


async def _linked(stage: Stage) -> None:
    """Văn phòng UBND tỉnh lets Sở bring it dossiers: before, nobody may give it a block of steps."""
    no = await _refused_block(stage)
    expect("story_not_linked", (no["code"], no["field"]), ("agency_not_linked", "blocks.0.agencyId"))
    head = await stage.hand(OFFICE, "head")
    link = await head.link_agencies(
        agency_id=head.me["agency"]["id"],
        receiving_agency_id=stage.department_id,
        basis="Quy trình nội bộ QTTP-20 (dữ liệu trình diễn)",
        valid_from=moment(RECEIVED).date(),
    )
    expect("story_linked", there(link["receivingAgency"])["code"], DEPARTMENT)


async def _refused_block(stage: Stage) -> dict[str, Any]:
    return await refusal(
        await stage.hand(DEPARTMENT, "counter"), Gateway.register_dossier, **await _application(stage)
    )


async def _received(stage: Stage) -> DossierNow:
    counter = await stage.hand(DEPARTMENT, "counter")
    return await counter.register_dossier(**await _application(stage))


async def _application(stage: Stage) -> dict[str, Any]:
    office = await stage.hand(OFFICE, "officer")
    blocks = dict.fromkeys(step.block for step in the_procedure().procedure.steps)
    [ubnd] = [block for block in blocks if block and "Ủy ban nhân dân" in block]
    return {
        "agency_id": stage.department_id,
        "number": NUMBER,
        "tthc_code": the_procedure().procedure.tthc_code,
        "applicant_name": "Tổ chức tôn giáo A (tên trình diễn)",
        "blocks": [{"block": ubnd, "agency_id": office.me["agency"]["id"]}],
    }


async def _step(way: _Way, seq: int) -> None:
    """Take it over, work, and hand it on."""
    key, taken, handed_on = WAY[seq]
    if way.dossier["steps"][seq - 1]["status"] != "IN_PROGRESS":
        await way.act(key, Gateway.acknowledge_hand_over, taken, step=seq)
    if seq == 5:
        await _pause(way, key)
    if handed_on:
        await way.act(key, Gateway.hand_over, handed_on, step=seq)


async def _pause(way: _Way, key: str) -> None:
    """The applicant has to supplement the dossier; a dossier that is paused cannot be paused again."""
    note = "Thiếu giấy tờ về địa điểm mới"
    await way.act(key, Gateway.pause_dossier, PAUSED, reason="supplement", note=note)
    expect("story_paused", (way.dossier["status"], way.dossier["dueAt"]), ("PAUSED", None))
    no = await way.refusal(DEPARTMENT, key, Gateway.pause_dossier, reason="supplement")
    expect("story_paused_twice", no, "already_paused")
    await way.act(key, Gateway.resume_dossier, RESUMED)
    due = datetime.fromisoformat(there(way.dossier["dueAt"]))
    expect("story_resumed", due, moment(DUE), due=f"{moment(DUE):%H:%M %d/%m/%Y}")


async def _at_another_agency(way: _Way) -> None:
    """What is at UBND tỉnh now is not Sở's to work on, and cannot be handed over a second time."""
    expect("story_at_ubnd", (there(way.dossier["holder"])["code"], way.dossier["stepSeq"]), (OFFICE, 8))
    no = await way.refusal(DEPARTMENT, "officer", Gateway.acknowledge_hand_over, step=8)
    expect("story_not_theirs", no, "not_permitted")
    no = await way.refusal(OFFICE, "officer", Gateway.hand_over, step=7)
    expect("story_handed_twice", no, "step_is_not_current")


async def explaining(stage: Stage) -> None:
    """6. Its due time segment by segment; what they count is the allowed time exactly."""
    found = await stage.hands["officer"].dossier_deadline(id=stage.dossier["id"])
    explained = found["deadlineExplanation"]
    assert explained is not None
    segments = explained["segments"]
    for run in _runs(segments):
        report("story_segment", **run)
    counted = sum(segment["countedSeconds"] for segment in segments) / 3600
    allowed = explained["allowedSeconds"] / 3600
    expect("story_adds_up", (counted, allowed), (ALLOWED_HOURS, ALLOWED_HOURS), hours=counted)
    made_up = [s for s in segments if s["notice"] == NOTICE and s["kind"] == "worked"]
    hours = sum(segment["countedSeconds"] for segment in made_up) / 3600
    days = {f"{_local(segment['start']):%d/%m}" for segment in made_up}
    expect("story_made_up", (days, hours), ({MADE_UP}, 8.0), day=MADE_UP, notice=NOTICE)


def _runs(segments: Sequence[Segment]) -> Iterator[dict[str, Any]]:
    """Nights and weekends grow together with the days around them; what needs a reason stands alone."""
    plain = ("worked", "outside_hours", "day_off")

    def reason(segment: Segment) -> str | None:
        has_none = segment["kind"] in plain and not segment["notice"]
        return None if has_none and segment["kind"] != "day_off" else segment["vi"]

    for why, group in groupby(segments, key=reason):
        run = list(group)
        yield {
            "start": f"{_local(run[0]['start']):%H:%M %d/%m}",
            "end": f"{_local(there(run[-1]['end'])):%H:%M %d/%m}",
            "hours": sum(segment["countedSeconds"] for segment in run) / 3600,
            "why": why or next(s["vi"] for s in run if s["countedSeconds"] or s is run[-1]),
        }


def _local(moment_: str) -> datetime:
    return datetime.fromisoformat(moment_).astimezone(VIETNAM)
