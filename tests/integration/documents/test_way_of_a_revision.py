"""The way of a revision on real servers: who may do what, in which order, and what is left behind."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from kernel.base import clock
from kernel.data.tables import outbox, trail
from services.documents.documents.tables import revisions

TODAY = "2026-08-10"


def in_force(desk, document, day, token=None):
    asked = {"ids": [document["id"]], "as_of": day}
    found = desk.rpc.call("documents.revisions_in_force", asked, token=token or desk.drafter)["ok"]
    return [each["number"] for each in found]


def test_a_revision_goes_from_draft_to_issued(desk, documents, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    document = desk.issued(TODAY)
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    assert (revision["state"], revision["standing"]) == ("issued", "in_force")
    assert revision["approved_by"] == str(desk.approver)
    assert revision["file"]["locked_until"] is not None
    with documents.database.sessions() as session:
        topics = session.scalars(select(outbox.c.topic).order_by(outbox.c.recorded_at)).all()
        actions = session.scalars(
            select(trail.c.action).where(trail.c.subject_type == "Document").order_by(trail.c.recorded_at)
        ).all()
    assert topics == [
        f"documents.revision_{what}.v1" for what in ("submitted", "reviewed", "approved", "issued")
    ]
    assert actions == [
        f"documents:{what}"
        for what in (
            "create_document",
            "submit_revision",
            "review_revision",
            "approve_revision",
            "issue_revision",
        )
    ]


def test_an_author_may_not_review_or_approve_their_own_revision(desk, province):
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    both = province.person("reviewer", "approver", person=desk.author)
    assert desk.do("review_revision", document, both)["refused"]["code"] == "own_revision"
    document = desk.do("review_revision", document, desk.review)["ok"]
    assert desk.do("approve_revision", document, both)["refused"]["code"] == "own_revision"


def test_who_acts_for_another_approves_only_with_signing_authority_and_both_names_are_kept(
    desk, province, documents, business_clock
):
    business_clock(f"{TODAY}T08:00+07:00")
    director, deputy = uuid4(), uuid4()
    acting = {"person": deputy, "on_behalf_of": director}
    unsigned = province.person("approver", "reviewer", **acting, may_sign=False)
    signing = province.person("approver", **acting)
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    document = desk.do("review_revision", document, unsigned)["ok"]
    assert desk.do("approve_revision", document, unsigned)["refused"]["code"] == "no_signing_authority"
    document = desk.do("approve_revision", document, signing)["ok"]
    issuing = {"effective_from": TODAY}
    assert desk.do("issue_revision", document, unsigned, **issuing)["refused"]["code"] == (
        "no_signing_authority"
    )
    document = desk.do("issue_revision", document, signing, **issuing)["ok"]
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    for what in ("reviewed", "approved", "issued"):
        assert (revision[f"{what}_by"], revision[f"{what}_for"]) == (str(deputy), str(director))
    asked = {"document_id": document["id"], "first": 10}
    rows = desk.rpc.call("documents.trail_of", asked, token=desk.approve)["ok"]
    acted = {row["action"]: (row["person_id"], row["on_behalf_of"]) for row in rows}
    assert acted["documents:approve_revision"] == (str(deputy), str(director))
    assert acted["documents:submit_revision"] == (str(desk.author), None)


def test_neither_the_author_acting_for_another_nor_another_acting_for_the_author_approves(desk, province):
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    document = desk.do("review_revision", document, desk.review)["ok"]
    author_for_the_director = province.person("approver", person=desk.author, on_behalf_of=uuid4())
    deputy_for_the_author = province.person("approver", on_behalf_of=desk.author)
    for hand in (author_for_the_director, deputy_for_the_author):
        assert desk.do("approve_revision", document, hand)["refused"]["code"] == "own_revision"


def test_a_stale_copy_gets_conflict(desk, province):
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    document = desk.do("review_revision", document, desk.review)["ok"]
    assert "ok" in desk.do("approve_revision", document, desk.approve)
    second = desk.do("approve_revision", document, province.person("approver"))
    assert (second["refused"]["kind"], second["refused"]["code"]) == ("Conflict", "changed_meanwhile")
    assert second["refused"]["field"] == "expectedVersion"


def test_the_same_command_sent_twice_has_one_effect(desk, documents):
    document = desk.created()
    asked = {"request_id": uuid4(), "document_id": document["id"], "expected_version": document["version"]}
    first = desk.rpc.call("documents.submit_revision", asked, token=desk.drafter)
    again = desk.rpc.call("documents.submit_revision", asked, token=desk.drafter)
    assert first == again
    with documents.database.sessions() as session:
        topics = session.scalars(select(outbox.c.topic)).all()
    assert topics.count("documents.revision_submitted.v1") == 1


def test_a_request_id_reused_for_something_else_is_refused(desk):
    one, other = desk.created(), desk.created()
    asked = {"request_id": uuid4(), "document_id": one["id"], "expected_version": one["version"]}
    assert "ok" in desk.rpc.call("documents.submit_revision", asked, token=desk.drafter)
    answer = desk.rpc.call(
        "documents.submit_revision", asked | {"document_id": other["id"]}, token=desk.drafter
    )
    assert answer["refused"]["code"] == "request_id_reused"


def test_a_refusal_is_kept_with_its_request(desk):
    document = desk.created()
    asked = {"request_id": uuid4(), "document_id": document["id"], "expected_version": 99}
    first = desk.rpc.call("documents.submit_revision", asked, token=desk.drafter)
    assert first["refused"]["code"] == "changed_meanwhile"
    assert desk.rpc.call("documents.submit_revision", asked, token=desk.drafter) == first


def test_a_later_revision_supersedes_on_its_day(desk, business_clock):
    business_clock(f"{TODAY}T08:00+07:00")
    document = desk.issued(TODAY)
    asked = {"upload_id": desk.uploaded(), "change_note": "Rút ngắn bước thẩm định"}
    document = desk.approved(desk.do("start_revision", document, desk.drafter, **asked)["ok"])
    document = desk.do("issue_revision", document, desk.approve, effective_from="2026-09-01")["ok"]
    assert in_force(desk, document, "2026-08-09") == []
    assert in_force(desk, document, "2026-08-31") == [1]
    assert in_force(desk, document, "2026-09-01") == [2]
    assert in_force(desk, document, "2030-01-01") == [2]


def test_there_is_never_more_than_one_open_revision(desk):
    document = desk.created()
    asked = {"upload_id": desk.uploaded(), "change_note": "bản nháp thứ hai"}
    answer = desk.do("start_revision", document, desk.drafter, **asked)
    assert answer["refused"]["code"] == "revision_already_open"


def test_two_drafts_started_at_the_same_time_leave_one(desk, documents):
    document = desk.issued(clock.today().isoformat())
    asked = [
        {
            "request_id": uuid4(),
            "document_id": document["id"],
            "expected_version": document["version"],
            "upload_id": desk.uploaded(),
            "change_note": "cùng lúc",
        }
        for _ in range(4)
    ]
    sent = [desk.rpc.send("documents.start_revision", each, token=desk.drafter) for each in asked]
    received = dict(desk.rpc.arrived() for _ in sent)
    answers = [received[each] for each in sent]
    assert sum("ok" in each for each in answers) == 1
    assert sum("changed_meanwhile" in str(each) for each in answers) == 3
    with documents.database.sessions() as session:
        drafts = session.scalars(select(revisions.c.id).where(revisions.c.state == "draft")).all()
    assert len(drafts) == 1


def test_a_document_is_not_issued_into_the_past_unless_it_comes_from_paper(desk):
    document = desk.approved()
    past = (clock.today() - timedelta(days=400)).isoformat()
    refused = desk.do("issue_revision", document, desk.approve, effective_from=past)["refused"]
    assert (refused["code"], refused["field"]) == ("effective_in_the_past", "effectiveFrom")
    paper = {"effective_from": past, "migrated_from_paper": True}
    document = desk.do("issue_revision", document, desk.approve, **paper)["ok"]
    assert in_force(desk, document, past) == [1]
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    assert revision["migrated_from_paper"] is True


def test_a_returned_revision_is_a_draft_again_and_says_why(desk):
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    document = desk.do("return_revision", document, desk.review, reason="Thiếu biểu mẫu")["ok"]
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    assert revision["state"] == "draft"
    rows = desk.rpc.call("documents.trail_of", {"document_id": document["id"]}, token=desk.drafter)["ok"]
    assert rows[0]["reason"] == "Thiếu biểu mẫu"


def test_the_draft_can_be_edited_and_cleared_and_nothing_after_submission(desk):
    document = desk.created(change_note="lần đầu")
    document = desk.do("edit_draft", document, desk.drafter, title="Tên mới", clears=["change_note"])["ok"]
    [revision] = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    assert (document["title"], revision["change_note"]) == ("Tên mới", None)
    document = desk.do("submit_revision", document, desk.drafter)["ok"]
    refused = desk.do("edit_draft", document, desk.drafter, title="Muộn")["refused"]
    assert refused["code"] == "not_in_this_state"


def test_a_code_is_taken_once_in_an_agency(desk):
    document = desk.created()
    wanted = {
        "request_id": uuid4(),
        "agency_id": desk.province.department,
        "kind": "form",
        "code": document["code"],
        "title": "Trùng",
        "upload_id": desk.uploaded(),
    }
    alike = document["code"].swapcase().replace("-", "\u2013\u200b") + "\n"
    for code in (document["code"], alike):
        given = wanted | {"request_id": uuid4(), "code": code}
        answer = desk.rpc.call("documents.create_document", given, token=desk.drafter)
        assert answer["refused"]["code"] == "document_code_taken"


def test_roles_of_another_agency_do_not_reach_here(desk, province):
    document = desk.do("submit_revision", desk.created(), desk.drafter)["ok"]
    stranger = province.person("reviewer", at=province.commune)
    assert desk.do("review_revision", document, stranger)["refused"]["code"] == "document_not_found"
    reader = province.person("reader")
    assert desk.do("review_revision", document, reader)["refused"]["code"] == "not_permitted"
    above = province.person("reviewer", at=province.root, with_subtree=True)
    assert "ok" in desk.do("review_revision", document, above)
