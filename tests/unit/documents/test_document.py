"""The life of a controlled document, decided without clock, database or bus."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from contracts.documents.documents import DocumentKind, RevisionState, Standing
from contracts.documents.events import RevisionIssued
from kernel.base.errors import Conflict, Forbidden, Invalid
from org.acted import Acted
from services.documents.documents.domain.document import Document
from services.documents.documents.domain.revision import File, standing

TODAY = date(2026, 8, 10)
AUTHOR, REVIEWER, APPROVER = uuid4(), uuid4(), uuid4()
FILE = File(
    upload_id=uuid4(), name="a.docx", media_type="x", size=1, sha256="0" * 64, key="k", version_id="v"
)


def hand(person):
    return Acted(person_id=person, position_id=None, at=datetime(2026, 8, 10, 1, tzinfo=UTC))


def a_document(**changes):
    given = {
        "id": uuid4(),
        "agency_id": uuid4(),
        "kind": DocumentKind.PROCEDURE,
        "code": "QTTP-20",
        "title": "x",
    }
    document = Document(**given | changes)
    document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note=None)
    return document


def approved(document):
    document.submit(by=hand(AUTHOR))
    document.review(by=hand(REVIEWER), note=None)
    document.approve(by=hand(APPROVER))
    return document


def issue(document, day, **more):
    given = {"by": hand(APPROVER), "effective_from": day, "today": TODAY, "migrated_from_paper": False}
    return document.issue(**given | more)


def test_issuing_says_so_with_the_resulting_state():
    document = approved(a_document(distribution=[uuid4()]))
    document.drain()
    issue(document, TODAY)
    [event] = document.drain()
    assert isinstance(event, RevisionIssued)
    assert (event.number, event.effective_from, event.supersedes) == (1, TODAY, None)
    assert event.distribution == tuple(document.distribution)


def test_the_revision_before_ends_the_day_the_next_begins():
    document = approved(a_document())
    issue(document, TODAY)
    document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note="sửa")
    issue(approved(document), date(2026, 9, 1))
    first, second = document.revisions
    assert (first.effective_to, second.effective_to) == (date(2026, 9, 1), None)
    for day, expected in [
        (date(2026, 8, 9), (Standing.NOT_YET_IN_FORCE, Standing.NOT_YET_IN_FORCE)),
        (date(2026, 8, 31), (Standing.IN_FORCE, Standing.NOT_YET_IN_FORCE)),
        (date(2026, 9, 1), (Standing.SUPERSEDED, Standing.IN_FORCE)),
    ]:
        found = tuple(standing(r.state, r.effective_from, r.effective_to, day) for r in document.revisions)
        assert found == expected


@pytest.mark.parametrize("act", ["review", "approve", "issue"])
def test_an_author_signs_nothing_of_their_own(act):
    document = a_document()
    document.submit(by=hand(AUTHOR))
    if act != "review":
        document.review(by=hand(REVIEWER), note=None)
    if act == "issue":
        document.approve(by=hand(APPROVER))
    with pytest.raises(Forbidden, match="own_revision"):
        {
            "review": lambda: document.review(by=hand(AUTHOR), note=None),
            "approve": lambda: document.approve(by=hand(AUTHOR)),
            "issue": lambda: issue(document, TODAY, by=hand(AUTHOR)),
        }[act]()


def test_who_edits_a_draft_becomes_its_author():
    document = a_document()
    document.edit(file=None, by=hand(REVIEWER), title="mới")
    document.submit(by=hand(REVIEWER))
    with pytest.raises(Forbidden):
        document.review(by=hand(REVIEWER), note=None)


@pytest.mark.parametrize(
    ("day", "more", "code"),
    [
        (date(2026, 8, 9), {}, "effective_in_the_past"),
        (TODAY, {"migrated_from_paper": True}, "migrated_must_be_past"),
    ],
)
def test_the_effective_date_is_not_made_up(day, more, code):
    with pytest.raises(Invalid, match=code):
        issue(approved(a_document()), day, **more)


def test_a_revision_does_not_begin_before_the_one_it_supersedes():
    document = approved(a_document())
    issue(document, date(2026, 9, 1))
    document.draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note="sửa")
    with pytest.raises(Invalid, match="not_after_previous"):
        issue(approved(document), date(2026, 9, 1))


def test_a_returned_revision_loses_its_signatures():
    document = approved(a_document())
    document.send_back(by=hand(APPROVER), reason="thiếu biểu mẫu")
    [revision] = document.revisions
    assert (revision.state, revision.reviewed_by, revision.approved_by) == (RevisionState.DRAFT, None, None)


def test_only_one_revision_is_open():
    with pytest.raises(Conflict, match="revision_already_open"):
        a_document().draft(id=uuid4(), file=FILE, by=hand(AUTHOR), procedure=None, note=None)


def test_what_is_issued_is_not_edited():
    document = approved(a_document())
    issue(document, TODAY)
    with pytest.raises(Conflict, match="no_open_revision"):
        document.edit(file=None, by=hand(AUTHOR), title="muộn")
