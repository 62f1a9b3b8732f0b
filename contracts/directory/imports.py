"""Importing people with positions and roles: rows sent in stretches, judged as a whole, applied at once."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.base import Command, Form, Name, PageEnd, PageOf, Question, text

Cell = Annotated[str, text(Form.VERBATIM, 0, 1000)]
MOST_ROWS = 100_000
AT_ONCE = 500
"""Rows in one stretch."""


class ImportState(StrEnum):
    """Where an import stands; one that could not be applied is checked as before and says why.

    Of one that was never applied the rows are forgotten after a while, and then it does nothing any more.
    """

    OPEN = "open"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    FORGOTTEN = "forgotten"


class RowVerdict(StrEnum):
    """What becomes of a row; with one that is bad nothing of the import is applied."""

    CREATES = "creates"
    AMENDS = "amends"
    UNCHANGED = "unchanged"
    BAD = "bad"


@dataclass(kw_only=True)
class PersonRow:
    """One line of the file as it stands there. Rows of one staff number are one person in several positions.

    `roles` are codes or names of the catalogue, separated by `;`, each perhaps for another agency (`@H42.01`)
    and with all below it (`+`). Without a title they are granted to the person.
    """

    line: Annotated[int, Meta(ge=1, le=10_000_000)]
    staff_number: Cell = ""
    full_name: Cell = ""
    email: Cell = ""
    phone: Cell = ""
    identity_number: Cell = ""
    agency_code: Cell = ""
    title: Cell = ""
    held_from: Cell = ""
    held_to: Cell = ""
    roles: Cell = ""


@dataclass(kw_only=True)
class RowRemark:
    """What is wrong with a cell and what to do, or what was mended in it."""

    column: str
    code: str
    message: str
    message_en: str
    remedy: str | None
    remedy_en: str | None


@dataclass(kw_only=True)
class ImportedRowView:
    """One row with its verdict."""

    line: int
    staff_number: str
    full_name: str
    verdict: RowVerdict | None
    problems: list[RowRemark]
    notes: list[RowRemark]


@dataclass(kw_only=True)
class ImportedRowPage(PageEnd):
    """A page of rows by line; `cursors[i]` belongs to `items[i]`."""

    items: list[ImportedRowView]


@dataclass(kw_only=True)
class PeopleImportView:
    """An import and how far it is: `done` of `rows` in the work that goes on."""

    id: UUID
    file_name: str
    state: ImportState
    rows: int
    received: int
    done: int
    creating: int
    amending: int
    unchanged: int
    bad: int
    failure: str | None
    failure_en: str | None
    failed_line: int | None
    is_stopped: bool
    requested_at: datetime
    applied_at: datetime | None
    version: int


@dataclass(kw_only=True)
class PeopleImport(Question[PeopleImportView]):
    """One of the caller's own imports."""

    import_id: UUID


@dataclass(kw_only=True)
class ListImportedRows(PageOf[ImportedRowPage]):
    """Rows of one of the caller's own imports, by line; perhaps of one verdict only."""

    import_id: UUID
    verdict: RowVerdict | None = None


@dataclass(kw_only=True)
class BeginPeopleImport(Command[PeopleImportView]):
    """Begin an import; its rows follow."""

    file_name: Name
    rows: Annotated[int, Meta(ge=1, le=MOST_ROWS)]


@dataclass(kw_only=True)
class AddImportedRows(Command[PeopleImportView]):
    """Send a stretch of rows; a line sent again takes the place of what was sent before."""

    import_id: UUID
    rows: Annotated[list[PersonRow], Meta(min_length=1, max_length=AT_ONCE)] = field(default_factory=list)


@dataclass(kw_only=True)
class CheckPeopleImport(Command[PeopleImportView]):
    """Judge every row, as what it would do today; nothing is changed by that."""

    import_id: UUID


@dataclass(kw_only=True)
class ApplyPeopleImport(Command[PeopleImportView]):
    """Carry out an import none of whose rows is bad, all of it or nothing."""

    import_id: UUID
    expected_version: int
