"""Importing people, in GraphQL: rows in stretches, the verdicts, how far the work is."""

from uuid import UUID

import strawberry

from contracts.directory import imports as contract
from gateway.graphql.context import Info
from gateway.graphql.paging import After, Connection, First, connect
from gateway.graphql.present import enums, field, present, said_of, shown

enums(contract.ImportState, contract.RowVerdict)


@shown
class RowRemark(contract.RowRemark):
    """`contracts.directory.imports.RowRemark`."""


@shown
class ImportedRow(contract.ImportedRowView):
    """`contracts.directory.imports.ImportedRowView`."""

    problems: list[RowRemark]  # type: ignore[assignment]
    notes: list[RowRemark]  # type: ignore[assignment]


@shown
class PeopleImport(contract.PeopleImportView):
    """`contracts.directory.imports.PeopleImportView`."""


@strawberry.type
class ImportQueries:
    """What can be asked of imports."""

    @field(said_of(contract.PeopleImport))
    async def people_import(self, info: Info, import_id: UUID) -> PeopleImport | None:
        info.context.signed_in()
        question = contract.PeopleImport(import_id=import_id)
        return present(PeopleImport, await info.context.ask(question))

    @field(said_of(contract.ListImportedRows))
    async def imported_rows(
        self,
        info: Info,
        import_id: UUID,
        first: First = 50,
        after: After = None,
        verdict: contract.RowVerdict | None = None,
    ) -> Connection[ImportedRow] | None:
        info.context.signed_in()
        question = contract.ListImportedRows(import_id=import_id, first=first, after=after, verdict=verdict)
        page = await info.context.ask(question)
        return connect(Connection[ImportedRow], ImportedRow, page, after)
