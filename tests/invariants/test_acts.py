"""What no role gets past, act by act: the thing itself refuses. `acts.toml` says on what each rests."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.audits.nonconformities import ActionState, NonconformitySource, Severity
from contracts.audits.programmes import Grade
from contracts.audits.reviews import ReviewState
from contracts.directory.delegations import DelegationKind
from contracts.directory.hand_overs import MinuteSignature, SigningPart
from contracts.directory.roles import HeldRole, Role
from contracts.documents.documents import DocumentKind
from kernel.base.errors import Conflict, Forbidden, Invalid
from kernel.trust.identity import PUBLIC, Actor, Held
from org.acted import Acted
from services.audits.nonconformities.domain import CorrectiveAction, Nonconformity
from services.audits.programmes.domain import Audit, Finding, Programme
from services.audits.reviews.domain import Review, ReviewTask
from services.directory import rules
from services.directory.hand_overs.domain import HandOver
from services.directory.roles.domain.delegation import Delegation, share
from services.directory.roles.domain.granting import check_may_grant
from services.documents.documents.domain.document import Document
from services.documents.documents.domain.revision import File
from tests.contract.policy import SERVICES, operations_of, service_of
from tests.invariants.statements import statements
from tests.unit.directory.factories import a_position

TODAY, NOW = date(2026, 8, 10), datetime(2026, 8, 10, 1, tzinfo=UTC)
AGENCY, ELSEWHERE = uuid4(), uuid4()
AUTHOR, OTHER, THIRD = uuid4(), uuid4(), uuid4()
FILE = File(
    upload_id=uuid4(), name="a.docx", media_type="x", size=1, sha256="0" * 64, key="k", version_id="v"
)


def test_every_act_that_is_written_is_shown_here_and_no_other():
    said = {f"test_{each.says['shown_by']}" for each in statements() if each.kind == "act"}
    mine = {name for name in vars(sys.modules[__name__]) if name.startswith("test_")}
    assert mine - said == {"test_every_act_that_is_written_is_shown_here_and_no_other"}
    assert said <= mine


def own_hands(person):
    """One's own hand, and that of somebody else who acts for one."""
    return ({"person_id": person}, {"person_id": uuid4(), "on_behalf_of": person})


# -- documents -------------------------------------------------------------------------------------


def signed(person_id, on_behalf_of=None):
    return Acted(person_id=person_id, position_id=None, at=NOW, on_behalf_of=on_behalf_of)


def submitted():
    document = Document(id=uuid4(), agency_id=AGENCY, kind=DocumentKind.PROCEDURE, code="QT-01", title="x")
    document.draft(id=uuid4(), file=FILE, by=signed(AUTHOR), procedure=None, note=None)
    document.submit(by=signed(AUTHOR))
    return document


@pytest.mark.parametrize("hand", own_hands(AUTHOR))
def test_nobody_reviews_what_they_wrote(hand):
    with pytest.raises(Forbidden):
        submitted().review(by=signed(**hand), note=None)
    submitted().review(by=signed(OTHER), note=None)


@pytest.mark.parametrize("hand", own_hands(AUTHOR))
def test_nobody_approves_what_they_wrote(hand):
    document = submitted()
    document.review(by=signed(OTHER), note=None)
    with pytest.raises(Forbidden):
        document.approve(by=signed(**hand))
    document.approve(by=signed(THIRD))


def issued(document, day=TODAY, **more):
    given = {"by": signed(THIRD), "effective_from": day, "today": TODAY, "migrated_from_paper": False}
    return document.issue(**given | more)


def test_no_step_of_a_revision_is_left_out():
    document = submitted()
    for step in (lambda: document.approve(by=signed(THIRD)), lambda: issued(document)):
        with pytest.raises(Conflict):
            step()
    document.review(by=signed(OTHER), note=None)
    with pytest.raises(Conflict):
        issued(document)
    document.approve(by=signed(THIRD))
    issued(document)


def test_no_effect_is_dated_back():
    document = submitted()
    document.review(by=signed(OTHER), note=None)
    document.approve(by=signed(THIRD))
    with pytest.raises(Invalid):
        issued(document, TODAY - timedelta(days=1))
    issued(document, TODAY - timedelta(days=1), migrated_from_paper=True)


# -- audits ----------------------------------------------------------------------------------------


def a_hand(person_id, on_behalf_of=None):
    return Acted(person_id=person_id, at=NOW, on_behalf_of=on_behalf_of)


def a_programme(**changes):
    given = {"year": 2026, "title": "Năm 2026", "objective": "9.2", "drafted_by": AUTHOR}
    return Programme(id=uuid4(), agency_id=AGENCY, **given | changes)


def approved_programme():
    programme = a_programme()
    programme.approve(by=a_hand(OTHER))
    return programme


def an_audit(**changes):
    given = {"programme_id": uuid4(), "title": "Đánh giá", "framework": "tcvn-iso-9001:2015"}
    given |= {"clauses": ["7.5"], "document_ids": [], "lead_auditor_id": OTHER, "auditor_ids": [THIRD]}
    given |= {"planned_from": TODAY, "planned_to": TODAY}
    return Audit(id=uuid4(), agency_id=AGENCY, **given | changes)


def under_way():
    audit = an_audit()
    audit.plan(staff_of_agency={AUTHOR}, programme=approved_programme(), by=a_hand(OTHER))
    audit.start(questions=[("7.5", None, "?")], by=a_hand(THIRD))
    return audit


def a_finding(audit, by):
    facts = {"clause": "7.5", "grade": Grade.OBSERVATION, "statement": "x", "evidence": "y"}
    return Finding(id=uuid4(), audit_id=audit.id, seq=1, found_by=by, found_at=NOW, **facts)


@pytest.mark.parametrize("hand", own_hands(AUTHOR))
def test_nobody_approves_the_programme_they_drafted(hand):
    with pytest.raises(Forbidden):
        a_programme().approve(by=a_hand(**hand))
    a_programme().approve(by=a_hand(OTHER))


@pytest.mark.parametrize("place", ["lead", "member"])
def test_nobody_audits_their_own_unit(place):
    team = {"lead_auditor_id": AUTHOR} if place == "lead" else {"auditor_ids": [AUTHOR]}
    with pytest.raises(Forbidden):
        an_audit(**team).plan(staff_of_agency={AUTHOR}, programme=approved_programme(), by=a_hand(OTHER))


def test_only_the_team_finds_and_only_its_lead_reports():
    audit = under_way()
    with pytest.raises(Forbidden):
        audit.find(a_finding(audit, AUTHOR), known_clauses=["7.5"], by=a_hand(AUTHOR))
    audit.find(a_finding(audit, THIRD), known_clauses=["7.5"], by=a_hand(THIRD))
    for who in (AUTHOR, THIRD):
        with pytest.raises(Forbidden):
            audit.report(conclusion="Phù hợp", on=None, today=TODAY, by=a_hand(who))
    audit.report(conclusion="Phù hợp", on=None, today=TODAY, by=a_hand(OTHER))


def test_no_audit_without_an_approved_programme():
    with pytest.raises(Conflict):
        an_audit().plan(staff_of_agency=set(), programme=a_programme(), by=a_hand(OTHER))


# -- nonconformities and reviews -------------------------------------------------------------------


def a_nonconformity(**changes):
    given = {"number": "KPH-01", "source": NonconformitySource.OVERDUE, "severity": Severity.MINOR}
    return Nonconformity(
        id=uuid4(), agency_id=AGENCY, description="Trễ hạn", raised_at=NOW, **given | changes
    )


def with_action(owner=AUTHOR):
    it = a_nonconformity()
    it.correct(correction="Đã trả kết quả", by=a_hand(OTHER))
    it.find_cause(cause="Thiếu người")
    facts = {"description": "Bố trí người", "owner_id": owner, "due_on": TODAY, "planned_at": NOW}
    action = CorrectiveAction(id=uuid4(), nonconformity_id=it.id, **facts)
    it.plan(action, today=TODAY, by=a_hand(OTHER))
    return it, action


@pytest.mark.parametrize("hand", own_hands(AUTHOR))
def test_nobody_verifies_what_they_did(hand):
    it, action = with_action()
    it.complete(action.id, note="xong", by=a_hand(AUTHOR))
    with pytest.raises(Forbidden):
        it.verify(action.id, is_effective=True, note="ổn", by=a_hand(**hand))
    it.verify(action.id, is_effective=True, note="ổn", by=a_hand(OTHER))
    assert action.state is ActionState.VERIFIED


def test_only_the_owner_reports_done():
    it, action = with_action()
    with pytest.raises(Forbidden):
        it.complete(action.id, note="xong", by=a_hand(OTHER))
    facts = {"title": "Xem xét", "period_from": TODAY, "period_to": TODAY, "held_on": TODAY}
    review = Review(id=uuid4(), agency_id=AGENCY, state=ReviewState.INPUTS_FROZEN, **facts)
    task = ReviewTask(
        id=uuid4(), review_id=review.id, decision="x", owner_id=AUTHOR, due_on=TODAY, decided_at=NOW
    )
    review.decide(task, today=TODAY, by=a_hand(OTHER))
    with pytest.raises(Forbidden):
        review.complete(task.id, note="xong", by=a_hand(OTHER))
    review.complete(task.id, note="xong", by=a_hand(AUTHOR))


def test_nothing_is_closed_while_something_is_open():
    with pytest.raises(Conflict):
        a_nonconformity().close(by=a_hand(OTHER))
    it, action = with_action()
    for step in (None, lambda: it.complete(action.id, note="xong", by=a_hand(AUTHOR))):
        if step:
            step()
        with pytest.raises(Conflict):
            it.close(by=a_hand(OTHER))
    it.verify(action.id, is_effective=True, note="ổn", by=a_hand(OTHER))
    it.close(by=a_hand(OTHER))


# -- people, roles, hand-overs ---------------------------------------------------------------------


def leader_signs(hand_over, person_id, on_behalf_of=None):
    given = {"part": SigningPart.LEADER, "position_id": uuid4(), "at": NOW}
    hand_over.sign(MinuteSignature(person_id=person_id, on_behalf_of=on_behalf_of, **given))


def test_nobody_confirms_their_own_hand_over():
    giver, receiver = a_position(agency_id=AGENCY), a_position(agency_id=AGENCY)

    def drawn_up():
        return HandOver.draw_up(giver, receiver, id=uuid4(), number="BG-01", note=None, now=NOW)

    for person in (giver.person_id, receiver.person_id):
        for hand in own_hands(person):
            with pytest.raises(Forbidden):
                leader_signs(drawn_up(), **hand)
    leader_signs(drawn_up(), OTHER)


def test_nobody_lends_what_they_do_not_hold():
    catalogue = rules.roles()
    held = [HeldRole(role=Role.DRAFTER, agency_id=AGENCY), HeldRole(role=Role.INSPECTOR, agency_id=AGENCY)]

    def below(above, under):
        return (above, under) == (AGENCY, ELSEWHERE)

    assert share(held, held[:1], catalogue, below) == held[:1]
    for wanted in (
        HeldRole(role=Role.APPROVER, agency_id=AGENCY),
        HeldRole(role=Role.DRAFTER, agency_id=ELSEWHERE),
        HeldRole(role=Role.DRAFTER, agency_id=AGENCY, with_subtree=True),
        HeldRole(role=Role.INSPECTOR, agency_id=AGENCY),
    ):
        with pytest.raises(Forbidden):
            share(held, [wanted], catalogue, below)


def test_no_delegation_is_dated_back():
    facts = {"id": uuid4(), "kind": DelegationKind.AUTHORISATION, "agency_id": AGENCY, "given_by": AUTHOR}
    facts |= {name: uuid4() for name in ("from_position_id", "to_position_id", "to_person_id")}
    facts |= {"signing_authority": False, "basis": "GUQ-01", "valid_to": TODAY + timedelta(days=9)}
    with pytest.raises(Invalid):
        Delegation.give(today=TODAY, valid_from=TODAY - timedelta(days=1), **facts)
    Delegation.give(today=TODAY, valid_from=TODAY, **facts)


def test_nobody_grants_beyond_their_reach():
    may_grant = rules.roles().may_grant
    leader = [Held(role=Role.UNIT_LEADER, agency_id=AGENCY)]

    def grants(role, agency_id=AGENCY, with_subtree=False):
        wanted = HeldRole(role=role, agency_id=agency_id, with_subtree=with_subtree)
        check_may_grant(leader, wanted, may_grant=may_grant, is_below=lambda above, under: True)

    grants(Role.DRAFTER)
    for beyond in (
        {"role": Role.UNIT_LEADER},
        {"role": Role.PROVINCE_ADMIN},
        {"role": Role.INSPECTOR},
        {"role": Role.DRAFTER, "agency_id": ELSEWHERE},
        {"role": Role.DRAFTER, "with_subtree": True},
    ):
        with pytest.raises(Forbidden):
            grants(**beyond)


# -- before a call -----------------------------------------------------------------------------------

SIGNED = {
    "documents": ("approve_revision", "issue_revision"),
    "audits": ("approve_programme", "conclude_review"),
    "cases": ("link_agencies", "end_agency_link"),
}
"""What is signed: by law an act of authority, NĐ 30/2020/NĐ-CP, Điều 13."""


def test_who_may_not_sign_signs_nothing():
    for name, actions in SIGNED.items():
        policy = service_of(name).policy
        for action in actions:
            roles = tuple(Held(role=role, agency_id=AGENCY) for role in policy.roles_for(action, None))
            actor = Actor(kind="person", person_id=OTHER, on_behalf_of=AUTHOR, may_sign=False, roles=roles)
            with pytest.raises(Forbidden, match="no_signing_authority"):
                policy.admit(action, actor)
            policy.admit(action, replace(actor, may_sign=True))


DOOR = {"sign_in", "refresh_session", "sign_out", "client_session"}


def writes(name):
    return {action for action, (_, is_write, _) in operations_of(service_of(name)).items() if is_write}


def entered(name, actor):
    policy, found = service_of(name).policy, set()
    for action in writes(name):
        try:
            policy.admit(action, actor)
        except Forbidden:
            continue
        found.add(action)
    return found


def test_nobody_unknown_changes_anything():
    assert set().union(*(entered(name, PUBLIC) for name in SERVICES)) == DOOR


def test_a_program_only_reads_but_for_the_sync():
    scopes = sorted({scope for name in SERVICES for scope in service_of(name).policy.scopes})
    program = Actor.client(uuid4(), scopes, [(AGENCY, True)])
    own = DOOR | {"lease_calls"}
    assert set().union(*(entered(name, program) for name in SERVICES)) - own == {"upsert_dossiers"}
