"""A small tree of agencies for the unit tests of acts, asked what an act would make of it or why not."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.directory import reorganisations as r
from kernel.base.errors import Refusal
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.reorganisations.domain.resolving import resolve
from tests.unit.directory.test_acts_against_model import BASIS, KINDS, Forest

DAY = date(2025, 7, 1)


class Town(Forest):
    """A root and units below it, by name."""

    table = KINDS

    def __init__(self):
        super().__init__()
        self.root = self.add("Gốc", None)

    def add(self, name, parent):
        period = AgencyPeriod(
            agency_id=uuid4(),
            valid_from=date(2020, 1, 1),
            code=f"C{len(self.agencies):03}",
            name=name,
            short_name=name,
            kind="unit" if parent else "root",
            parent_id=parent,
        )
        agency = Agency.begin(period, KINDS)
        self.agencies[agency.id] = agency
        return agency.id

    def outcome(self, day=DAY, **parts):
        return resolve(r.ReorganisationPlan(effective_on=day, basis=BASIS, **parts), self, self.table)

    def heirs(self, **parts):
        return {each.agency_id: each.heir_id for each in self.outcome(**parts).continuations}

    def kinds(self, **parts):
        """(before, after, kind, whether the one before goes on) of each succession."""
        made = self.outcome(**parts).successions
        return [(each.predecessor_id, each.successor_id, each.kind, each.goes_on) for each in made]

    def why_not(self, day=DAY, **parts):
        """The code and the field of the refusal."""
        with pytest.raises(Refusal) as no:
            self.outcome(day, **parts)
        return no.value.code, no.value.field
