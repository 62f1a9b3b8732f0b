"""Acts at random on real servers: whatever was accepted, on every day everybody belongs somewhere."""

from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.directory import grants as g
from contracts.directory import reorganisations as r
from contracts.directory import staff as c
from contracts.directory.roles import Role
from tests.integration.directory.acts import an_act
from tests.integration.directory.conftest import BEGIN

ACTS = 25

HOMELESS = text("""
  select p.id from positions p
   where p.held_from is distinct from p.held_to
     and not daterange(p.held_from, p.held_to) <@ (
       select range_agg(daterange(a.valid_from, a.valid_to)) from agency_periods a
        where a.agency_id = p.agency_id)
  union all
  select role.position_id from position_roles role
   where role.valid_from is distinct from role.valid_to
     and not daterange(role.valid_from, role.valid_to) <@ (
       select range_agg(daterange(a.valid_from, a.valid_to)) from agency_periods a
        where a.agency_id = role.agency_id)
  union all
  select given.id from personal_grants given
   where given.valid_from is distinct from given.valid_to
     and not daterange(given.valid_from, given.valid_to) <@ (
       select range_agg(daterange(a.valid_from, a.valid_to)) from agency_periods a
        where a.agency_id = given.agency_id)
""")
CLOSURE = text("""
  with recursive up(descendant, ancestor, parent) as (
    select agency_id, agency_id, parent_id from agency_periods
     where valid_from <= :day and coalesce(valid_to > :day, true)
    union all
    select up.descendant, a.agency_id, a.parent_id from up join agency_periods a
        on a.agency_id = up.parent and a.valid_from <= :day and coalesce(a.valid_to > :day, true)
  ),
  kept as (select descendant_id, ancestor_id from agency_closure
            where valid_from <= :day and coalesce(valid_to > :day, true)),
  facts as (select descendant, ancestor from up)
  (select * from facts except select * from kept) union all (select * from kept except select * from facts)
""")
ROOTLESS = text("""
  select agency_id from agency_periods a where valid_from <= :day and coalesce(valid_to > :day, true)
     and not exists (select from agency_closure k where k.descendant_id = a.agency_id
                        and k.ancestor_id = :root and k.valid_from <= :day
                        and coalesce(k.valid_to > :day, true))
""")


class Province:
    """Departments and units below them, with people, and acts upon them."""

    def __init__(self, directory, seed: int) -> None:
        self.directory, self.draw, self.number = directory, Random(seed), 0
        self.root = directory.root_id
        self.known = [directory.an_agency() for _ in range(4)]
        self.known += [
            directory.an_agency(kind="public_unit", parent_id=self.draw.choice(self.known[:4]))
            for _ in range(4)
        ]
        self.people = [directory.a_person() for _ in range(10)]
        for person in self.people:
            self._appoint(person, BEGIN)

    def _appoint(self, person: UUID, day: date) -> None:
        roles = [
            c.RoleToGrant(role=Role.READER, agency_id=self.draw.choice(self.known)),
            c.RoleToGrant(role=Role.DRAFTER),
        ]
        self.directory.ask(
            "appoint_position",
            c.AppointPosition(
                request_id=uuid4(),
                agency_id=self.draw.choice(self.known),
                person_id=person,
                title=self.draw.choice(["Chuyên viên", "Kế toán"]),
                held_from=day,
                roles=roles,
            ),
        )
        granted = g.GrantRole(
            request_id=uuid4(),
            person_id=person,
            role=Role.INTERNAL_AUDITOR,
            agency_id=self.draw.choice(self.known),
            valid_from=day,
        )
        self.directory.ask("grant_role", granted)

    def act(self, day: date) -> bool:
        """One act, whether or not it can be; whether it was accepted."""
        kind = self.draw.choice(["rename", "move", "merge", "absorb", "split", "part", "dissolve"])
        act = an_act(day, **getattr(self, f"_{kind}")())
        answer = self.directory.ask("reorganise", act)
        if "ok" in answer:
            self.known += [new.id for new in act.creations]
            assert self.directory.ask("reorganise", act) == answer
        return "ok" in answer

    def _new(self, kind: str, parent: UUID) -> r.NewAgency:
        self.number += 1
        name = f"Đơn vị mới {self.number}"
        return r.NewAgency(
            id=uuid4(), code=f"H42.N{self.number}", name=name, short_name=name, kind=kind, parent_id=parent
        )

    def _rename(self):
        self.number += 1
        amendment = r.AgencyAmendment(agency_id=self.draw.choice(self.known), name=f"Tên {self.number}")
        return {"amendments": [amendment]}

    def _move(self):
        one, to = self.draw.sample(self.known, 2)
        return {"amendments": [r.AgencyAmendment(agency_id=one, parent_id=to)]}

    def _merge(self):
        new = self._new("department", self.root)
        merge = r.AgencyMerge(from_ids=self.draw.sample(self.known, 2), into_id=new.id)
        return {"creations": [new], "merges": [merge]}

    def _absorb(self):
        one, other = self.draw.sample(self.known, 2)
        return {"merges": [r.AgencyMerge(from_ids=[one], into_id=other)]}

    def _split(self):
        new = [self._new("department", self.root) for _ in range(2)]
        split = r.AgencySplit(
            agency_id=self.draw.choice(self.known), into_ids=[each.id for each in new], rest_to=new[0].id
        )
        return {"creations": new, "splits": [split]}

    def _part(self):
        one = self.draw.choice(self.known)
        new = self._new("department", self.root)
        held = self.directory.ok("list_positions", c.ListPositions(agency_id=one))["items"][:1]
        postings = [r.Posting(position_id=each["id"], agency_id=new.id) for each in held]
        split = r.AgencySplit(agency_id=one, into_ids=[new.id], goes_on=True)
        return {"creations": [new], "splits": [split], "postings": postings}

    def _dissolve(self):
        return {"dissolutions": [r.AgencyDissolution(agency_id=self.draw.choice(self.known))]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_every_day_everybody_belongs_somewhere_and_the_tree_is_whole(directory, seed):
    province = Province(directory, seed)
    day, accepted = BEGIN, 0
    for _ in range(ACTS):
        day += timedelta(days=province.draw.choice([-3, 0, 5, 9]))
        accepted += province.act(day)
        province._appoint(province.draw.choice(province.people), day)
    print(f"{accepted} of {ACTS} accepted, until {day}")
    assert accepted >= 5
    with directory.database.sessions() as session:
        assert session.execute(HOMELESS).all() == []
        for n in range((day - BEGIN).days + 30):
            on = {"day": BEGIN + timedelta(days=n), "root": province.root}
            assert session.execute(CLOSURE, on).all() == [], on
            assert session.execute(ROOTLESS, on).all() == [], on
