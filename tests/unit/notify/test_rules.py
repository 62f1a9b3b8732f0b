"""Who is notified of what: the rules that are data, and how an event fills them in."""

import json
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from contracts.base import EVENTS
from contracts.directory.roles import Role
from contracts.documents.documents import DocumentKind
from contracts.documents.events import RevisionIssued, RevisionReturned, RevisionSubmitted
from contracts.messages import text
from kernel.bus.incoming import parse_event
from services.notify import rules
from services.notify.notices.domain import BadRule, Channel, Holders, Rule, audience, facts, words
from tests.contract.golden import HERE as GOLDEN

RULES = rules.audiences()
TODAY = date(2026, 8, 10)


def a_rule(**changes):
    given = {
        "topic": "documents.revision_submitted.v1",
        "kind": "revision_submitted",
        "about": "document_id",
        "about_type": "document",
        "agency": "agency_id",
        "who": "submitted_by",
        "channels": (Channel.IN_APP,),
        "valid_from": date(2025, 7, 1),
        "basis": "test",
    }
    return Rule(**given | changes)


def submitted(**changes):
    given = {
        "document_id": uuid4(),
        "revision_id": uuid4(),
        "agency_id": uuid4(),
        "code": "QTTP-20",
        "title": "Thủ tục Đề nghị",
        "number": 2,
        "submitted_by": uuid4(),
    }
    return RevisionSubmitted(**given | changes)


def issued(**changes):
    given = {
        "document_id": uuid4(),
        "revision_id": uuid4(),
        "agency_id": uuid4(),
        "kind": DocumentKind.PROCEDURE,
        "code": "QTTP-20",
        "title": "Thủ tục",
        "number": 1,
        "effective_from": date(2026, 9, 1),
        "issued_by": uuid4(),
        "author_id": uuid4(),
        "migrated_from_paper": False,
        "distribution": (uuid4(), uuid4()),
    }
    return RevisionIssued(**given | changes)


def test_every_step_of_a_revision_notifies_somebody():
    found = {topic for topic in EVENTS if topic.startswith("documents.revision_")}
    assert found <= {rule.topic for rule in RULES}


def test_a_rule_may_want_something_of_the_event():
    rule = a_rule(when={"code": "QTTP-20"})
    assert rule.fits(submitted())
    assert not rule.fits(submitted(code="QT-01"))
    with pytest.raises(BadRule, match="colour"):
        a_rule(when={"colour": "red"})


def test_a_rule_may_not_speak_of_a_field_that_the_event_has_not():
    with pytest.raises(BadRule, match="leader_id"):
        a_rule(people=("leader_id",))
    with pytest.raises(BadRule, match="nobody tells"):
        a_rule(topic="documents.revision_lost.v1")


def test_a_notice_always_stands_in_the_system():
    with pytest.raises(BadRule, match="system"):
        a_rule(channels=(Channel.EMAIL,))


def test_rules_hold_for_their_days_only():
    rule = a_rule(valid_to=date(2026, 8, 10))
    assert rule.is_valid(date(2026, 8, 9))
    assert not rule.is_valid(TODAY)
    assert RULES.of("documents.revision_issued.v1", date(2025, 6, 30)) == []


def test_who_submits_is_not_notified_of_it():
    event = submitted()
    [rule] = RULES.of(event.topic, TODAY)
    meant = audience(rule, event)
    assert meant.holders == (((Role.REVIEWER,), event.agency_id),)
    assert meant.never == {event.submitted_by}


def test_an_issued_revision_concerns_its_agency_those_it_is_distributed_to_and_the_author():
    event = issued()
    [rule] = RULES.of(event.topic, TODAY)
    meant = audience(rule, event)
    assert meant.staff_of == {event.agency_id, *event.distribution}
    assert meant.people == {event.author_id}


def test_an_event_without_distribution_concerns_its_own_agency():
    event = issued(distribution=())
    [rule] = RULES.of(event.topic, TODAY)
    assert audience(rule, event).staff_of == {event.agency_id}


def test_a_role_is_filled_in_with_the_agency_it_must_reach():
    event = submitted()
    rule = a_rule(holders=(Holders(roles=(Role.APPROVER, Role.ISO_HEAD), reaching="agency_id"),))
    assert audience(rule, event).holders == (((Role.APPROVER, Role.ISO_HEAD), event.agency_id),)


@pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.kind)
def test_the_words_of_every_rule_can_be_said_in_both_languages(rule):
    event = example_of(rule.topic)
    known = facts(event, who="Đinh Thị Mẫu", agency="Sở Nội vụ")
    for part in ("subject", "body"):
        said = words(rule.kind, part, known)
        facts_said = {"QTTP-20", known["agency"], "10/08/2026"}
        for language in ("vi", "en"):
            changed = {text(f"changed_{each}")[language] for each in known.get("changed", ())}
            assert any(fact in said[language] for fact in facts_said | changed)
        assert "{" not in said.vi + said.en


def test_dates_are_said_as_people_here_read_them():
    said = words("revision_issued", "subject", facts(issued(), who="A", agency="B"))
    assert "01/09/2026" in said.vi


def test_braces_in_a_title_are_text_and_not_a_placeholder():
    event = submitted(title="Quy trình {agency} {0}")
    said = words("revision_submitted", "subject", facts(event, who="A", agency="B"))
    assert "Quy trình {agency} {0}" in said.vi


def example_of(topic):
    """The event of the topic's golden message."""
    raw = json.loads((GOLDEN / f"{topic}.json").read_text("utf-8"))
    return parse_event(raw, topic)[1]


def test_a_returned_revision_says_why():
    event = replace(example_of(RevisionReturned.topic), reason="Thiếu bước 3")
    said = words("revision_returned", "body", facts(event, who="A", agency="B"))
    assert "Thiếu bước 3" in said.vi
