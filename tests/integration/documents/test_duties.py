"""What documents wait for: each step of a revision waits for exactly those who may take it."""

from uuid import uuid4

from tests.integration.plans import read_whole, watched


def duties(rpc, token, **more):
    return rpc.call("documents.document_duties", more, token=token)["ok"]


def kinds(rpc, token, **more):
    return [(each["kind"], each["is_own"]) for each in duties(rpc, token, **more)["items"]]


def test_each_step_waits_for_those_who_may_take_it(desk, rpc, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    document = desk.created()
    assert kinds(rpc, desk.drafter) == [("draft", True)]
    assert kinds(rpc, desk.review) == []
    document = desk.do("submit_revision", document, desk.drafter)["ok"]
    assert kinds(rpc, desk.drafter) == []
    [waiting] = duties(rpc, desk.review)["items"]
    assert (waiting["kind"], waiting["subject_id"]) == ("review", document["id"])
    assert (waiting["since"], waiting["minutes_left"]) == ("2026-08-10T01:00:00Z", None)
    document = desk.do("review_revision", document, desk.review)["ok"]
    assert kinds(rpc, desk.approve) == [("approval", False)]
    document = desk.do("approve_revision", document, desk.approve)["ok"]
    assert kinds(rpc, desk.approve) == [("issue", False)]
    desk.do("issue_revision", document, desk.approve, effective_from="2026-08-10")
    assert kinds(rpc, desk.approve) == []


def test_nobody_is_asked_to_review_what_they_wrote(desk, rpc, province):
    desk.do("submit_revision", desk.created(), desk.drafter)
    both = province.person("drafter", "reviewer", person=desk.author)
    assert kinds(rpc, both) == []
    assert kinds(rpc, province.person("reviewer")) == [("review", False)]


def test_what_waits_elsewhere_is_nobodys_duty_here(desk, rpc, province):
    desk.do("submit_revision", desk.created(), desk.drafter)
    assert kinds(rpc, province.person("reviewer", at=province.commune)) == []
    assert kinds(rpc, province.person("reader")) == []
    above = province.person("reviewer", at=province.root, with_subtree=True)
    assert kinds(rpc, above) == [("review", False)]


def test_a_leader_sees_what_somebody_of_the_unit_drafts_and_a_stranger_does_not(desk, rpc, province):
    desk.created()
    asked = {"person_id": desk.author}
    assert kinds(rpc, province.person("unit_leader"), **asked) == [("draft", True)]
    assert kinds(rpc, province.person("unit_leader", at=province.commune), **asked) == []
    assert kinds(rpc, province.person("drafter"), **asked) == []
    assert kinds(rpc, province.person("unit_leader"), **asked, position_id=uuid4()) == []


def test_the_counts_are_of_all_whatever_was_asked_for(desk, rpc):
    for _ in range(3):
        desk.created()
    found = duties(rpc, desk.drafter, first=2)
    assert len(found["items"]) == 2
    assert found["counts"] == [{"kind": "draft", "count": 3, "late": 0}]


def test_what_waits_is_found_by_index(desk, rpc, documents, province):
    desk.do("submit_revision", desk.created(), desk.drafter)
    everywhere = province.person("reviewer", "drafter", at=province.root, with_subtree=True)
    for token in (desk.drafter, desk.review, everywhere):
        with watched(documents.database) as asked:
            duties(rpc, token)
        assert read_whole(documents.database, asked, ("documents", "revisions")) == []
