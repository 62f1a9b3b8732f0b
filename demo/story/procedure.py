"""Acts 1 to 5: a procedure is written, approved by others, read, revised, and its trail put to the proof."""

import asyncio
import json
import sys
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg

from client.gateway import Gateway, there
from client.generated.documents import DocumentNow, DocumentRevisionsRevisions, DocumentTrailTrail
from demo.story.cast import (
    DEPARTMENT,
    OFFICE,
    OPENING,
    Stage,
    the_procedure,
    until,
    word_file,
)
from demo.story.live import Listener, listening
from demo.story.reporting import chapter, expect, report
from deploy.platform.names import ROOT

TODAY = OPENING.date()
SECOND_FROM = date(2026, 9, 1)


async def writing(stage: Stage) -> None:
    """1. The secretary uploads the file and creates the document with its steps."""
    chapter("story_1")
    for key in ("secretary", "division", "deputy", "head", "officer"):
        stage.hands[key] = await stage.sign_in(DEPARTMENT, key)
    stage.reader = await stage.sign_in(OFFICE, "officer")
    secretary, given = stage.hands["secretary"], the_procedure()
    today = secretary.me["businessToday"]
    expect("story_signed_in", today, TODAY.isoformat(), day=f"{TODAY:%d/%m/%Y}")
    file = word_file(given, 1, TODAY)
    upload = await secretary.upload(stage.department_id, file)
    report("story_uploaded", name=file.name, size=len(file.content))
    stage.made.document = await secretary.create_document(
        agency_id=stage.department_id,
        kind=given.kind,
        code=given.code,
        title=given.title,
        upload_id=upload,
        distribution=[stage.reader.me["agency"]["id"]],
        procedure=given.procedure,
    )
    await _check_steps(stage)


async def _check_steps(stage: Stage) -> None:
    [revision] = await _revisions(stage.hands["secretary"], stage)
    procedure, total = there(revision["procedure"]), there(revision["stepsTotal"])
    steps, days = procedure["steps"], total["amount"]
    numbers = list(dict.fromkeys(step["number"] for step in steps))
    blocks = len({step["block"] for step in steps})
    found = (len(numbers), len(steps), blocks, days, days * 8, there(procedure["legalTime"])["amount"])
    expect("story_created", found, (15, 17, 3, 30.0, 240.0, 30.0), code=stage.document["code"])


async def approving(stage: Stage) -> None:
    """2. Submit, review, approve, issue by different people; what may not be is refused."""
    chapter("story_2")
    await stage.act("secretary", Gateway.submit_revision)
    report("story_submitted")
    no = await stage.refusal(stage.hands["secretary"], Gateway.review_revision)
    expect("story_writer_cannot_review", no["code"], "not_permitted")
    await stage.act("division", Gateway.review_revision)
    report("story_reviewed")
    await _conflict(stage)
    await _self_approval(stage)
    await _twice(stage)


async def _conflict(stage: Stage) -> None:
    """Two approvers look at the same state; the second to decide reads that it has changed."""
    stale = stage.document["version"]
    await stage.act("deputy", Gateway.approve_revision)
    report("story_approved")
    no = await stage.refusal(stage.hands["head"], Gateway.approve_revision, expected_version=stale)
    expect("story_stale", (no["__typename"], no["code"]), ("ConflictProblem", "changed_meanwhile"))


async def _self_approval(stage: Stage) -> None:
    """The deputy, who may approve, drafts a form and tries to approve it alone."""
    deputy, division = stage.hands["deputy"], stage.hands["division"]
    upload = await deputy.upload(stage.department_id, word_file(the_procedure(), 9, TODAY))
    own = await deputy.create_document(
        agency_id=stage.department_id,
        kind="FORM",
        code="BM.20.01",
        title="Phiếu theo dõi thay đổi trụ sở",
        upload_id=upload,
    )
    about = {"document_id": own["id"]}
    for hand, step in ((deputy, Gateway.submit_revision), (division, Gateway.review_revision)):
        own = await step(hand, **about, expected_version=own["version"])
    no = await stage.refusal(deputy, Gateway.approve_revision, **about, expected_version=own["version"])
    expect("story_own", (no["__typename"], no["code"]), ("ForbiddenProblem", "own_revision"))


async def _twice(stage: Stage) -> None:
    """The same issue sent twice, as after a lost answer."""
    head, request_id = stage.hands["head"], uuid4()
    approved = stage.document

    async def issue() -> DocumentNow:
        return await head.issue_revision(
            document_id=approved["id"],
            expected_version=approved["version"],
            effective_from=TODAY,
            request_id=request_id,
        )

    reader = stage.reader
    assert reader is not None
    async with listening(stage.platform.gateway_url, reader) as live:
        first, again = await issue(), await issue()
        expect("story_issued", again, first, day=f"{TODAY:%d/%m/%Y}")
        stage.made.document = first
        actions = [row["action"] for row in await _trail(stage)]
        expect("story_once", actions.count("documents:issue_revision"), 1)
        await _told_live(live, stage)


async def _told_live(live: Listener, stage: Stage) -> None:
    """3. The reader hears of it while it happens."""
    chapter("story_3")

    async def heard() -> Any:
        return live.of_kind("revision_issued") or live.heard

    notices = await until(heard, "noticePosted")
    expect("story_live", stage.document["code"] in notices[0]["subject"], True, subject=notices[0]["subject"])


async def reading(stage: Stage) -> None:
    """3. And finds it among their notices and in their mail, once."""
    reader = stage.reader
    assert reader is not None

    async def sent() -> Any:
        about = [each for each in await reader.notices() if stage.document["code"] in each["subject"]]
        delivered = [d for notice in about for d in notice["deliveries"] if d["state"] == "SENT"]
        return delivered if len(about) == 1 else None

    [delivery] = await until(sent, "e-mail")

    async def arrived() -> Any:
        mails = (await stage.http.get(f"{stage.platform.mail_url}/mails.json")).json()
        return [m for m in mails if delivery["address"] in str(m) and stage.document["code"] in str(m)]

    mails = await until(arrived, "e-mail")
    expect("story_mailed", len(mails), 1, address=delivery["address"])


async def revising(stage: Stage) -> None:
    """4. A second revision with a later date; `asOf` answers right before, on and after it."""
    chapter("story_4")
    secretary = stage.hands["secretary"]
    upload = await secretary.upload(stage.department_id, word_file(the_procedure(), 2, SECOND_FROM))
    note = "Rút ngắn bước thẩm định theo ý kiến góp ý"
    await stage.act("secretary", Gateway.start_revision, upload_id=upload, change_note=note)
    await stage.act("secretary", Gateway.submit_revision)
    await stage.act("division", Gateway.review_revision)
    await stage.act("deputy", Gateway.approve_revision)
    await stage.act("head", Gateway.issue_revision, effective_from=SECOND_FROM)
    report("story_second", day=f"{SECOND_FROM:%d/%m/%Y}")
    yesterday, eve = TODAY - timedelta(days=1), SECOND_FROM - timedelta(days=1)
    for day, wanted in ((yesterday, None), (TODAY, 1), (eve, 1), (SECOND_FROM, 2)):
        found = await _in_force(stage, day)
        code = "story_none_as_of" if wanted is None else "story_as_of"
        expect(code, found, wanted, day=f"{day:%d/%m/%Y}", number=wanted)
    await _as_time_passes(stage)


async def _as_time_passes(stage: Stage) -> None:
    """Without a date the answer follows the business clock."""
    for day, wanted in ((SECOND_FROM - timedelta(days=1), 1), (SECOND_FROM, 2)):
        stage.clock_to(day)
        expect("story_clock", await _in_force(stage, None), wanted, day=f"{day:%d/%m/%Y}", number=wanted)
    first, second = await _revisions(stage.hands["secretary"], stage)
    standings = (first["standing"], second["standing"])
    expect("story_superseded", standings, ("SUPERSEDED", "IN_FORCE"), day=f"{SECOND_FROM:%d/%m/%Y}")


async def proving(stage: Stage) -> None:
    """5. The document's trail is verified; a row changed in the database on purpose is found."""
    chapter("story_5")

    async def sealed() -> Any:
        rows = await _trail(stage)
        return rows if all(row["isSealed"] for row in rows) else None

    rows = await until(sealed, "sealed")
    expect("story_verified", (len(rows), await _breaks(stage)), (10, []), rows=len(rows))
    approval = next(row for row in rows if row["action"] == "documents:approve_revision")
    with psycopg.connect(stage.platform.admin_url_of("documents")) as database:
        database.execute("update trail set person_id = gen_random_uuid() where id = %s", (approval["id"],))
    report("story_tampered")
    expect("story_found", await _breaks(stage), [("trail_row_changed", approval["id"])], id=approval["id"])


async def _breaks(stage: Stage) -> list[tuple[str, str]]:
    """What the operators' command finds wrong with the document's trail: the code, and of which row."""
    about = ["--service", "documents", "--subject", stage.document["id"], "--json"]
    command = [sys.executable, "-W", "ignore", "-m", "ops", "trail", "verify", *about]
    process = await asyncio.create_subprocess_exec(
        *command, "--platform", str(stage.platform.file), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    printed, _ = await process.communicate()
    return [(each["code"], each["trail_id"]) for each in json.loads(printed)["documents"]["breaks"]]


async def _in_force(stage: Stage, day: date | None) -> int | None:
    found = await stage.hands["officer"].document_in_force(id=stage.document["id"], as_of=day)
    return found["revisionInForce"]["number"] if found["revisionInForce"] else None


async def _revisions(caller: Gateway, stage: Stage) -> list[DocumentRevisionsRevisions]:
    return (await caller.document_revisions(id=stage.document["id"]))["revisions"]


async def _trail(stage: Stage) -> list[DocumentTrailTrail]:
    return (await stage.hands["secretary"].document_trail(id=stage.document["id"]))["trail"] or []
