"""An agency's documents and its dossiers of the year: issued by its own hands, and handed over in bulk."""

import asyncio
from uuid import UUID, uuid5

import msgspec

from contracts.cases.sync import SyncedDossier, SyncedPause
from demo.lived import catalogue
from demo.lived.hands import People
from demo.lived.plan import AgencyPlan, Dossier
from demo.province import docx
from demo.province.client import File, Gateway

OURS = UUID("5f3b1d0e-6a44-5c1b-9d0a-0e5a3c7b9f12")
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
        made = await hands["author"].do(
            "createDocument",
            "Document { id version }",
            requestId=once("create", *names),
            agencyId=agency_id,
            kind=given.kind,
            code=given.code,
            title=given.title,
            uploadId=await hands["author"].upload(agency_id, file, request_id=once("file", *names)),
            distribution=[agency_id],
            procedure=given.procedure,
        )
        dated = {"effectiveFrom": planned.in_force_since, "migratedFromPaper": True}
        for part, step, more in (
            ("author", "submit", {}),
            ("reviewer", "review", {}),
            ("head", "approve", {}),
            ("head", "issue", dated),
        ):
            made = await hands[part].do(
                f"{step}Revision",
                "Document { id version }",
                requestId=once(step, *names),
                documentId=made["id"],
                expectedVersion=made["version"],
                **more,
            )


async def documents_of(door: Gateway, agency_id: str) -> dict[str, str]:
    """Code → id."""
    query = "query($id: UUID!) { documents(agencyId: $id, first: 100) { edges { node { id code } } } }"
    found = await door.ask(query, id=agency_id)
    return {edge["node"]["code"]: edge["node"]["id"] for edge in found["documents"]["edges"]}


# -- dossiers ------------------------------------------------------------------------------------


async def sync_dossiers(people: People, planned: AgencyPlan) -> None:
    """The year's dossiers, as another system would hand them over."""
    await _link(people, planned)
    door = await people.door(planned.agency.code, "secretary")
    lines = [_line(dossier) for dossier in planned.dossiers]
    for place in range(0, len(lines), LINES_A_CALL):
        names = (planned.agency.code, str(place))
        await _sync(door, people.agencies[planned.agency.code], lines[place : place + LINES_A_CALL], names)


async def _link(people: People, planned: AgencyPlan) -> None:
    """The agencies that decide some of these dossiers agree to what was received since the year began."""
    admin = await people.admin()
    for code in sorted({each.competent for each in planned.dossiers if each.competent is not None}):
        await admin.do(
            "linkAgencies",
            "AgencyLink { id }",
            requestId=once("link", planned.agency.code, code),
            agencyId=people.agencies[code],
            receivingAgencyId=people.agencies[planned.agency.code],
            basis=LINKED_BY,
            validFrom=planned.in_force_since,
        )


async def _sync(door: Gateway, agency_id: str, lines: list[str], names: tuple[str, ...]) -> None:
    """Once more while the procedures that were just issued have not got round to the dossiers' service."""
    for attempt in range(PATIENCE):
        report = await door.do(
            "upsertDossiers",
            "SyncReport { refused verdicts { line code vi } }",
            requestId=once("dossiers", *names, str(attempt)),
            agencyId=agency_id,
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
    told = SyncedDossier(
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
    return msgspec.json.encode(told).decode()
