"""Importing people, in GraphQL: rows in stretches, the verdicts, how far the work is."""

from uuid import UUID

import strawberry

from contracts.directory import imports as contract
from gateway.context import Info, command
from gateway.directory import refusable
from gateway.paging import After, Connection, First, connect
from gateway.present import asked, field, present, said_of

for kind in (contract.ImportState, contract.RowVerdict):
    strawberry.enum(kind, description=said_of(kind))


@strawberry.type(description=said_of(contract.RowRemark))
class RowRemark(contract.RowRemark):
    """`contracts.directory.imports.RowRemark`."""


@strawberry.type(description=said_of(contract.ImportedRowView))
class ImportedRow(contract.ImportedRowView):
    """`contracts.directory.imports.ImportedRowView`."""

    problems: list[RowRemark]  # type: ignore[assignment]
    notes: list[RowRemark]  # type: ignore[assignment]


@strawberry.type(description=said_of(contract.PeopleImportView))
class PeopleImport(contract.PeopleImportView):
    """`contracts.directory.imports.PeopleImportView`."""


@asked
class PersonRowInput(contract.PersonRow): ...


@asked
class BeginPeopleImportInput(contract.BeginPeopleImport): ...


@asked
class AddImportedRowsInput(contract.AddImportedRows):
    """Its rows are inputs too."""

    rows: list[PersonRowInput] = strawberry.field(default_factory=list)  # type: ignore[assignment]


@asked
class CheckPeopleImportInput(contract.CheckPeopleImport): ...


@asked
class ApplyPeopleImportInput(contract.ApplyPeopleImport): ...


PeopleImportResult = refusable("PeopleImportResult", PeopleImport)


@strawberry.type
class ImportQueries:
    """What can be asked of imports."""

    @field(said_of(contract.PeopleImport))
    async def people_import(self, info: Info, import_id: UUID) -> PeopleImport | None:
        info.context.signed_in()
        question = contract.PeopleImport(import_id=import_id)
        return present(PeopleImport, await info.context.ask(question, contract.PeopleImportView))

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
        page = await info.context.ask(question, contract.ImportedRowPage)
        return connect(Connection[ImportedRow], ImportedRow, page, after)


@strawberry.type
class ImportMutations:
    """What can be done with imports."""

    begin_people_import = command(BeginPeopleImportInput, PeopleImport, PeopleImportResult)
    add_imported_rows = command(AddImportedRowsInput, PeopleImport, PeopleImportResult)
    check_people_import = command(CheckPeopleImportInput, PeopleImport, PeopleImportResult)
    apply_people_import = command(ApplyPeopleImportInput, PeopleImport, PeopleImportResult)
