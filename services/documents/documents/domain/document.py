"""The life of a controlled document. Pure: no clock, no database, no bus."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.base import Event
from contracts.documents.documents import DocumentKind, RevisionState
from contracts.documents.events import (
    RevisionApproved,
    RevisionIssued,
    RevisionReturned,
    RevisionReviewed,
    RevisionSubmitted,
)
from contracts.documents.procedures import ProcedureContent
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Forbidden, Invalid
from org.acted import Acted
from services.documents.documents.domain.revision import File, Revision

_RETURNABLE = (RevisionState.IN_REVIEW, RevisionState.REVIEWED, RevisionState.APPROVED)


@dataclass(eq=False, kw_only=True)
class Document(Aggregate):
    """A document and all its revisions; at most one of them is open, that is, not yet issued."""

    agency_id: UUID
    kind: DocumentKind
    code: str
    title: str
    distribution: list[UUID] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    changes: int = 0
    numbered_in: UUID | None = None
    """Under which agency the code was given, where another owns the document since."""

    @property
    def open_revision(self) -> Revision | None:
        """The revision that is on its way."""
        return next((r for r in self.revisions if r.state is not RevisionState.ISSUED), None)

    @property
    def last_issued(self) -> Revision | None:
        """The issued revision that begins last."""
        issued = [r for r in self.revisions if r.effective_from is not None]
        return max(issued, key=lambda r: r.effective_from or date.min, default=None)

    def draft(
        self, *, id: UUID, file: File, by: Acted, procedure: ProcedureContent | None, note: str | None
    ) -> Revision:
        """Open the next revision."""
        if self.open_revision is not None:
            raise Conflict("revision_already_open", number=self.open_revision.number)
        revision = Revision(
            id=id,
            document_id=self.id,
            number=1 + max((r.number for r in self.revisions), default=0),
            upload_id=file.upload_id,
            file_name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            object_key=file.key,
            object_version=file.version_id,
            author_id=by.signer,
            author_position_id=by.position_id,
            procedure=procedure,
            change_note=note,
        )
        self.revisions.append(revision)
        self._touch()
        return revision

    def edit(self, *, file: File | None, by: Acted, **changes: Any) -> None:
        """Change the open draft; the person who changes it becomes its author."""
        revision = self._open(RevisionState.DRAFT)
        if file is not None:
            revision.attach(file)
        for name in ("procedure", "change_note"):
            if name in changes:
                setattr(revision, name, changes[name])
        for name in ("title", "distribution"):
            if changes.get(name) is not None:
                setattr(self, name, changes[name])
        revision.write(by)
        self._touch()

    def submit(self, *, by: Acted) -> None:
        """Hand the draft in; its content stands still from now on."""
        revision = self._open(RevisionState.DRAFT)
        revision.state, revision.submitted_at = RevisionState.IN_REVIEW, by.at
        self._say(RevisionSubmitted(**self._about(revision), submitted_by=by.signer))

    def review(self, *, by: Acted, note: str | None) -> None:
        """Find the revision fit to be approved."""
        revision = self._open(RevisionState.IN_REVIEW)
        _other_than_author(revision, by)
        revision.state, revision.review_note = RevisionState.REVIEWED, note
        revision.reviewed_by, revision.reviewed_as, revision.reviewed_at = by.signer, by.position_id, by.at
        revision.reviewed_for = by.on_behalf_of
        about = self._about(revision)
        self._say(RevisionReviewed(**about, author_id=revision.author_id, reviewed_by=by.signer))

    def send_back(self, *, by: Acted, reason: str) -> None:
        """Return the revision to its author."""
        revision = self._open(*_RETURNABLE)
        revision.unsign()
        about = self._about(revision)
        self._say(
            RevisionReturned(**about, author_id=revision.author_id, returned_by=by.signer, reason=reason)
        )

    def approve(self, *, by: Acted) -> None:
        """Approve the reviewed revision, never one's own (TCVN ISO 9001:2015, 7.5.2 c)."""
        revision = self._open(RevisionState.REVIEWED)
        _other_than_author(revision, by)
        revision.state = RevisionState.APPROVED
        revision.approved_by, revision.approved_as, revision.approved_at = by.signer, by.position_id, by.at
        revision.approved_for = by.on_behalf_of
        about = self._about(revision)
        self._say(RevisionApproved(**about, author_id=revision.author_id, approved_by=by.signer))

    def issue(self, *, by: Acted, effective_from: date, today: date, migrated_from_paper: bool) -> Revision:
        """Put the approved revision into force; the one before ends that day (7.5.3)."""
        revision = self._open(RevisionState.APPROVED)
        _other_than_author(revision, by)
        _effective(effective_from, today, migrated_from_paper)
        before = self.last_issued
        if before is not None and before.effective_from is not None:
            if effective_from <= before.effective_from:
                earliest = before.effective_from.isoformat()
                raise Invalid("not_after_previous_revision", "effectiveFrom", previous=earliest)
            before.effective_to = effective_from
        revision.state, revision.effective_from = RevisionState.ISSUED, effective_from
        revision.migrated_from_paper = migrated_from_paper
        revision.issued_by, revision.issued_as, revision.issued_at = by.signer, by.position_id, by.at
        revision.issued_for = by.on_behalf_of
        self._say(self._issued(revision, before))
        return revision

    def pass_on(self, to: Acted) -> Revision:
        """Let somebody else answer for the open revision as its author; what was signed stays signed."""
        revision = self.open_revision
        if revision is None:
            raise Conflict("no_open_revision", code=self.code)
        revision.write(to)
        self._touch()
        return revision

    def follow(self, heirs: Mapping[UUID, UUID]) -> None:
        """Let those who took over own it and have it handed out. What was signed says what it said."""
        if self.agency_id in heirs:
            self.numbered_in = self.numbered_in or self.agency_id
            self.agency_id = heirs[self.agency_id]
        self.distribution = list(dict.fromkeys(heirs.get(each, each) for each in self.distribution))

    def snapshot(self) -> dict[str, Any]:
        """The state as the trail shows it: one key per fact, so that a difference names just what changed."""
        own = {"agency_id", "kind", "code", "title", "distribution", "numbered_in"}
        state = {name: getattr(self, name) for name in own}
        for revision in self.revisions:
            state |= revision.snapshot()
        return state

    def _issued(self, revision: Revision, before: Revision | None) -> RevisionIssued:
        assert revision.effective_from is not None
        assert revision.issued_by is not None
        return RevisionIssued(
            **self._about(revision),
            kind=self.kind,
            effective_from=revision.effective_from,
            issued_by=revision.issued_by,
            author_id=revision.author_id,
            migrated_from_paper=revision.migrated_from_paper,
            distribution=tuple(self.distribution),
            supersedes=before.number if before else None,
            procedure=revision.procedure,
        )

    def _about(self, revision: Revision) -> dict[str, Any]:
        return {
            "document_id": self.id,
            "revision_id": revision.id,
            "agency_id": self.agency_id,
            "code": self.code,
            "title": self.title,
            "number": revision.number,
        }

    def _open(self, *states: RevisionState) -> Revision:
        revision = self.open_revision
        if revision is None:
            raise Conflict("no_open_revision", code=self.code)
        if revision.state not in states:
            raise Conflict("not_in_this_state", state=revision.state)
        return revision

    def _say(self, event: Event) -> None:
        self.record(event)
        self._touch()

    def _touch(self) -> None:
        # A change of a revision alone must also raise the document's version, on which writers agree.
        self.changes += 1


def _other_than_author(revision: Revision, by: Acted) -> None:
    # Neither the author's own hand nor one that acts for the author.
    if revision.written_by & {by.signer, by.on_behalf_of}:
        raise Forbidden("own_revision")


def _effective(effective_from: date, today: date, migrated_from_paper: bool) -> None:
    if migrated_from_paper and effective_from >= today:
        raise Invalid("migrated_must_be_past", "effectiveFrom", today=today.isoformat())
    if not migrated_from_paper and effective_from < today:
        raise Invalid("effective_in_the_past", "effectiveFrom", today=today.isoformat())
