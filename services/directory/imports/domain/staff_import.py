"""An import of people: its rows are received, judged as a whole, and applied all or not at all."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.directory.imports import ImportState
from contracts.directory.roles import HeldRole
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Refusal


@dataclass(eq=False, kw_only=True)
class StaffImport(Aggregate):
    """What its asker could do when they asked is what it may do: a job has no roles of its own."""

    agency_id: UUID
    file_name: str
    rows: int
    requested_by: UUID
    requested_as: UUID | None
    requested_at: datetime
    granted_with: list[HeldRole] = field(default_factory=list)
    state: ImportState = ImportState.OPEN
    job_id: UUID | None = None
    creating: int = 0
    amending: int = 0
    unchanged: int = 0
    bad: int = 0
    failure: dict[str, Any] | None = None
    applied_at: datetime | None = None

    def must_be(self, *states: ImportState) -> None:
        if self.state is ImportState.FORGOTTEN:
            raise Conflict("import_forgotten", "importId")
        if self.state not in states:
            raise Conflict("import_not_in_this_state", "importId", state=self.state.value)

    def check(self, job_id: UUID, received: int, granted_with: list[HeldRole]) -> None:
        """Begin to check the import, whose rows stand still from here on."""
        if received != self.rows:
            raise Conflict("import_not_complete", "importId", received=received, rows=self.rows)
        self.state, self.job_id, self.failure = ImportState.CHECKING, job_id, None
        self.granted_with = granted_with

    def checked(self, counts: dict[str, int]) -> None:
        self.creating, self.amending = counts.get("creates", 0), counts.get("amends", 0)
        self.unchanged, self.bad = counts.get("unchanged", 0), counts.get("bad", 0)
        self.state = ImportState.CHECKED

    def apply(self, job_id: UUID, received: int, granted_with: list[HeldRole]) -> None:
        """Asked for; the work begins with the job."""
        self.must_be_whole(received)
        if self.bad:
            raise Conflict("import_has_bad_rows", "importId", bad=self.bad)
        self.state, self.job_id, self.failure = ImportState.APPLYING, job_id, None
        self.granted_with = granted_with

    def must_be_whole(self, received: int) -> None:
        """Refuse where rows that were judged are not there any more: a part would pass for the whole."""
        if received != self.rows:
            raise Conflict("import_forgotten", "importId")

    def forget(self) -> None:
        """Let the import's rows go: it will neither be judged nor applied."""
        self.state = ImportState.FORGOTTEN

    def applied(self, now: datetime) -> None:
        self.state, self.applied_at = ImportState.APPLIED, now

    def fail(self, line: int | None, no: Refusal) -> None:
        """Nothing was done; what changed since it was judged is said, and it may be judged anew."""
        self.state = ImportState.CHECKED
        self.failure = {"line": line} | no.as_data()
