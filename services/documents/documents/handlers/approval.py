"""The way of a revision: handed in, reviewed, sent back, approved, issued."""

from datetime import timedelta

from contracts.documents import documents as c
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from services.documents import rules
from services.documents.documents.opening import loaded, shown
from services.documents.documents.repository import DocumentRepository


@command(c.SubmitRevision)
def submit_revision(call: Call, command: c.SubmitRevision) -> c.DocumentView:
    """Hand the draft in."""
    document = loaded(call, command.document_id, command.expected_version)
    document.submit(by=acted(call))
    return shown(call, document)


@command(c.ReviewRevision)
def review_revision(call: Call, command: c.ReviewRevision) -> c.DocumentView:
    """Find it fit to be approved."""
    document = loaded(call, command.document_id, command.expected_version)
    document.review(by=acted(call), note=command.note)
    return shown(call, document)


@command(c.ReturnRevision)
def return_revision(call: Call, command: c.ReturnRevision) -> c.DocumentView:
    """Send it back to its author."""
    document = loaded(call, command.document_id, command.expected_version)
    document.send_back(by=acted(call), reason=command.reason)
    call.because(command.reason)
    return shown(call, document)


@command(c.ApproveRevision)
def approve_revision(call: Call, command: c.ApproveRevision) -> c.DocumentView:
    """Approve it."""
    document = loaded(call, command.document_id, command.expected_version)
    document.approve(by=acted(call))
    return shown(call, document)


@command(c.IssueRevision)
def issue_revision(call: Call, command: c.IssueRevision) -> c.DocumentView:
    """Put it into force, and lock its file before anybody can rely on it.

    The lock is set before the commit: a lock without an issue is harmless and runs out, an issue
    without a lock would be a promise not kept.
    """
    document = loaded(call, command.document_id, command.expected_version)
    revision = document.issue(
        by=acted(call),
        effective_from=command.effective_from,
        today=call.today(),
        migrated_from_paper=command.migrated_from_paper,
    )
    until = call.real_now() + timedelta(days=rules.retention(call.today())["lock_days"])
    call.store.lock(revision.object_key, revision.object_version, until)
    revision.locked_until = until
    DocumentRepository(call).distribute(document)
    return shown(call, document)
