"""An agency's documents and its dossiers of the year: issued by its own hands, and handed over in bulk."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid5

import msgspec

from client.gateway import File, Gateway
from client.generated.documents import DocumentNow
from contracts.cases.sync import SyncedDossier, SyncedPause
from demo.lived import catalogue
from demo.lived.hands import People
from demo.lived.plan import AgencyPlan, Dossier
from demo.province import docx

OURS = UUID("5f3b1d0e-6a44-5c1b-9d0a-0e5a3c7b9f12")
Step = Callable[..., Awaitable[DocumentNow]]
LINES_A_CALL = 50
LINKED_BY = "Quyết định phân công tiếp nhận, trình giải quyết thủ tục hành chính (dữ liệu trình diễn)"
NOT_HEARD_YET = {"procedure_not_found", "tthc_unknown"}
PATIENCE, PAUSE = 120, 0.5


class Stuck(Exception):
    """Something that must come about on its own did not, or a line was refused."""


def once(*names: str) -> UUID:
    """The request id of a step: the same at every try, so that a repeated load acts once."""
    return uuid5(OURS, ":".join(names))


# -- documents -----------------------------------------------------------------------------------


async def issue_documents(people: People, planned: AgencyPlan) -> None:
    """Every procedure of the agency, by its own hands, in force since a day of the past."""
    hands = await people.hands(planned.agency)
    agency_id = people.agencies[planned.agency.code]
    for template in planned.procedures:
        given = catalogue.procedure(template, planned.agency)
        content = docx.document(
            given, agency=planned.agency.name, revision=1, effective=f"{planned.in_force_since:%d/%m/%Y}"
        )
        file = File(name=f"{given.code}.docx", media_type=docx.MEDIA_TYPE, content=content)
        names = (planned.agency.code, given.code)
        made = await hands["author"].create_document(
            request_id=once("create", *names),
            agency_id=agency_id,
            kind=given.kind,
            code=given.code,
            title=given.title,
            upload_id=await hands["author"].upload(agency_id, file, request_id=once("file", *names)),
            distribution=[agency_id],
            procedure=given.procedure,
        )
        dated = {"effective_from": planned.in_force_since, "migrated_from_paper": True}
        steps: tuple[tuple[str, str, Step, dict[str, Any]], ...] = (
            ("author", "submit", Gateway.submit_revision, {}),
            ("reviewer", "review", Gateway.review_revision, {}),
            ("head", "approve", Gateway.approve_revision, {}),
            ("head", "issue", Gateway.issue_revision, dated),
        )
        for part, step, command, more in steps:
            made = await command(
                hands[part],
                request_id=once(step, *names),
                document_id=made["id"],
                expected_version=made["version"],
                **more,
            )


async def documents_of(caller: Gateway, agency_id: str) -> dict[str, str]:
    """Code → id."""
    return {each["code"]: each["id"] for each in await caller.documents_of(agency_id=agency_id)}


# -- dossiers ------------------------------------------------------------------------------------


async def sync_dossiers(people: People, planned: AgencyPlan) -> None:
    """The year's dossiers, as another system would hand them over."""
    await _link(people, planned)
    caller = await people.caller(planned.agency.code, "secretary")
    lines = [_line(dossier) for dossier in planned.dossiers]
    for place in range(0, len(lines), LINES_A_CALL):
        names = (planned.agency.code, str(place))
        await _sync(caller, people.agencies[planned.agency.code], lines[place : place + LINES_A_CALL], names)


async def _link(people: People, planned: AgencyPlan) -> None:
    """The agencies that decide some of these dossiers agree to what was received since the year began."""
    admin = await people.admin()
    for code in sorted({each.competent for each in planned.dossiers if each.competent is not None}):
        await admin.link_agencies(
            request_id=once("link", planned.agency.code, code),
            agency_id=people.agencies[code],
            receiving_agency_id=people.agencies[planned.agency.code],
            basis=LINKED_BY,
            valid_from=planned.in_force_since,
        )


async def _sync(caller: Gateway, agency_id: str, lines: list[str], names: tuple[str, ...]) -> None:
    """Once more while the procedures that were just issued have not got round to the dossiers' service."""
    for attempt in range(PATIENCE):
        report = await caller.upsert_dossiers(
            request_id=once("dossiers", *names, str(attempt)),
            agency_id=agency_id,
            lines="\n".join(lines),
        )
        refused = [verdict for verdict in report["verdicts"] if verdict["code"]]
        if not refused:
            return
        if {verdict["code"] for verdict in refused} - NOT_HEARD_YET:
            raise Stuck(f"{names}: {refused[0]}")
        await asyncio.sleep(PAUSE)
    raise Stuck(f"{names}: {refused[0]}")


def _line(dossier: Dossier) -> str:
    last = [dossier.received_at, dossier.finished_at]
    last += [moment for pause in dossier.pauses for moment in (pause.since, pause.until)]
    synced = SyncedDossier(
        number=dossier.number,
        changed_at=max(moment for moment in last if moment is not None),
        received_at=dossier.received_at,
        status=dossier.status,
        document_code=dossier.code,
        finished_at=dossier.finished_at,
        applicant_name=dossier.applicant,
        competent_agency_code=dossier.competent,
        pauses=[SyncedPause(reason=p.reason, since=p.since, until=p.until) for p in dossier.pauses],
    )
    return msgspec.json.encode(synced).decode()
