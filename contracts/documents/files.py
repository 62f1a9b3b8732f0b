"""Files: on their way into the store, as a part of a revision, and their way out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import (
    Command,
    Form,
    Question,
    text,
)


@dataclass(kw_only=True)
class FileView:
    """The file of a revision as kept in the object store, read by its version id."""

    upload_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    locked_until: datetime | None


@dataclass(kw_only=True)
class DownloadView:
    """A link to the bytes of one revision, good until `expires_at`."""

    url: str
    expires_at: datetime
    sha256: str


@dataclass(kw_only=True)
class DownloadRevision(Question[DownloadView]):
    """A link to the file of one revision."""

    revision_id: UUID


Sha256 = Annotated[str, text(Form.CODE, 0, 64, r"^[0-9a-f]{64}\Z")]


@dataclass(kw_only=True)
class UploadTicket:
    """A reservation: PUT the bytes to `url` with exactly these headers before `expires_at`.

    Type and length are part of the link's signature: the store refuses other ones, and bytes sent in pieces
    of no stated length.
    """

    upload_id: UUID
    url: str
    headers: dict[str, str]
    expires_at: datetime


@dataclass(kw_only=True)
class UploadView:
    """An upload and whether it may be used; its name is as it was kept, with the ending of its type."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    state: str


@dataclass(kw_only=True)
class ReserveUpload(Command[UploadTicket]):
    """Ask for a place to put a file; nothing can be seen of it before it is confirmed."""

    agency_id: UUID
    name: Annotated[str, text(Form.LINE, 1, 200)]
    media_type: Annotated[str, text(Form.CODE, 3, 120)]
    size: Annotated[int, Meta(ge=1)]
    sha256: Sha256


@dataclass(kw_only=True)
class ConfirmUpload(Command[UploadView]):
    """Say that the bytes are there: they are compared with the reservation, opened and judged.

    A file that acts by itself, reads from elsewhere, carries other files or cannot be judged is refused for
    good; the refusal names where in it.
    """

    upload_id: UUID
