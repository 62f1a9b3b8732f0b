"""Drafting: new documents, new revisions and changes of a draft."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.documents import documents as c
from contracts.documents.procedures import ProcedureContent
from kernel.base.errors import Conflict, Invalid
from kernel.base.ids import new_id
from kernel.work import uploads
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from org.succession import lineage
from org.tables import agency_nodes
from services.documents import rules
from services.documents.documents.domain.document import Document
from services.documents.documents.opening import file_of, loaded, shown
from services.documents.documents.repository import DocumentRepository
from services.documents.procedures import domain as procedure


@command(c.CreateDocument)
def create_document(call: Call, command: c.CreateDocument) -> c.DocumentView:
    """A controlled document with its first draft."""
    call.require(agency_id=command.agency_id)
    _check(call, command.procedure, command.distribution)
    if DocumentRepository(call).is_code_used(command.agency_id, command.code):
        raise Conflict("document_code_taken", "code")
    document = Document(
        id=new_id(),
        agency_id=command.agency_id,
        kind=command.kind,
        code=command.code,
        title=command.title,
        distribution=_distinct(command.distribution),
    )
    upload = uploads.usable(call.session, command.upload_id, lineage(call.session, [command.agency_id]))
    document.draft(
        id=new_id(),
        file=file_of(upload),
        by=acted(call),
        procedure=command.procedure,
        note=command.change_note,
    )
    DocumentRepository(call).add(document)
    return shown(call, document)


@command(c.StartRevision)
def start_revision(call: Call, command: c.StartRevision) -> c.DocumentView:
    """The next draft; whatever it does not say again is taken over from the revision before."""
    document = loaded(call, command.document_id, command.expected_version)
    before = document.last_issued
    content = command.procedure or (before.procedure if before else None)
    _check(call, content, command.distribution or [])
    upload = uploads.usable(call.session, command.upload_id, lineage(call.session, [document.agency_id]))
    document.draft(
        id=new_id(), file=file_of(upload), by=acted(call), procedure=content, note=command.change_note
    )
    if command.distribution is not None:
        document.distribution = _distinct(command.distribution)
    return shown(call, document)


@command(c.EditDraft)
def edit_draft(call: Call, command: c.EditDraft) -> c.DocumentView:
    """Change what is named, empty what is cleared, leave the rest."""
    document = loaded(call, command.document_id, command.expected_version)
    _check(call, command.procedure, command.distribution or [])
    file = None
    if command.upload_id is not None:
        file = file_of(
            uploads.usable(call.session, command.upload_id, lineage(call.session, [document.agency_id]))
        )
    document.edit(file=file, by=acted(call), **_changes(command))
    return shown(call, document)


def _changes(command: c.EditDraft) -> dict[str, Any]:
    names = ("title", "distribution", "procedure", "change_note")
    changes = {name: getattr(command, name) for name in names if getattr(command, name) is not None}
    for cleared in command.clears:
        if cleared in changes:
            raise Invalid("set_and_cleared", "clears", name=cleared)
        changes[cleared] = None
    return changes


def _check(call: Call, content: ProcedureContent | None, distribution: Iterable[UUID]) -> None:
    if content is not None:
        procedure.check(content, rules.hours_per_day(call.today()))
    wanted = set(distribution)
    if not wanted:
        return
    known = set(call.session.scalars(select(agency_nodes.c.id).where(agency_nodes.c.id.in_(wanted))))
    if strangers := sorted(wanted - known):
        raise Invalid("distributed_to_unknown_agency", "distribution", agency=strangers[0])


def _distinct(agency_ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(agency_ids))
