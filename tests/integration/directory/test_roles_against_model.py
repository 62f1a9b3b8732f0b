"""Positions, grants and delegations in any order on real servers, against a model of dated sets.

The model keeps for every single day what somebody has; the directory keeps periods. Whatever was accepted,
a session grant of any day must say what the model says, and the two must refuse the same.
"""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.directory import delegations as d
from contracts.directory import grants as g
from contracts.directory import roles as c
from contracts.directory import staff
from kernel.base import clock
from kernel.base.errors import Forbidden
from kernel.trust.identity import Actor, Held, sign_token
from services.directory.access.capacity import actor_of
from services.directory.staff.domain.position import Position
from tests.integration.directory.conftest import an_appointment

HORIZON = 14
EXAMPLES, STEPS = (25, 30) if os.environ.get("EISO_PROOF") else (3, 20)
ROLES = (c.Role.DRAFTER, c.Role.REVIEWER, c.Role.APPROVER, c.Role.INSPECTOR)
NOT_LENT = {c.Role.INSPECTOR}
DAY = st.integers(0, HORIZON - 1)
END = st.one_of(st.none(), st.integers(1, HORIZON))
SOME = st.sets(st.sampled_from(ROLES), max_size=3)
PICK = st.integers(0, 1000)
Roles = frozenset[tuple[c.Role, UUID]]


@dataclass
class Dated:
    """Anything that holds on some days; `open_end` says that it goes on after the last."""

    id: UUID
    version: int
    days: set[int]
    begins: int
    ends: int | None
    facts: dict[str, object] = field(default_factory=dict)

    def end(self, day: int) -> None:
        self.days = {each for each in self.days if each < day}
        self.ends, self.version = max(day, self.begins), self.version + 1


def span(begins: int, ends: int | None) -> set[int]:
    """The days of a period, as far as anybody looks."""
    return set(range(begins, HORIZON + 1 if ends is None else ends))


class Offices(RuleBasedStateMachine):
    """What people hold, from today on."""

    directory = private_key = None

    @initialize()
    def begin(self) -> None:
        self.today = clock.today()
        self.agencies = [self.directory.an_agency() for _ in range(2)]
        self.people = [self.directory.a_person() for _ in range(3)]
        self.positions: list[Dated] = []
        self.grants: list[Dated] = []
        self.lent: list[Dated] = []

    def day(self, n: int | None) -> date | None:
        return None if n is None else self.today + timedelta(days=n)

    def publish(self, method: str, command: object, expected: bool, token: str | None = None) -> dict | None:
        answer = self.directory.ask(method, command, token=token)
        event(f"{method} {'accepted' if 'ok' in answer else answer['refused']['code']}")
        assert ("ok" in answer) == expected, (method, command, answer)
        return answer.get("ok")

    @rule(who=PICK, where=PICK, title=st.sampled_from(["Chuyên viên", "Kế toán"]), a=DAY, b=END, roles=SOME)
    def appoint(self, who, where, title, a, b, roles) -> None:
        person, agency = self.people[who % 3], self.agencies[where % 2]
        days = span(a, b)
        same = [p for p in self.positions if p.facts["key"] == (person, agency, title)]
        fits = (b is None or b > a) and not any(p.days & days or _both_open(p, b) for p in same)
        asked = an_appointment(
            agency,
            person,
            title=title,
            held_from=self.day(a),
            held_to=self.day(b),
            roles=[staff.RoleToGrant(role=role) for role in sorted(roles)],
        )
        if made := self.publish("appoint_position", asked, fits):
            facts = {"key": (person, agency, title), "person": person, "agency": agency}
            facts["roles"] = frozenset((role, agency) for role in roles)
            self.positions.append(Dated(UUID(made["id"]), made["version"], days, a, b, facts))

    @precondition(lambda self: self.positions)
    @rule(which=PICK, day=DAY)
    def end_position(self, which, day) -> None:
        position = self.positions[which % len(self.positions)]
        fits = day >= position.begins and (position.ends is None or day < position.ends)
        command = staff.EndPosition(
            request_id=uuid4(),
            position_id=position.id,
            held_to=self.day(day),
            expected_version=position.version,
        )
        if self.publish("end_position", command, fits):
            position.end(day)
            for lent in self.lent:
                if position in (lent.facts["from"], lent.facts["to"]) and lent.ends > max(day, lent.begins):
                    lent.end(day)

    @rule(who=PICK, where=PICK, role=st.sampled_from(ROLES), a=DAY, b=END)
    def grant(self, who, where, role, a, b) -> None:
        person, agency = self.people[who % 3], self.agencies[where % 2]
        days = span(a, b)
        same = [each for each in self.grants if each.facts["key"] == (person, role, agency)]
        fits = (b is None or b > a) and not any(each.days & days or _both_open(each, b) for each in same)
        command = g.GrantRole(
            request_id=uuid4(),
            person_id=person,
            role=role,
            agency_id=agency,
            valid_from=self.day(a),
            valid_to=self.day(b),
        )
        if made := self.publish("grant_role", command, fits):
            facts = {"key": (person, role, agency), "person": person, "role": (role, agency)}
            self.grants.append(Dated(UUID(made["id"]), made["version"], days, a, b, facts))

    @precondition(lambda self: self.grants)
    @rule(which=PICK, day=DAY)
    def revoke(self, which, day) -> None:
        grant = self.grants[which % len(self.grants)]
        fits = grant.ends is None or max(day, grant.begins) < grant.ends
        command = g.RevokeGrant(
            request_id=uuid4(), grant_id=grant.id, valid_to=self.day(day), expected_version=grant.version
        )
        if self.publish("revoke_grant", command, fits):
            grant.end(day)

    @precondition(lambda self: len(self.positions) > 1)
    @rule(one=PICK, other=PICK, a=DAY, b=st.integers(1, HORIZON), roles=SOME)
    def delegate(self, one, other, a, b, roles) -> None:
        post = self.positions[one % len(self.positions)]
        to = self.positions[other % len(self.positions)]
        wanted = frozenset((role, post.facts["agency"]) for role in roles)
        command = d.Delegate(
            request_id=uuid4(),
            from_position_id=post.id,
            to_position_id=to.id,
            roles=[staff.RoleToGrant(role=role) for role in sorted(roles)],
            valid_from=self.day(a),
            valid_to=self.day(b),
            basis="Giấy ủy quyền",
        )
        fits = b > a and self._may_lend(post, to, wanted, span(a, b))
        made = self.publish("delegate", command, fits, self._session_of(post))
        if made:
            lends = wanted or {each for each in post.facts["roles"] if each[0] not in NOT_LENT}
            facts = {"from": post, "to": to, "roles": frozenset(lends)}
            self.lent.append(Dated(UUID(made["id"]), made["version"], span(a, b), a, b, facts))

    def _may_lend(self, post: Dated, to: Dated, wanted: Roles, days: set[int]) -> bool:
        known = post.facts["roles"]
        able = {each for each in known if each[0] not in NOT_LENT}
        whole = days <= post.days and days <= to.days
        alone = not any(
            (each.facts["from"], each.facts["to"]) == (post, to) and each.days & days for each in self.lent
        )
        sensible = wanted <= able if wanted else bool(able)
        return whole and alone and sensible and post.facts["person"] != to.facts["person"]

    @precondition(lambda self: self.lent)
    @rule(which=PICK, day=DAY)
    def end_delegation(self, which, day) -> None:
        lent = self.lent[which % len(self.lent)]
        command = d.EndDelegation(
            request_id=uuid4(),
            delegation_id=lent.id,
            valid_to=self.day(day),
            expected_version=lent.version,
        )
        if self.publish("end_delegation", command, max(day, lent.begins) < lent.ends):
            lent.end(day)

    def _session_of(self, post: Dated) -> str:
        """The holder of the post, with some role: what they may lend is looked up, not claimed."""
        held = Held(role="reader", agency_id=post.facts["agency"])
        actor = Actor(
            kind="person",
            person_id=post.facts["person"],
            position_id=post.id,
            agency_id=post.facts["agency"],
            roles=(held,),
        )
        return sign_token(self.private_key, actor, clock.now(), timedelta(minutes=10))

    def teardown(self) -> None:
        """Every day of everybody, as a session grant would say it."""
        if not hasattr(self, "positions"):
            return
        with self.directory.database.sessions() as session:
            for n in range(HORIZON):
                for position in self.positions:
                    if n in position.days:
                        held = session.get(Position, position.id)
                        assert _said(actor_of(session, held, self.day(n), bound=False)) == self._own(
                            position, n
                        )
                for lent in self.lent:
                    self._check_lent(session, lent, n)

    def _own(self, position: Dated, n: int) -> Roles:
        mine = {
            g.facts["role"]
            for g in self.grants
            if g.facts["person"] == position.facts["person"] and n in g.days
        }
        return position.facts["roles"] | mine

    def _check_lent(self, session, lent: Dated, n: int) -> None:
        to, day = session.get(Position, lent.facts["to"].id), self.day(n)
        lasts = n in lent.days and n in lent.facts["from"].days and n in lent.facts["to"].days
        try:
            actor = actor_of(session, to, day, bound=False, acting_for=lent.id)
        except Forbidden:
            assert not lasts, (lent, n)
            return
        assert lasts, (lent, n)
        assert _said(actor) == lent.facts["roles"] & lent.facts["from"].facts["roles"]
        assert actor.on_behalf_of == lent.facts["from"].facts["person"]


def _both_open(one: Dated, ends: int | None) -> bool:
    """Beyond the last day anybody looks at, two that never end meet."""
    return one.ends is None and ends is None


def _said(actor: Actor) -> Roles:
    return frozenset((c.Role(held.role), held.agency_id) for held in actor.roles)


def test_on_every_day_everybody_has_what_the_model_says(directory, private_key):
    Offices.directory, Offices.private_key = directory, private_key
    # A busy machine is slow, and a shrunk example of calls to servers is not worth the wait.
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Offices, settings=few)
