"""What is asked about imports. Written by `make client`; change the operations instead."""

from collections.abc import Sequence
from typing import TypedDict

from client.caller import Caller, Id, Shape
from client.generated.enums import ImportState, RowVerdict
from client.generated.inputs import PersonRowInput


class ImportNow(TypedDict):
    """What is asked of a PeopleImport."""

    id: str
    state: ImportState
    rows: int
    done: int
    creating: int
    amending: int
    unchanged: int
    bad: int
    failure: str | None
    failureEn: str | None
    failedLine: int | None
    isStopped: bool
    version: int


class ImportedLineProblems(TypedDict):
    """What is asked of a RowRemark."""

    column: str
    message: str
    messageEn: str
    remedy: str | None
    remedyEn: str | None


class ImportedLineNotes(TypedDict):
    """What is asked of a RowRemark."""

    column: str
    message: str
    messageEn: str


class ImportedLine(TypedDict):
    """What is asked of a ImportedRow."""

    line: int
    staffNumber: str
    fullName: str
    verdict: RowVerdict | None
    problems: list[ImportedLineProblems]
    notes: list[ImportedLineNotes]


BEGIN_PEOPLE_IMPORT = """
mutation BeginPeopleImport($input: BeginPeopleImportInput!) { answer: beginPeopleImport(input: $input) {
__typename ...ImportNow ... on Problem { code message remedy field } } } fragment ImportNow on
PeopleImport { id state rows done creating amending unchanged bad failure failureEn failedLine isStopped
version }
"""

ADD_IMPORTED_ROWS = """
mutation AddImportedRows($input: AddImportedRowsInput!) { answer: addImportedRows(input: $input) {
__typename ...ImportNow ... on Problem { code message remedy field } } } fragment ImportNow on
PeopleImport { id state rows done creating amending unchanged bad failure failureEn failedLine isStopped
version }
"""

CHECK_PEOPLE_IMPORT = """
mutation CheckPeopleImport($input: CheckPeopleImportInput!) { answer: checkPeopleImport(input: $input) {
__typename ...ImportNow ... on Problem { code message remedy field } } } fragment ImportNow on
PeopleImport { id state rows done creating amending unchanged bad failure failureEn failedLine isStopped
version }
"""

APPLY_PEOPLE_IMPORT = """
mutation ApplyPeopleImport($input: ApplyPeopleImportInput!) { answer: applyPeopleImport(input: $input) {
__typename ...ImportNow ... on Problem { code message remedy field } } } fragment ImportNow on
PeopleImport { id state rows done creating amending unchanged bad failure failureEn failedLine isStopped
version }
"""

PEOPLE_IMPORT = """
query PeopleImport($importId: UUID!) { peopleImport(importId: $importId) { ...ImportNow } } fragment
ImportNow on PeopleImport { id state rows done creating amending unchanged bad failure failureEn
failedLine isStopped version }
"""

IMPORTED_ROWS = """
query ImportedRows($importId: UUID!, $after: String) { importedRows(importId: $importId, first: 100,
after: $after) { edges { node { ...ImportedLine } } pageInfo { hasNextPage endCursor } } } fragment
ImportedLine on ImportedRow { line staffNumber fullName verdict problems { column message messageEn
remedy remedyEn } notes { column message messageEn } }
"""

FIRST_BAD_ROWS = """
query FirstBadRows($importId: UUID!) { importedRows(importId: $importId, verdict: BAD, first: 100) {
edges { node { ...ImportedLine } } } } fragment ImportedLine on ImportedRow { line staffNumber fullName
verdict problems { column message messageEn remedy remedyEn } notes { column message messageEn } }
"""


class AboutImports(Caller):
    """Operations about imports."""

    async def begin_people_import(
        self, *, file_name: str, rows: int, request_id: Id | None = None
    ) -> ImportNow:
        """Begin an import; its rows follow."""
        done: ImportNow = await self._command(
            "beginPeopleImport",
            BEGIN_PEOPLE_IMPORT,
            {"file_name": file_name, "rows": rows, "request_id": request_id},
        )
        return done

    async def add_imported_rows(
        self,
        *,
        import_id: Id,
        request_id: Id | None = None,
        rows: Sequence[PersonRowInput | Shape] | None = None,
    ) -> ImportNow:
        """Send a stretch of rows; a line sent again takes the place of what was sent before."""
        done: ImportNow = await self._command(
            "addImportedRows",
            ADD_IMPORTED_ROWS,
            {"import_id": import_id, "request_id": request_id, "rows": rows},
        )
        return done

    async def check_people_import(self, *, import_id: Id, request_id: Id | None = None) -> ImportNow:
        """Judge every row, as what it would do today; nothing is changed by that."""
        done: ImportNow = await self._command(
            "checkPeopleImport", CHECK_PEOPLE_IMPORT, {"import_id": import_id, "request_id": request_id}
        )
        return done

    async def apply_people_import(
        self, *, import_id: Id, expected_version: int, request_id: Id | None = None
    ) -> ImportNow:
        """Carry out an import none of whose rows is bad, all of it or nothing."""
        done: ImportNow = await self._command(
            "applyPeopleImport",
            APPLY_PEOPLE_IMPORT,
            {"import_id": import_id, "expected_version": expected_version, "request_id": request_id},
        )
        return done

    async def people_import(self, *, import_id: Id) -> ImportNow:
        """One of the caller's own imports."""
        found: ImportNow = await self._one("peopleImport", PEOPLE_IMPORT, importId=import_id)
        return found

    async def imported_rows(self, *, import_id: Id) -> list[ImportedLine]:
        """Rows of one of the caller's own imports, by line; perhaps of one verdict only."""
        found: list[ImportedLine] = await self._every("importedRows", IMPORTED_ROWS, importId=import_id)
        return found

    async def first_bad_rows(self, *, import_id: Id) -> list[ImportedLine]:
        """Rows of one of the caller's own imports, by line; perhaps of one verdict only."""
        found: list[ImportedLine] = [
            edge["node"]
            for edge in (await self._one("importedRows", FIRST_BAD_ROWS, importId=import_id))["edges"]
        ]
        return found
