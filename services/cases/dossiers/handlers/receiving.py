"""Receiving a dossier: the procedure in force that day, its steps and agencies, and when it is due."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.cases import dossiers as c
from contracts.documents.procedures import DurationUnit, ProcedureContent
from kernel.base.clock import VIETNAM
from kernel.base.errors import Invalid
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from org.tables import agency_nodes
from services.cases import rules
from services.cases.clocks import calendars
from services.cases.clocks.domain import Clock, Counting, seconds_of
from services.cases.clocks.moments import this_second
from services.cases.dossiers import queries
from services.cases.dossiers.domain import step as steps
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.repository import DossierRepository
from services.cases.learnt.appointed import check_still_appointed
from services.cases.links.handlers import Ties
from services.cases.procedures import repository as procedures
from worktime.calendar import BadCalendar


@command(c.RegisterDossier)
def register_dossier(call: Call, command: c.RegisterDossier) -> c.DossierView:
    """Receive it, and start its clocks."""
    call.require(agency_id=command.agency_id)
    check_still_appointed(call)
    by = acted(call, this_second(call))
    received_at = (command.received_at or by.at).astimezone(UTC).replace(microsecond=0)
    if received_at > by.at:
        raise Invalid("moment_in_the_future", "receivedAt")
    _check_agencies(call, command)
    competent = command.competent_agency_id or command.agency_id
    procedure = _procedure(call, command, received_at, {command.agency_id, competent})
    check_receipt(local_day(received_at), call.today(), rules.bringing(call.today()).registered_days)
    _check_ties(call, command, procedure, local_day(received_at))
    counting = calendars.counting(call, local_day(received_at))
    dossier = opened(
        procedure,
        counting,
        received_at,
        agency_id=command.agency_id,
        number=command.number,
        competent_agency_id=competent,
        first_heard_at=by.at,
        **brought_by(call),
    )
    dossier.applicant_name = command.applicant_name
    dossier.supporting = _distinct(command.supporting_agency_ids)
    dossier.coordinating = _distinct(command.coordinating_agency_ids)
    blocks = {each.block: each.agency_id for each in command.blocks}
    content: ProcedureContent = procedure["content"]
    dossier.steps = steps.copied(content, command.agency_id, blocks)
    dossier.step_clocks = steps.clocks_of(content, counting.rules.hours_per_day)
    repository = DossierRepository(call)
    repository.add(dossier)
    started(dossier, lambda: dossier.begin(counting, by))
    repository.write_derived([dossier])
    [view] = queries.views(call, [dossier.id])
    return view


def brought_by(call: Call) -> dict[str, Any]:
    """Who enters a dossier: a person with their post, or a portal's program."""
    actor = call.actor
    if actor.is_client:
        return {"brought_by_client_id": actor.person_id}
    return {"brought_by_id": actor.person_id, "brought_by_position_id": actor.position_id}


def check_receipt(received_on: date, today: date, days: int) -> None:
    """Refuse a day of receipt that lies further back than the rule lets it."""
    if received_on < today - timedelta(days=days):
        raise Invalid("received_too_long_ago", "receivedAt", days=days)


def _check_ties(call: Call, command: c.RegisterDossier, procedure: Any, day: date) -> None:
    """Only who is tied to the receiving agency answers for the whole, or for a block of steps."""
    ties = Ties(call.session, command.agency_id, call.today())
    if command.competent_agency_id is not None:
        ties.expect(command.competent_agency_id, procedure, day, ("competentAgencyId", "receivedAt"))
    begins = procedure["content"].steps[0].block if procedure["content"].steps else None
    for place, each in enumerate(command.blocks):
        # Only the first step's clock runs from receipt; that of a later one from its hand-over, which is now.
        since = day if each.block == begins else call.today()
        ties.expect(each.agency_id, procedure, since, (f"blocks.{place}.agencyId", "receivedAt"))


def opened(procedure: Any, counting: Counting, received_at: datetime, **given: Any) -> Dossier:
    """A new dossier under that revision, its clock made and not yet started."""
    return Dossier(
        id=new_id(),
        received_at=received_at,
        counts_from=counting.begins(received_at),
        rules_on=local_day(received_at),
        calendar_version=counting.calendar_version,
        clock=clock_of(procedure["content"], counting),
        **pinned(procedure),
        **given,
    )


def pinned(procedure: Any) -> dict[str, Any]:
    """What a dossier keeps of the revision it is under."""
    return {
        "kind": c.DossierKind.TTHC if procedure["tthc_code"] else c.DossierKind.INTERNAL,
        "document_id": procedure["document_id"],
        "revision_id": procedure["revision_id"],
        "revision_number": procedure["number"],
        "document_code": procedure["code"],
        "title": procedure["title"],
        "tthc_code": procedure["tthc_code"],
    }


def clock_of(content: ProcedureContent, counting: Counting) -> Clock | None:
    """The clock of the whole: the legal time, else what the steps take together."""
    hours = counting.rules.hours_per_day
    counted = [each for each in steps.allowed(content) if each.unit is not DurationUnit.OFFICE_HOURS]
    seconds = sum(seconds_of(each, hours) for each in counted)
    if not seconds:
        return None
    is_working = all(each.unit is not DurationUnit.CALENDAR_DAY for each in counted)
    return Clock(seq=0, seconds=seconds, is_working=is_working)


def started(dossier: Dossier, start: Any) -> None:
    """Start its clocks; a due time further off than any calendar is the procedure's mistake."""
    try:
        start()
    except (BadCalendar, OverflowError):
        raise Invalid("due_beyond_counting", None, code=dossier.document_code) from None


def local_day(moment: datetime) -> date:
    """The date in Vietnam."""
    return moment.astimezone(VIETNAM).date()


def _procedure(call: Call, command: c.RegisterDossier, received_at: datetime, agencies: set[UUID]) -> Any:
    day = local_day(received_at)
    if (command.document_id is None) == (command.tthc_code is None):
        raise Invalid("procedure_not_named", "documentId")
    if command.document_id is not None:
        return procedures.by_document(call.session, command.document_id, day, agencies)
    return procedures.by_tthc(call.session, command.tthc_code or "", day, agencies)


def _check_agencies(call: Call, command: c.RegisterDossier) -> None:
    named: list[tuple[str, Iterable[UUID]]] = [
        ("competentAgencyId", [command.competent_agency_id] if command.competent_agency_id else []),
        ("supportingAgencyIds", command.supporting_agency_ids),
        ("coordinatingAgencyIds", command.coordinating_agency_ids),
        ("blocks", [each.agency_id for each in command.blocks]),
    ]
    wanted = {agency for _, agencies in named for agency in agencies}
    known = set(call.session.scalars(select(agency_nodes.c.id).where(agency_nodes.c.id.in_(wanted))))
    for field, agencies in named:
        if strangers := [agency for agency in agencies if agency not in known]:
            raise Invalid("agency_unknown", field, agency=strangers[0])


def _distinct(agencies: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(agencies))
