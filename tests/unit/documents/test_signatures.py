"""Who signs a revision as what, what each signature publishes, and what changes when others go on."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.documents.documents import RevisionState, Standing
from contracts.documents.events import (
    RevisionApproved,
    RevisionIssued,
    RevisionReturned,
    RevisionReviewed,
    RevisionSubmitted,
)
from contracts.documents.procedures import ProcedureContent
from kernel.base.errors import Conflict, Forbidden
from org.acted import Acted
from services.documents.documents.domain.revision import File, standing
from tests.unit.documents.test_document import APPROVER, AUTHOR, FILE, REVIEWER, TODAY, a_document, hand

NOW = datetime(2026, 8, 10, 1, tzinfo=UTC)
OTHER = uuid4()
LATER = TODAY + timedelta(days=30)


def signing(person, on_behalf_of=None):
    return Acted(person_id=person, position_id=uuid4(), at=NOW, on_behalf_of=on_behalf_of)


def issue(document, day=TODAY, by=None, **more):
    given = {"effective_from": day, "today": TODAY, "migrated_from_paper": False}
    return document.issue(by=by or hand(APPROVER), **given | more)


def submitted():
    document = a_document()
    document.submit(by=hand(AUTHOR))
    return document


def reviewed():
    document = submitted()
    document.review(by=hand(REVIEWER), note=None)
    return document


def approved():
    document = reviewed()
    document.approve(by=hand(APPROVER))
    return document


def issued(day=TODAY):
    document = approved()
    issue(document, day)
    document.drain()
    return document


# -- signatures ----------------------------------------------------------------------------------------


def test_each_signature_keeps_who_signed_as_what_for_whom_and_when():
    document, leader = submitted(), uuid4()
    first, second, third = (signing(person, leader) for person in (REVIEWER, APPROVER, OTHER))
    document.review(by=first, note="đúng mẫu")
    document.approve(by=second)
    revision = issue(document, by=third)
    for by, part in ((first, "reviewed"), (second, "approved"), (third, "issued")):
        kept = [getattr(revision, f"{part}_{name}") for name in ("by", "as", "for", "at")]
        assert kept == [by.person_id, by.position_id, leader, NOW]
    assert (revision.review_note, revision.submitted_at) == ("đúng mẫu", NOW)


@pytest.mark.parametrize("make", [submitted, reviewed, approved])
def test_nobody_signs_for_the_author_what_the_author_wrote(make):
    document, acting = make(), signing(OTHER, on_behalf_of=AUTHOR)
    act = {
        submitted: lambda: document.review(by=acting, note=None),
        reviewed: lambda: document.approve(by=acting),
        approved: lambda: issue(document, by=acting),
    }[make]
    with pytest.raises(Forbidden, match="own_revision"):
        act()


def test_each_step_is_told_with_who_did_it_and_whose_text_it_is():
    document = a_document()
    document.drain()
    document.submit(by=hand(AUTHOR))
    document.review(by=hand(REVIEWER), note=None)
    document.approve(by=hand(APPROVER))
    document.send_back(by=hand(OTHER), reason="thiếu")
    first, second, third, fourth = document.drain()
    assert (type(first), first.submitted_by) == (RevisionSubmitted, AUTHOR)
    assert (type(second), second.reviewed_by, second.author_id) == (RevisionReviewed, REVIEWER, AUTHOR)
    assert (type(third), third.approved_by, third.author_id) == (RevisionApproved, APPROVER, AUTHOR)
    assert (type(fourth), fourth.returned_by, fourth.author_id) == (RevisionReturned, OTHER, AUTHOR)
    assert fourth.reason == "thiếu"
    [revision] = document.revisions
    for told in (first, second, third, fourth):
        assert (told.document_id, told.revision_id, told.number) == (document.id, revision.id, 1)
        assert (told.code, told.title, told.agency_id) == ("QTTP-20", "x", document.agency_id)


@pytest.mark.parametrize("make", [submitted, reviewed, approved])
def test_what_is_signed_so_far_is_returned_and_every_signature_falls(make):
    document = make()
    document.send_back(by=hand(APPROVER), reason="x")
    [revision] = document.revisions
    assert revision.state is RevisionState.DRAFT
    fallen = ("submitted_at", "reviewed_by", "reviewed_as", "reviewed_for", "reviewed_at", "review_note")
    fallen += ("approved_by", "approved_as", "approved_for", "approved_at")
    assert {getattr(revision, name) for name in fallen} == {None}


def test_each_step_follows_the_one_before():
    draft, waiting = a_document(), submitted()
    for act in (
        lambda: draft.review(by=hand(REVIEWER), note=None),
        lambda: draft.send_back(by=hand(REVIEWER), reason="x"),
        lambda: waiting.submit(by=hand(AUTHOR)),
        lambda: waiting.edit(file=None, by=hand(AUTHOR)),
        lambda: waiting.approve(by=hand(APPROVER)),
        lambda: issue(waiting),
        lambda: issue(reviewed()),
    ):
        with pytest.raises(Conflict, match="not_in_this_state"):
            act()


def test_every_act_raises_the_version_on_which_writers_agree():
    document = a_document()
    assert document.changes == 1
    acts = (
        lambda: document.edit(file=None, by=hand(AUTHOR)),
        lambda: document.submit(by=hand(AUTHOR)),
        lambda: document.send_back(by=hand(REVIEWER), reason="x"),
        lambda: document.pass_on(hand(OTHER)),
        lambda: document.submit(by=hand(OTHER)),
        lambda: document.review(by=hand(REVIEWER), note=None),
        lambda: document.approve(by=hand(APPROVER)),
        lambda: issue(document),
        lambda: document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note=None),
    )
    for act in acts:
        before = document.changes
        act()
        assert document.changes == before + 1


# -- drafts --------------------------------------------------------------------------------------------


def test_a_draft_changes_in_what_is_given_and_in_nothing_else():
    document, agency = a_document(), uuid4()
    other = File(
        upload_id=uuid4(), name="b.pdf", media_type="y", size=2, sha256="1" * 64, key="k2", version_id="v2"
    )
    content = ProcedureContent()
    document.edit(file=other, by=hand(AUTHOR), procedure=content, change_note="sửa", distribution=[agency])
    [revision] = document.revisions
    assert (revision.file_name, revision.media_type, revision.size) == ("b.pdf", "y", 2)
    assert (revision.sha256, revision.object_key, revision.object_version) == ("1" * 64, "k2", "v2")
    assert (revision.upload_id, revision.procedure, revision.change_note) == (other.upload_id, content, "sửa")
    assert (document.title, document.distribution) == ("x", [agency])
    document.edit(file=None, by=hand(AUTHOR), title="mới", distribution=None, change_note=None)
    assert (document.title, document.distribution, revision.change_note) == ("mới", [agency], None)
    assert (revision.file_name, revision.procedure) == ("b.pdf", content)


def test_a_draft_has_the_next_number_its_author_and_its_file():
    document, by = issued(), signing(OTHER)
    assert not document.revisions[0].migrated_from_paper
    content = ProcedureContent()
    revision = document.draft(id=uuid4(), file=FILE, by=by, procedure=content, note="sửa")
    assert (revision.number, document.open_revision) == (2, revision)
    assert (revision.state, revision.migrated_from_paper) == (RevisionState.DRAFT, False)
    assert (revision.author_id, revision.author_position_id) == (OTHER, by.position_id)
    assert (revision.procedure, revision.change_note, revision.file_name) == (content, "sửa", "a.docx")


def test_whose_text_it_was_signs_nothing_of_it_though_others_wrote_on():
    document = a_document()
    for person in (OTHER, REVIEWER, OTHER):
        document.edit(file=None, by=hand(person))
    [revision] = document.revisions
    assert revision.author_id == OTHER
    assert revision.written_by == {AUTHOR, OTHER, REVIEWER}
    assert revision.earlier_authors.count(AUTHOR) == 1
    document.submit(by=hand(OTHER))
    for person in (AUTHOR, OTHER, REVIEWER):
        with pytest.raises(Forbidden, match="own_revision"):
            document.review(by=hand(person), note=None)


def test_an_author_who_writes_again_was_no_other_before():
    document = a_document()
    document.edit(file=None, by=hand(AUTHOR))
    assert document.revisions[0].earlier_authors == []


def test_another_answers_for_the_open_revision_and_what_was_signed_stays():
    document, to = reviewed(), signing(OTHER)
    revision = document.pass_on(to)
    assert (revision.author_id, revision.author_position_id) == (OTHER, to.position_id)
    assert (revision.state, revision.reviewed_by) == (RevisionState.REVIEWED, REVIEWER)
    with pytest.raises(Forbidden, match="own_revision"):
        document.approve(by=hand(AUTHOR))
    with pytest.raises(Conflict, match="no_open_revision"):
        issued().pass_on(to)


# -- in force ------------------------------------------------------------------------------------------


def test_one_that_follows_says_which_it_supersedes():
    document, content = issued(), ProcedureContent()
    document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=content, note=None)
    document.submit(by=hand(AUTHOR))
    document.review(by=hand(REVIEWER), note=None)
    document.approve(by=hand(APPROVER))
    document.drain()
    issue(document, LATER)
    [told] = document.drain()
    assert isinstance(told, RevisionIssued)
    assert (told.number, told.supersedes, told.effective_from) == (2, 1, LATER)
    assert (told.issued_by, told.author_id, told.procedure) == (APPROVER, AUTHOR, content)
    assert (document.last_issued.number, document.revisions[0].effective_to) == (2, LATER)


def test_the_last_issued_is_the_one_that_begins_last_and_an_open_one_is_none():
    assert a_document().last_issued is None
    document = issued(LATER)
    document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note=None)
    assert document.last_issued.number == 1


def test_one_that_stood_on_paper_began_before_today():
    document = approved()
    revision = issue(document, TODAY - timedelta(days=1), migrated_from_paper=True)
    assert (revision.migrated_from_paper, revision.state) == (True, RevisionState.ISSUED)
    assert document.drain()[-1].migrated_from_paper
    assert not issue(approved()).migrated_from_paper


def test_only_what_is_issued_is_ever_in_force():
    for state in RevisionState:
        found = standing(state, TODAY, None, TODAY)
        assert found is (Standing.IN_FORCE if state is RevisionState.ISSUED else Standing.NOT_ISSUED)
    assert standing(RevisionState.ISSUED, None, None, TODAY) is Standing.NOT_ISSUED


# -- agencies that end ---------------------------------------------------------------------------------


def test_the_heir_owns_it_and_it_stays_numbered_where_it_was():
    owner, heir, last, one, other = (uuid4() for _ in range(5))
    document = a_document(agency_id=owner, distribution=[one, other, heir])
    document.follow({one: heir, other: uuid4()} | {uuid4(): uuid4()})
    assert (document.agency_id, document.numbered_in) == (owner, None)
    assert document.distribution[0] == heir
    assert len(document.distribution) == 2
    document.follow({owner: heir})
    document.follow({heir: last})
    assert (document.agency_id, document.numbered_in) == (last, owner)


# -- the trail -----------------------------------------------------------------------------------------


def test_the_trail_names_each_fact_of_each_revision_by_itself():
    document = issued()
    document.draft(id=uuid4(), file=FILE, by=hand(OTHER), procedure=None, note="sửa")
    shown = document.snapshot()
    assert (shown["code"], shown["revision.1.state"]) == ("QTTP-20", RevisionState.ISSUED)
    assert (shown["revision.2.author_id"], shown["revision.2.change_note"]) == (OTHER, "sửa")
    assert {"title", "kind", "agency_id", "distribution", "numbered_in", "revision.1.sha256"} <= shown.keys()
    hidden = {f"revision.1.{name}" for name in ("id", "document_id", "number", "size", "object_key")}
    assert not hidden & shown.keys()
