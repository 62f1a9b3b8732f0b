"""Acts in any order against a slow model that knows for every single day which agency was what."""

from copy import deepcopy
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.directory import reorganisations as r
from contracts.directory.staff import StandardDuty
from kernel.base.errors import Refusal
from services.directory.agencies.domain.agency import Agency, AgencyPeriod
from services.directory.agencies.domain.kinds import Kind, Kinds
from services.directory.agencies.domain.outcome import Outcome
from services.directory.reorganisations.domain.resolving import resolve

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(20)]
BASIS = r.LegalBasis(number="1/QĐ-UBND", issued_on=FIRST, issued_by="UBND tỉnh", subject="Sắp xếp")
ANY = {"valid_from": date(2016, 1, 1), "standard": StandardDuty.MANDATORY, "basis": "test"}
KINDS = Kinds(
    [
        Kind(code="root", name_vi="Gốc", name_en="Root", parents=(), **ANY),
        Kind(code="unit", name_vi="Đơn vị", name_en="Unit", parents=("root", "unit"), **ANY),
    ]
)
Facts = tuple[str, str, UUID | None]
"""Code, name and parent: what the model knows of an agency on one day."""


def lasts(period: AgencyPeriod, day: date) -> bool:
    return period.valid_to is None or period.valid_to > day


class Forest:
    """The facts as the domain keeps them."""

    def __init__(self) -> None:
        self.agencies: dict[UUID, Agency] = {}

    def find(self, agency_id: UUID) -> Agency | None:
        return self.agencies.get(agency_id)

    def children(self, agency_id: UUID, day: date) -> list[UUID]:
        return [
            agency.id
            for agency in self.agencies.values()
            if any(period.parent_id == agency_id and lasts(period, day) for period in agency.periods)
        ]

    def holders(self, code: str, day: date) -> list[UUID]:
        return [
            agency.id
            for agency in self.agencies.values()
            for period in agency.periods
            if period.code == code and lasts(period, day)
        ]

    def carry_out(self, outcome: Outcome) -> None:
        act_id = uuid4()
        for agency in outcome.begun(act_id, KINDS):
            self.agencies[agency.id] = agency
        outcome.altered(act_id, self.agencies.__getitem__)


def facts_on(agency: Agency, day: date) -> Facts | None:
    period = agency.on(day)
    return period and (period.code, period.name, period.parent_id)


def is_sound(state: dict[UUID, Facts]) -> bool:
    """One root; every parent is there; no ring; no code twice."""
    codes = [code for code, _, _ in state.values()]
    if len(set(codes)) < len(codes) or sum(parent is None for _, _, parent in state.values()) != 1:
        return False
    for agency_id in state:
        seen, at = set(), agency_id
        while at is not None:
            if at in seen or at not in state:
                return False
            seen.add(at)
            at = state[at][2]
    return True


class Acts(RuleBasedStateMachine):
    """Whatever is accepted the slow model would accept too, and the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.forest, self.number = Forest(), 0
        self.model: dict[date, dict[UUID, Facts]] = {day: {} for day in DAYS}
        self.successors: dict[UUID, set[UUID]] = {}
        self.ended_without: set[UUID] = set()

    @initialize(count=st.integers(2, 5))
    def begin(self, count: int) -> None:
        root = self._enter("root", None, FIRST)
        for n in range(count):
            self._enter("unit", root, FIRST + timedelta(days=n % 3))

    def _enter(self, kind: str, parent: UUID | None, day: date) -> UUID:
        self.number += 1
        name = f"Cơ quan {self.number}"
        first = AgencyPeriod(
            agency_id=uuid4(),
            valid_from=day,
            code=f"C{self.number:03}",
            name=name,
            short_name=name,
            kind=kind,
            parent_id=parent,
        )
        self.forest.agencies[first.agency_id] = Agency.begin(first, KINDS)
        for each in DAYS:
            if each >= day:
                self.model[each][first.agency_id] = (first.code, name, parent)
        return first.agency_id

    def _any(self, data, but: tuple[UUID, ...] = ()) -> UUID:
        known = sorted(set(self.forest.agencies) - set(but), key=lambda each: self._born(each))
        return data.draw(st.sampled_from(known))

    def _born(self, agency_id: UUID) -> str:
        return self.forest.agencies[agency_id].periods[0].code

    def _new(self, parent: UUID) -> r.NewAgency:
        self.number += 1
        name = f"Cơ quan {self.number}"
        return r.NewAgency(
            id=uuid4(), code=f"C{self.number:03}", name=name, short_name=name, kind="unit", parent_id=parent
        )

    @rule(data=st.data(), day=st.sampled_from(DAYS[1:]), with_code=st.booleans(), moves=st.booleans())
    def amend(self, data, day, with_code, moves) -> None:
        one = self._any(data)
        amendment = r.AgencyAmendment(agency_id=one, name=f"Tên {self.number}-{day.day}")
        if with_code:
            amendment.code = data.draw(st.sampled_from([f"C{n:03}" for n in range(1, 12)]))
        if moves:
            amendment.parent_id = self._any(data)
        self._act(day, amendments=[amendment])

    @rule(data=st.data(), day=st.sampled_from(DAYS[1:]))
    def create(self, data, day) -> None:
        self._act(day, creations=[self._new(self._any(data))])

    @rule(data=st.data(), day=st.sampled_from(DAYS[1:]), is_new=st.booleans())
    def merge(self, data, day, is_new) -> None:
        one = self._any(data)
        other = self._any(data, but=(one,))
        if is_new:
            new = self._new(self._any(data, but=(one, other)) if len(self.forest.agencies) > 2 else one)
            merge = r.AgencyMerge(from_ids=[one, other], into_id=new.id)
            self._act(day, creations=[new], merges=[merge])
        else:
            self._act(day, merges=[r.AgencyMerge(from_ids=[one], into_id=other)])

    @rule(data=st.data(), day=st.sampled_from(DAYS[1:]), goes_on=st.booleans())
    def split(self, data, day, goes_on) -> None:
        one = self._any(data)
        above = self.forest.agencies[one].last.parent_id or one
        parts = [self._new(above) for _ in range(2)]
        split = r.AgencySplit(agency_id=one, into_ids=[each.id for each in parts], goes_on=goes_on)
        self._act(day, creations=parts, splits=[split])

    @rule(data=st.data(), day=st.sampled_from(DAYS[1:]), moves=st.booleans())
    def dissolve(self, data, day, moves) -> None:
        one = self._any(data)
        moved = []
        if moves and len(self.forest.agencies) > 2:
            to = self._any(data, but=(one,))
            moved = [
                r.AgencyAmendment(agency_id=each, parent_id=to) for each in self.forest.children(one, day)
            ]
        self._act(day, dissolutions=[r.AgencyDissolution(agency_id=one)], amendments=moved)

    def _act(self, day: date, **parts) -> None:
        plan = r.ReorganisationPlan(effective_on=day, basis=BASIS, **parts)
        before = deepcopy({id_: agency.snapshot() for id_, agency in self.forest.agencies.items()})
        expected, refused, outcome = self._expected(plan), None, None
        try:
            outcome = resolve(plan, self.forest, KINDS)
        except Refusal as no:
            refused = no
        event(f"{', '.join(parts)}: {refused.code if refused else 'accepted'}")
        assert (expected is None) == (refused is not None), refused or "accepted what the model refuses"
        assert before == {id_: agency.snapshot() for id_, agency in self.forest.agencies.items()}
        if outcome is None or expected is None:
            return
        self.forest.carry_out(outcome)
        self.model = expected
        for each in outcome.successions:
            self.successors.setdefault(each.predecessor_id, set()).add(each.successor_id)
        self.ended_without |= {each.agency_id for each in plan.dissolutions}
        self._twice(plan)

    def _twice(self, plan: r.ReorganisationPlan) -> None:
        try:
            resolve(plan, self.forest, KINDS)
        except Refusal:
            return
        raise AssertionError("the same act was accepted twice")

    def _expected(self, plan: r.ReorganisationPlan) -> dict[date, dict[UUID, Facts]] | None:
        """Day by day what the act makes of it, or None where that cannot be."""
        heirs = {each: merge.into_id for merge in plan.merges for each in merge.from_ids}
        ended = {*heirs, *(each.agency_id for each in plan.splits if not each.goes_on)}
        ended |= {each.agency_id for each in plan.dissolutions}
        changed = {each.agency_id: each for each in plan.amendments}
        takers = {each.into_id for each in plan.merges} | {each.agency_id for each in plan.splits}
        takers -= {each.id for each in plan.creations}
        eve = plan.effective_on - timedelta(days=1)
        after = [day for day in DAYS if day >= plan.effective_on]
        follow = {
            each
            for each, (_, _, parent) in self.model[after[-1]].items()
            if parent in heirs and each not in ended
        }
        for agency_id in ended | set(changed) | follow:
            known = {self.model[day].get(agency_id) for day in (eve, *after)}
            if len(known) > 1 or None in known:
                return None
        lasts = all(agency_id in self.model[day] for agency_id in takers for day in after)
        gives = {each.agency_id for each in plan.splits if each.goes_on}
        still = all(len({self.model[day].get(each) for day in (eve, *after)}) == 1 for each in gives)
        amends = all(self._differs(each, eve) for each in plan.amendments)
        if not (lasts and still and amends) or any(self.model[eve][each][2] is None for each in ended):
            return None
        made = {day: dict(state) for day, state in self.model.items()}
        for day in after:
            state = made[day]
            for agency_id in ended:
                del state[agency_id]
            for new in plan.creations:
                state[new.id] = (new.code, new.name, new.parent_id)
            for agency_id, (code, name, parent) in list(state.items()):
                patch = changed.get(agency_id)
                if patch is not None:
                    state[agency_id] = (patch.code or code, patch.name or name, patch.parent_id or parent)
                elif agency_id in follow:
                    state[agency_id] = (code, name, heirs[parent])
            if not is_sound(state):
                return None
        return made

    def _differs(self, patch: r.AgencyAmendment, eve: date) -> bool:
        code, name, parent = self.model[eve][patch.agency_id]
        return (patch.code or code, patch.name or name, patch.parent_id or parent) != (code, name, parent)

    @invariant()
    def every_day_is_as_the_model_knows_it(self) -> None:
        for day in DAYS:
            states = {id_: facts_on(agency, day) for id_, agency in self.forest.agencies.items()}
            assert {id_: facts for id_, facts in states.items() if facts} == self.model[day]

    @invariant()
    def periods_join_and_never_overlap(self) -> None:
        for agency in self.forest.agencies.values():
            pairs = zip(agency.periods, agency.periods[1:], strict=False)
            assert all(one.valid_to == other.valid_from for one, other in pairs)

    @invariant()
    @precondition(lambda self: self.forest.agencies)
    def whoever_ended_has_successors_or_was_dissolved(self) -> None:
        gone = {each.id for each in self.forest.agencies.values() if each.ends_on is not None}
        assert gone <= set(self.successors) | self.ended_without


TestActs = Acts.TestCase
TestActs.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)
