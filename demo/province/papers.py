"""The first documents of the demonstration: put in force from paper, by four hands, as everything is."""

from datetime import date
from uuid import UUID, uuid5

from client.gateway import File, Gateway
from demo.province import docx, procedures, province, staff
from demo.province.procedures import DemoProcedure
from deploy.speech import said

OURS = UUID("5f3b1d0e-6a44-5c1b-9d0a-0e5a3c7b9f11")
IN_FORCE_SINCE = date(2026, 1, 5)


async def issue_all(caller: Gateway, agencies: dict[str, str], password: str) -> None:
    """Every procedure that was data before, each by the staff of its own agency."""
    for name in procedures.names():
        given = procedures.read(name)
        hands = {
            member.key: await caller.enter(member.username, password)
            for member in staff.members()
            if member.agency_code == given.agency_code
        }
        await _issue(given, hands, agencies[given.agency_code])
        print(f"  {given.code} {given.title}: {said('demo_in_force', since=f'{IN_FORCE_SINCE:%d/%m/%Y}')}")


async def _issue(given: DemoProcedure, hands: dict[str, Gateway], agency_id: str) -> None:
    def once(step: str) -> UUID:
        return uuid5(OURS, f"{given.code}:{step}")

    secretary = hands["secretary"]
    made = await secretary.create_document(
        request_id=once("create"),
        agency_id=agency_id,
        kind=given.kind,
        code=given.code,
        title=given.title,
        upload_id=await secretary.upload(agency_id, _file(given), request_id=once("file")),
        distribution=[agency_id],
        procedure=given.procedure,
    )
    for hand, step, command in (
        ("secretary", "submit", Gateway.submit_revision),
        ("division", "review", Gateway.review_revision),
        ("deputy", "approve", Gateway.approve_revision),
    ):
        made = await command(
            hands[hand],
            request_id=once(step),
            document_id=made["id"],
            expected_version=made["version"],
        )
    await hands["head"].issue_revision(
        request_id=once("issue"),
        document_id=made["id"],
        expected_version=made["version"],
        effective_from=IN_FORCE_SINCE,
        migrated_from_paper=True,
    )


def _file(given: DemoProcedure) -> File:
    names = {agency.code: agency.name for agency in province.agencies()}
    agency, since = names[given.agency_code], f"{IN_FORCE_SINCE:%d/%m/%Y}"
    content = docx.document(given, agency=agency, revision=1, effective=since)
    return File(name=f"{given.code}.docx", media_type=docx.MEDIA_TYPE, content=content)
