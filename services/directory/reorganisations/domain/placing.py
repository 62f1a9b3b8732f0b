"""Whether every agency has a place after an act: a parent that fits and lasts, no ring, a code of its own."""

from datetime import date
from uuid import UUID

from kernel.base.errors import Conflict, Invalid
from services.directory.agencies.domain.agency import AgencyPeriod
from services.directory.agencies.domain.kinds import Kinds
from services.directory.agencies.domain.outcome import Outcome, Tree


class Placing:
    """The tree as an act would leave it."""

    def __init__(self, outcome: Outcome, tree: Tree, kinds: Kinds, paths: dict[UUID, str]) -> None:
        self.outcome, self.tree, self.kinds, self.paths = outcome, tree, kinds, paths

    def check(self) -> None:
        """Refuse the first agency that has no place."""
        drafts = self.outcome.created | self.outcome.changed
        for agency_id, draft in drafts.items():
            path = self.paths[agency_id]
            if draft.parent_id is not None:
                self._check_parent(draft.parent_id, path)
                self._check_no_ring(draft, path)
            self._check_kind(draft, path)
            self._check_code(draft, path)
        for agency_id, draft in self.outcome.changed.items():
            self._check_children(agency_id, draft)

    def _check_parent(self, parent_id: UUID, path: str) -> None:
        """Refuse a parent that is not there on the day or has an end."""
        parent = self.tree.find(parent_id)
        lasts = parent is not None and parent.on(self.outcome.day) is not None and parent.ends_on is None
        if parent_id in self.outcome.ended or not (lasts or parent_id in self.outcome.created):
            raise Invalid("agency_parent_not_there", f"{path}.parentId", day=_read(self.outcome.day))

    def _check_no_ring(self, draft: AgencyPeriod, path: str) -> None:
        """On no day from the act's on may it stand below itself: those above it may have moved since."""
        days = [self.outcome.day]
        for day in days:
            seen: set[UUID] = set()
            above = draft.parent_id
            while above is not None and above not in seen:
                if above == draft.agency_id:
                    raise Invalid("agency_below_itself", f"{path}.parentId", name=draft.name)
                seen.add(above)
                days += [each for each in self._later(above, day) if each not in days]
                period = self._after(above, day)
                above = period.parent_id if period else None

    def _check_kind(self, draft: AgencyPeriod, path: str) -> None:
        above = self._after(draft.parent_id, self.outcome.day) if draft.parent_id else None
        try:
            self.kinds.check_place(draft.kind, above.kind if above else None, self.outcome.day)
        except Invalid as no:
            raise Invalid(no.code, f"{path}.{no.field}", **no.facts) from None

    def _check_code(self, draft: AgencyPeriod, path: str) -> None:
        drafts = self.outcome.created | self.outcome.changed
        twins = [each for each in drafts.values() if each.code == draft.code]
        holders = set(self.tree.holders(draft.code, self.outcome.day))
        # Another that this act changes has given the code up, or it is a twin.
        if len(twins) > 1 or holders - {*drafts, *self.outcome.ended}:
            raise Conflict("agency_code_taken", f"{path}.code")

    def _check_children(self, agency_id: UUID, draft: AgencyPeriod) -> None:
        """The agencies that stay below it must be allowed to stand below its new kind."""
        agency = self.tree.find(agency_id)
        if agency is None or agency.last.kind == draft.kind:
            return
        for child in self.tree.children(agency_id, self.outcome.day):
            known = self.tree.find(child)
            if known is not None and child not in self.outcome.ended and child not in self.outcome.changed:
                path = self.paths[agency_id]
                self._check_kind(known.last, path)

    def _after(self, agency_id: UUID, day: date) -> AgencyPeriod | None:
        draft = self.outcome.created.get(agency_id) or self.outcome.changed.get(agency_id)
        if draft is not None:
            return draft
        agency = self.tree.find(agency_id)
        return agency.on(day) if agency else None

    def _later(self, agency_id: UUID, day: date) -> list[date]:
        """The days after this one on which it changes, where the act leaves it alone."""
        agency = self.tree.find(agency_id)
        if agency is None or agency_id in self.outcome.changed:
            return []
        return [period.valid_from for period in agency.periods if period.valid_from > day]


def _read(day: date) -> str:
    return day.strftime("%d/%m/%Y")
