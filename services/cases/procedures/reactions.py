"""The copy of others' facts that cases needs: agencies, who holds what, and every procedure ever issued."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from contracts.documents.events import RevisionIssued
from kernel.work.call import Reaction
from kernel.work.operations import on
from services.cases.procedures.tables import procedures


@on(RevisionIssued)
def learn_procedure(call: Reaction, event: RevisionIssued) -> None:
    """Keep the revision for good: dossiers stay with the one in force when they were received."""
    # Revisions of one document projected side by side would not see each other's first day.
    lock = text("select pg_advisory_xact_lock(hashtextextended(:document, 0))")
    call.session.execute(lock, {"document": str(event.document_id)})
    row = {
        "revision_id": event.revision_id,
        "document_id": event.document_id,
        "number": event.number,
        "agency_id": event.agency_id,
        "code": event.code,
        "title": event.title,
        "tthc_code": event.procedure.tthc_code if event.procedure else None,
        "distribution": list(event.distribution),
        "effective_from": event.effective_from,
        "content": event.procedure,
    }
    call.session.execute(insert(procedures).values(row).on_conflict_do_nothing())
    call.session.execute(_SPANS, {"document": event.document_id})


_SPANS = text(
    """
  update procedures set effective_to = following.begins
    from (select revision_id, lead(effective_from) over (order by effective_from, number) as begins
            from procedures where document_id = :document) as following
   where procedures.revision_id = following.revision_id
     and procedures.effective_to is distinct from following.begins
"""
)
