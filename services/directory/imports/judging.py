"""What each row of an import would do, against what is known today; the same judgement checks and applies."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from contracts.directory.imports import PersonRow, RowVerdict
from contracts.directory.roles import HeldRole
from kernel.base import wire
from kernel.base.errors import Conflict, Forbidden, Invalid, Refusal
from kernel.base.text import fold
from kernel.trust.identity import Held
from kernel.work.call import Call
from org.reach import may_reach, reach
from org.tables import agency_nodes
from services.directory.agencies.domain.periods import covers
from services.directory.agencies.repository import AgencyRepository
from services.directory.agencies.tables import agency_periods
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.imports.staff_row import StaffRow, WantedRole, read
from services.directory.imports.tables import import_rows
from services.directory.resources import Resources
from services.directory.roles.domain.delegation import includes
from services.directory.roles.domain.granting import check_may_grant
from services.directory.roles.domain.role_grant import MOST, PersonalGrant, most_at_once
from services.directory.roles.tables import personal_grants
from services.directory.staff.domain.person import Person
from services.directory.staff.domain.position import Position, check_so_many
from services.directory.staff.tables import people, positions

Span = tuple[date, date | None]


@dataclass(kw_only=True)
class Judged:
    """One row with what it comes to."""

    row: StaffRow
    identity: tuple[str, bytes, bytes] | None
    agency_id: UUID | None = None
    roles: list[HeldRole] = field(default_factory=list)
    position: Position | None = None
    """The holding that is there already, where the row says the same one."""
    changes: bool = False

    @property
    def span(self) -> Span:
        assert self.row.held_from is not None
        return self.row.held_from, self.row.held_to

    def say(self, problem: Refusal) -> None:
        self.row.problems.append(problem)


@dataclass(kw_only=True)
class JudgedPerson:
    """All rows of one staff number."""

    rows: list[Judged]
    person: Person | None
    facts: dict[str, str | None]
    identity: tuple[str, bytes, bytes] | None = None
    """A number to be recorded, where it is not recorded yet."""
    changes: bool = False

    def verdict(self, judged: Judged) -> RowVerdict:
        if judged.row.problems:
            return RowVerdict.BAD
        if self.person is None:
            return RowVerdict.CREATES
        return RowVerdict.AMENDS if self.changes or judged.changes else RowVerdict.UNCHANGED


class Judging:
    """Judges stretches of one import; what it looked up for one it remembers for the next."""

    def __init__(self, call: Call, batch: StaffImport) -> None:
        resources: Resources = call.resources
        self.call, self.session, self.batch, self.catalogue = call, call.session, batch, resources.roles
        self.batch_id, self.granted_with, self.today = batch.id, list(batch.granted_with), call.today()
        self.may_grant = resources.roles.may_grant
        administering = call.policy.sights["administration"]
        held = [h for h in self.granted_with if h.role in administering]
        self.admin = [
            Held(role=h.role.value, agency_id=h.agency_id, with_subtree=h.with_subtree) for h in held
        ]
        self.is_root = reach(call.session, self.admin, None, self.today).everything
        self.reached: dict[UUID, bool] = {}
        self.below: dict[tuple[UUID, UUID], bool] = {}
        self.codes: dict[str, list[Any]] = {}

    def stretch(self, staged: Sequence[Any]) -> list[JudgedPerson]:
        """Rows in the order of their staff numbers, all of each person."""
        judged = [self._read(row) for row in staged]
        self._look_up(judged)
        groups = groupby(judged, key=lambda each: each.row.staff_number)
        return [self._person(number, list(rows)) for number, rows in groups]

    def _read(self, staged: Any) -> Judged:
        row = read(wire.load(PersonRow, staged.facts), self.catalogue)
        # The number was sealed as it came; of one that is none only that was kept.
        row.problems += [Invalid(code, "identity_number", example="12 (9)") for code in staged.faults]
        sealed = (staged.identity_key, staged.identity_cipher, staged.identity_index)
        row.staff_number = staged.staff_number
        return Judged(row=row, identity=sealed if staged.identity_index else None)

    # -- what is known -------------------------------------------------------------------------

    def _look_up(self, judged: Sequence[Judged]) -> None:
        numbers = {each.row.staff_number for each in judged if each.row.staff_number}
        found = self.session.scalars(select(Person).where(people.c.staff_number.in_(numbers))).all()
        self.people = {person.staff_number: person for person in found}
        ids = [person.id for person in found]
        self.positions: dict[UUID, list[Position]] = defaultdict(list)
        self.grants: dict[UUID, list[PersonalGrant]] = defaultdict(list)
        held = select(Position).where(positions.c.person_id.in_(ids))
        given = select(PersonalGrant).where(personal_grants.c.person_id.in_(ids))
        for position in self.session.scalars(held):
            self.positions[position.person_id].append(position)
        for grant in self.session.scalars(given):
            self.grants[grant.person_id].append(grant)
        self._look_up_agencies(judged)
        self._look_up_identities(judged)

    def _look_up_agencies(self, judged: Sequence[Judged]) -> None:
        codes = {each.row.agency_code for each in judged}
        codes |= {role.agency_code for each in judged for role in each.row.roles}
        unknown = [code for code in codes if code and code not in self.codes]
        if not unknown:
            return
        period = agency_periods.c
        wanted = select(
            period.agency_id,
            *(period.code, period.aliases, period.kind, period.valid_from, period.valid_to),
            agency_nodes.c.name,
            agency_nodes.c.valid_to.label("ends_on"),
        ).join(agency_nodes, agency_nodes.c.id == period.agency_id)
        self.codes |= {code: [] for code in unknown}
        for row in self.session.execute(
            wanted.where(or_(period.code.in_(unknown), period.aliases.overlap(unknown)))
        ):
            for code in {row.code, *row.aliases} & set(unknown):
                self.codes[code].append(row)

    def _look_up_identities(self, judged: Sequence[Judged]) -> None:
        """Whose the numbers are: people by their ids, and staff numbers of this very file."""
        indexes = [each.identity[2] for each in judged if each.identity]
        rows, kept = import_rows.c, people.c
        owners = select(kept.identity_index, kept.id).where(kept.identity_index.in_(indexes))
        self.owners = dict(self.session.execute(owners).tuples().all())
        said = select(rows.identity_index, rows.staff_number).distinct()
        said = said.where(rows.import_id == self.batch_id, rows.identity_index.in_(indexes))
        self.sayers: dict[bytes, set[str]] = defaultdict(set)
        for index, number in self.session.execute(said).tuples():
            self.sayers[index].add(number)

    # -- judging -------------------------------------------------------------------------------

    def _person(self, number: str, rows: list[Judged]) -> JudgedPerson:
        person = self.people.get(number) if number else None
        first = rows[0].row
        facts = {"full_name": first.full_name, "email": first.email, "phone": first.phone}
        found = JudgedPerson(rows=rows, person=person, facts=facts)
        for each in rows[1:] if number else []:
            self._must_agree(first, each)
        self._judge_identity(found)
        if person is not None:
            self._judge_known(found, person)
        planned: list[Judged] = []
        for each in rows:
            if self._place(each):
                self._judge_place(each, person, planned if number else [])
                planned.append(each)
        if number:
            self._judge_number_of_grants(planned, self.grants[person.id] if person else [])
        return found

    def _must_agree(self, first: StaffRow, each: Judged) -> None:
        for column in ("full_name", "email", "phone"):
            mine, theirs = getattr(first, column), getattr(each.row, column)
            if theirs and theirs != mine:
                each.say(Conflict("import_same_person_differs", column, line=first.line))

    def _judge_identity(self, found: JudgedPerson) -> None:
        numbers = {each.identity[2]: each for each in found.rows if each.identity}
        mine = found.person.identity_index if found.person else None
        for index, each in numbers.items():
            taken = index in self.owners and index != mine
            if taken or len(self.sayers[index]) > 1 or len(numbers) > 1:
                each.say(Conflict("import_identity_twice", "identity_number"))
            elif index != mine:
                found.identity, found.changes = each.identity, True

    def _judge_known(self, found: JudgedPerson, person: Person) -> None:
        now = {"full_name": person.full_name, "email": person.email, "phone": person.phone}
        given = {name: value for name, value in found.facts.items() if value}
        if "email" in given:
            given["email"] = given["email"].lower()
        found.changes = found.changes or {**now, **given} != now
        home = person.home_agency_id
        if not (self.is_root if home is None else self._reaches(home)):
            found.rows[0].say(Forbidden("import_person_beyond_reach", "staff_number"))

    def _place(self, judged: Judged) -> bool:
        """Whether the row says where, and it is there and within reach."""
        row = judged.row
        if not row.agency_code or not row.held_from:
            return False
        agency = self._agency(judged, row.agency_code, "agency_code")
        if agency is None:
            return False
        judged.agency_id = agency.agency_id
        if not self._reaches(agency.agency_id):
            judged.say(Forbidden("import_agency_beyond_reach", "agency_code", said=row.agency_code))
        wanted = [self._role(judged, role) for role in row.roles]
        judged.roles = [role for role in wanted if role is not None]
        return not row.problems

    def _agency(self, judged: Judged, code: str, column: str) -> Any:
        day, until = judged.span
        there = [each for each in self.codes[code] if covers(each.valid_from, each.valid_to, day)]
        if not there:
            read_day = day.strftime("%d/%m/%Y")
            return judged.say(Invalid("import_agency_unknown", column, said=code, day=read_day))
        agency = next((each for each in there if each.code == code), there[0])
        if agency.ends_on is not None and (until is None or until > agency.ends_on):
            end = agency.ends_on.strftime("%d/%m/%Y")
            judged.say(Invalid("agency_ends_before", "held_to", name=agency.name, day=end))
        return agency

    def _role(self, judged: Judged, wanted: WantedRole) -> HeldRole | None:
        agency = self._agency(judged, wanted.agency_code or str(judged.row.agency_code), "roles")
        if agency is None:
            return None
        role = HeldRole(role=wanted.role, agency_id=agency.agency_id, with_subtree=wanted.with_subtree)
        try:
            check_may_grant(
                self.granted_with, role, may_grant=self.may_grant, is_below=self._is_below, path="roles"
            )
            self.catalogue.check_may_hold(role, agency.kind)
        except Refusal as no:
            judged.say(no)
            return None
        return role

    def _judge_place(self, judged: Judged, person: Person | None, planned: list[Judged]) -> None:
        for before in planned:
            if _same_place(before, judged) and _meet(before.span, judged.span):
                judged.say(Conflict("import_line_repeated", "held_from", line=before.row.line))
                return
        if judged.row.title:
            self._judge_position(judged, self.positions[person.id] if person else [])
        else:
            self._judge_grants(judged, self.grants[person.id] if person else [])

    def _judge_position(self, judged: Judged, held: list[Position]) -> None:
        title = fold(judged.row.title or "")
        same = [p for p in held if p.agency_id == judged.agency_id and fold(p.title) == title]
        for position in same:
            if (position.held_from, position.held_to) == judged.span:
                judged.position = position
                there = position.roles_after({})
                missing = [r for r in judged.roles if not any(includes(h, r, _nowhere) for h in there)]
                judged.roles, judged.changes = missing, bool(missing)
                self._judge_more(judged, position)
                self._judge_number(judged, [*there, *missing] if missing else [])
                return
        if any(_meet((p.held_from, p.held_to), judged.span) for p in same if p.held_to != p.held_from):
            judged.say(Conflict("position_held_already", "held_from"))
        judged.changes = True
        self._judge_number(judged, judged.roles)

    def _judge_more(self, judged: Judged, position: Position) -> None:
        """Roles are added from today on: to a holding that is over none can be."""
        ends = position.held_to
        if judged.roles and ends is not None and ends <= self.today:
            judged.say(Conflict("import_holding_over", "held_to", end=ends.strftime("%d/%m/%Y")))

    def _judge_number(self, judged: Judged, roles: list[HeldRole]) -> None:
        try:
            check_so_many(roles)
        except Invalid as no:
            judged.say(no)

    def _judge_number_of_grants(self, planned: list[Judged], given: list[PersonalGrant]) -> None:
        """Grants there are and those of this file, counted as a single grant counts them."""
        held = most_at_once(given, self.today)
        for each in planned:
            until = each.row.held_to
            if each.row.title or not each.roles or (until is not None and until <= self.today):
                continue
            held += len(each.roles)
            if held > MOST:
                each.say(Conflict("grants_too_many", "roles", most=MOST))

    def _judge_grants(self, judged: Judged, given: list[PersonalGrant]) -> None:
        wanted = []
        for role in judged.roles:
            same = [g for g in given if (g.role, g.agency_id) == (role.role, role.agency_id)]
            spans = {(g.valid_from, g.valid_to, g.with_subtree) for g in same}
            if (*judged.span, role.with_subtree) in spans:
                continue
            meeting = [g for g in same if _meet((g.valid_from, g.valid_to), judged.span)]
            if meeting:
                begin = meeting[0].valid_from.strftime("%d/%m/%Y")
                judged.say(Conflict("grant_held_already", "held_from", begin=begin))
            wanted.append(role)
        judged.roles, judged.changes = wanted, bool(wanted)

    def _reaches(self, agency_id: UUID) -> bool:
        if agency_id not in self.reached:
            within = may_reach(self.session, self.admin, agency_id, self.today)
            self.reached[agency_id] = within
        return self.reached[agency_id]

    def _is_below(self, above: UUID, agency_id: UUID) -> bool:
        key = (above, agency_id)
        if key not in self.below:
            self.below[key] = AgencyRepository(self.session).is_below(above, agency_id, self.today)
        return self.below[key]


def _nowhere(above: UUID, agency_id: UUID) -> bool:
    """A role that comes from further above is another one."""
    return False


def _same_place(one: Judged, other: Judged) -> bool:
    if one.agency_id != other.agency_id or bool(one.row.title) != bool(other.row.title):
        return False
    if one.row.title:
        return fold(one.row.title) == fold(other.row.title or "")
    return bool({(r.role, r.agency_id) for r in one.roles} & {(r.role, r.agency_id) for r in other.roles})


def _meet(one: Span, other: Span) -> bool:
    begins = max(one[0], other[0])
    ends = [end for end in (one[1], other[1]) if end is not None]
    return not ends or begins < min(ends)
