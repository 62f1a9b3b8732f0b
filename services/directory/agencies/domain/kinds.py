"""Kinds of agency and under which kinds each may stand; both change with the law, so both are dated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.directory.staff import StandardDuty
from kernel.base.errors import Invalid
from services.directory.agencies.domain.periods import is_valid


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of agency during one period; one without parents stands at the root.

    `standard`: what agencies of the kind owe to the standard unless it is said of one otherwise.
    """

    code: str
    name_vi: str
    name_en: str
    parents: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    standard: StandardDuty
    basis: str


class Kinds:
    """The table of kinds, asked about a day."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = tuple(kinds)

    def on(self, day: date) -> dict[str, Kind]:
        """The kinds that exist on `day`, by code."""
        return {kind.code: kind for kind in self._kinds if is_valid(kind, day)}

    def get(self, code: str, day: date) -> Kind:
        """The kind as it is on `day`, or a refusal that names those there are."""
        known = self.on(day)
        if code not in known:
            if not known:
                raise Invalid("agency_kinds_none", "validFrom", day=_read(day))
            choice = ", ".join(sorted(known))
            raise Invalid("agency_kind_unknown", "kind", kind=code, day=_read(day), known=choice)
        return known[code]

    def check_place(self, code: str, parent: str | None, day: date) -> None:
        """Refuse an agency that may not stand where it is put (`parent` is the parent's kind)."""
        kind = self.get(code, day)
        if parent is None and kind.parents:
            above = self._names(kind.parents, day)
            raise Invalid("agency_needs_parent", "parentId", kind=kind.name_vi, parents=above)
        if parent is not None and parent not in kind.parents:
            facts = {"kind": kind.name_vi, "parent": self._names((parent,), day)}
            if not kind.parents:
                raise Invalid("agency_stands_alone", "parentId", **facts)
            above = self._names(kind.parents, day)
            raise Invalid("agency_wrong_parent", "parentId", parents=above, **facts)

    def _names(self, codes: Sequence[str], day: date) -> str:
        known = self.on(day)
        return ", ".join(known[code].name_vi if code in known else code for code in codes)


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
