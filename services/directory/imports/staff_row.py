"""One line of an import read into facts, with everything in it that cannot be."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts import forms as written
from contracts.directory import roles as c
from contracts.directory.imports import PersonRow
from kernel.base import bounds, forms, wire
from kernel.base.errors import Invalid, Refusal
from kernel.base.text import fold
from services.directory.imports.domain.names import mend
from services.directory.roles.domain.catalogue import RoleCatalogue

EXAMPLES = {
    "staff_number": "NB.00123",
    "email": "ten@coquan.gov.vn",
    "phone": "0229 3871 156",
    "agency_code": "H42.07",
    "held_from": "31/01/2026",
    "held_to": "31/12/2026",
    "identity_number": "12 (9)",
    "roles": "drafter; reviewer@H42.07; reader+",
}
FORMS: dict[str, Any] = {
    "staff_number": written.StaffNumber,
    "email": written.Email,
    "phone": written.Phone,
    "agency_code": written.AgencyCode,
}
_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ROLE = re.compile(r"(?P<role>[^@+]+)(@(?P<code>[^+]+))?(?P<below>\+)?")


@dataclass(frozen=True, kw_only=True)
class WantedRole:
    """A role as the cell says it; without a code for the position's own agency."""

    role: c.Role
    agency_code: str | None
    with_subtree: bool


@dataclass(kw_only=True)
class StaffRow:
    """A line's facts; where there are problems, those that are in order."""

    line: int
    staff_number: str = ""
    full_name: str = ""
    email: str | None = None
    phone: str | None = None
    agency_code: str | None = None
    title: str | None = None
    held_from: date | None = None
    held_to: date | None = None
    roles: list[WantedRole] = field(default_factory=list)
    problems: list[Refusal] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Column and code of what was mended."""

    @property
    def has_place(self) -> bool:
        """Whether the row says anything of a position or of roles."""
        return any((self.agency_code, self.title, self.held_from, self.held_to, self.roles))


def read(row: PersonRow, catalogue: RoleCatalogue) -> StaffRow:
    """Every cell read on its own, so that a line names all its faults at once."""
    return _Reading(row, catalogue).read()


class _Reading:
    def __init__(self, row: PersonRow, catalogue: RoleCatalogue) -> None:
        self.row, self.catalogue = row, catalogue
        self.found = StaffRow(line=row.line)

    def read(self) -> StaffRow:
        found = self.found
        found.staff_number = self._formed("staff_number") or ""
        self._need("staff_number")
        found.full_name = self._name() or ""
        found.email, found.phone = self._formed("email"), self._formed("phone")
        found.agency_code, found.title = self._formed("agency_code"), self._title()
        found.held_from, found.held_to = self._day("held_from"), self._day("held_to")
        found.roles = self._roles()
        if found.has_place:
            self._need("agency_code")
            self._need("held_from")
        if found.agency_code and not found.title and not found.roles:
            self._need("title")
        if found.held_from and found.held_to and found.held_to <= found.held_from:
            begin = found.held_from.strftime("%d/%m/%Y")
            self._say(Invalid("position_ends_before_it_begins", "held_to", begin=begin))
        return found

    def _cell(self, column: str) -> str:
        return " ".join(str(getattr(self.row, column)).split())

    def _say(self, problem: Refusal) -> None:
        """Noted, and the cell counts as empty."""
        self.found.problems.append(problem)

    def _need(self, column: str) -> None:
        if not self._cell(column):
            self._say(Invalid("import_cell_missing", column))

    def _name(self) -> str | None:
        self._need("full_name")
        try:
            mended = mend(self._cell("full_name"))
        except Invalid as no:
            self._say(no)
            return None
        if len(mended.text) > 300:
            self._say(Invalid("import_wrong_form", "full_name", example="Nguyễn Văn An"))
            return None
        self.found.notes += [("full_name", note) for note in mended.notes]
        return mended.text

    def _formed(self, column: str) -> str | None:
        cell = self._cell(column)
        if column in ("staff_number", "agency_code"):
            cell = cell.upper()
        try:
            return wire.admit(FORMS[column], cell) if cell else None
        except Invalid:
            self._say(Invalid("import_wrong_form", column, example=EXAMPLES[column]))
            return None

    def _title(self) -> str | None:
        try:
            return forms.line(self._cell("title"), ("title",)) or None
        except Invalid as no:
            self._say(no)
            return None

    def _day(self, column: str) -> date | None:
        cell = self._cell(column)
        if not cell:
            return None
        try:
            found = _as_day(cell)
        except ValueError:
            found = None
        if found is None or not bounds.is_within(found):
            self._say(Invalid("import_wrong_form", column, example=EXAMPLES[column]))
            return None
        return found

    def _roles(self) -> list[WantedRole]:
        parts = [part.strip() for part in re.split("[;,\n]", str(self.row.roles))]
        return [role for part in parts if part and (role := self._role(part))]

    def _role(self, part: str) -> WantedRole | None:
        said = _ROLE.fullmatch(part)
        role = self.catalogue.called.get(fold(said["role"])) if said else None
        if said is None or role is None:
            self._say(Invalid("import_role_unknown", "roles", said=part[:60], example=EXAMPLES["roles"]))
            return None
        code = said["code"].strip().upper() if said["code"] else None
        return WantedRole(role=role, agency_code=code, with_subtree=bool(said["below"]))


def _as_day(cell: str) -> date:
    if said := _DAY.fullmatch(cell):
        day, month, year = (int(part) for part in said.groups())
        return date(year, month, day)
    return date.fromisoformat(cell[:10])
