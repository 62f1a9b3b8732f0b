"""The first documents of the demonstration: put in force from paper, by four hands, as everything is."""

from datetime import date
from uuid import UUID, uuid5

from demo.province import docx, procedures, province, staff
from demo.province.client import File, Gateway
from demo.province.procedures import DemoProcedure
from deploy.speech import said

OURS = UUID("5f3b1d0e-6a44-5c1b-9d0a-0e5a3c7b9f11")
IN_FORCE_SINCE = date(2026, 1, 5)


async def issue_all(door: Gateway, agencies: dict[str, str], password: str) -> None:
    """Every procedure that was data before, each by the staff of its own agency."""
    for name in procedures.names():
        given = procedures.read(name)
        hands = {
            member.key: await door.sign_in(member.username, password)
            for member in staff.members()
            if member.agency_code == given.agency_code
        }
        await _issue(given, hands, agencies[given.agency_code])
        print(f"  {given.code} {given.title}: {said('demo_in_force', since=f'{IN_FORCE_SINCE:%d/%m/%Y}')}")


async def _issue(given: DemoProcedure, hands: dict[str, Gateway], agency_id: str) -> None:
    def once(step: str) -> UUID:
        return uuid5(OURS, f"{given.code}:{step}")

    secretary = hands["secretary"]
    made = await secretary.do(
        "createDocument",
        "Document { id version }",
        requestId=once("create"),
        agencyId=agency_id,
        kind=given.kind,
        code=given.code,
        title=given.title,
        uploadId=await secretary.upload(agency_id, _file(given), request_id=once("file")),
        distribution=[agency_id],
        procedure=given.procedure,
    )
    for hand, step in (("secretary", "submit"), ("division", "review"), ("deputy", "approve")):
        made = await hands[hand].do(
            f"{step}Revision",
            "Document { id version }",
            requestId=once(step),
            documentId=made["id"],
            expectedVersion=made["version"],
        )
    await hands["head"].do(
        "issueRevision",
        "Document { id version }",
        requestId=once("issue"),
        documentId=made["id"],
        expectedVersion=made["version"],
        effectiveFrom=IN_FORCE_SINCE,
        migratedFromPaper=True,
    )


def _file(given: DemoProcedure) -> File:
    names = {agency.code: agency.name for agency in province.agencies()}
    agency, since = names[given.agency_code], f"{IN_FORCE_SINCE:%d/%m/%Y}"
    content = docx.document(given, agency=agency, revision=1, effective=since)
    return File(name=f"{given.code}.docx", media_type=docx.MEDIA_TYPE, content=content)
