"""One revision of a document: its content, who did what with it, and when it is in force."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.documents.documents import RevisionState, Standing
from contracts.documents.procedures import ProcedureContent
from org.acted import Acted


@dataclass(frozen=True, kw_only=True)
class File:
    """The file of a revision: which upload, and which version in the store."""

    upload_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    key: str
    version_id: str


@dataclass(eq=False, kw_only=True)
class Revision:
    """Changed only through its document."""

    id: UUID
    document_id: UUID
    number: int
    upload_id: UUID
    file_name: str
    media_type: str
    size: int
    sha256: str
    object_key: str
    object_version: str
    author_id: UUID
    state: RevisionState = RevisionState.DRAFT
    change_note: str | None = None
    procedure: ProcedureContent | None = None
    author_position_id: UUID | None = None
    earlier_authors: list[UUID] = field(default_factory=list)
    submitted_at: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_as: UUID | None = None
    reviewed_for: UUID | None = None
    reviewed_at: datetime | None = None
    review_note: str | None = None
    approved_by: UUID | None = None
    approved_as: UUID | None = None
    approved_for: UUID | None = None
    approved_at: datetime | None = None
    issued_by: UUID | None = None
    issued_as: UUID | None = None
    issued_for: UUID | None = None
    issued_at: datetime | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    migrated_from_paper: bool = False
    locked_until: datetime | None = None

    @property
    def written_by(self) -> set[UUID]:
        """Everybody whose text it is: who answers for it now, and who did before."""
        return {self.author_id, *self.earlier_authors}

    def write(self, by: Acted) -> None:
        """Let somebody answer for it as its author; whose text it was is not forgotten."""
        if by.signer != self.author_id and self.author_id not in self.earlier_authors:
            self.earlier_authors = [*self.earlier_authors, self.author_id]
        self.author_id, self.author_position_id = by.signer, by.position_id

    def attach(self, file: File) -> None:
        """Let this file be the revision's."""
        self.upload_id, self.file_name, self.media_type = file.upload_id, file.name, file.media_type
        self.size, self.sha256 = file.size, file.sha256
        self.object_key, self.object_version = file.key, file.version_id

    def unsign(self) -> None:
        """Back to a draft: what was signed no longer stands."""
        self.state = RevisionState.DRAFT
        self.submitted_at = self.reviewed_at = self.approved_at = None
        self.reviewed_by = self.reviewed_as = self.approved_by = self.approved_as = None
        self.reviewed_for = self.approved_for = None
        self.review_note = None

    def snapshot(self) -> dict[str, Any]:
        """What the trail compares, under keys of this revision's own."""
        hidden = {"id", "document_id", "number", "size", "media_type", "object_key"}
        return {
            f"revision.{self.number}.{name}": getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in hidden
        }


def standing(
    state: RevisionState, effective_from: date | None, effective_to: date | None, day: date
) -> Standing:
    """What a revision is on a business date; it ends the day its successor begins."""
    if state is not RevisionState.ISSUED or effective_from is None:
        return Standing.NOT_ISSUED
    if day < effective_from:
        return Standing.NOT_YET_IN_FORCE
    if effective_to is not None and day >= effective_to:
        return Standing.SUPERSEDED
    return Standing.IN_FORCE
