"""Documents of agencies that ended go on with the one that took over, on real servers."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from kernel.base import clock
from kernel.data.tables import trail
from kernel.run.process import sweep_once
from services.documents.documents.tables import documents as table
from services.documents.documents.tables import parties, revisions
from services.documents.service import DocumentsService
from services.documents.succession import sweeps as following
from tests.integration.documents.conftest import Desk, Province, plant
from tests.integration.following import BASIS, Killed, an_act, follow, killed, learn, sweep_of


class Merging:
    """Two communes with a desk each, and the one they become."""

    def __init__(self, service, rpc, a_token):
        self.service, self.rpc, self.a_token = service, rpc, a_token
        self.root, self.old, self.new = uuid4(), [uuid4(), uuid4()], uuid4()
        names = zip(self.old, ("Xã Lộc Hạ", "Xã Mỹ Tân"), strict=True)
        plant(
            service.database,
            [
                (self.root, None, "UBND tỉnh"),
                *((each, self.root, name) for each, name in names),
                (self.new, self.root, "Phường Thiên Trường"),
            ],
        )
        self.desks = [self.desk(each) for each in self.old]

    def desk(self, agency):
        return Desk(self.rpc, Province(self.root, agency, agency, self.a_token))

    def of(self, n, **changes):
        """A document in force of one of the two."""
        return self.desks[n].issued(str(clock.today()), agency_id=self.old[n], **changes)

    def merge(self):
        event = an_act(self.old, self.new)
        learn(self.service.database, event)
        return event

    def follow(self):
        return follow(self.service, DocumentsService)

    def seen(self, *roles, at=None, **asked):
        token = self.a_token(*(roles or ("drafter",)), agency=at or self.new)
        found = self.rpc.call("documents.list_documents", asked, token=token)["ok"]["items"]
        return {each["id"]: each for each in found}

    def ask(self, method, asked, token):
        return self.rpc.call(f"documents.{method}", asked, token=token)


@pytest.fixture
def merging(running, rpc, a_token):
    """Without its sweep, which tests turn by hand."""
    return Merging(running("documents"), rpc, a_token)


def row_of(merging, document):
    with merging.service.database.sessions() as session:
        found = session.execute(select(table).where(table.c.id == UUID(document["id"])))
        return dict(found.mappings().one())


def test_equal_codes_of_two_communes_stay_as_signed_and_say_under_whom_they_were_given(merging):
    one, other = merging.of(0, code="QT-01"), merging.of(1, code="QT-01")
    merging.merge()
    assert merging.follow() == 2
    seen = merging.seen()
    assert {each["code"] for each in seen.values()} == {"QT-01"}
    assert {each["agency_id"] for each in seen.values()} == {str(merging.new)}
    assert seen[one["id"]]["numbered_in"] == str(merging.old[0])
    assert seen[other["id"]]["numbered_in"] == str(merging.old[1])
    assert merging.seen(at=merging.old[0]) == {}


def test_the_heir_goes_on_numbering_and_gives_no_code_that_it_has_taken_over(merging):
    merging.of(0, code="QT-01")
    merging.merge()
    merging.follow()
    desk = merging.desk(merging.new)
    given = {"agency_id": merging.new, "kind": "procedure", "title": "Quy trình mới"}
    asked = given | {"request_id": uuid4(), "code": "QT-01", "upload_id": desk.uploaded()}
    refused = merging.ask("create_document", asked, desk.drafter)["refused"]
    assert (refused["code"], refused["field"]) == ("document_code_taken", "code")
    assert desk.created(agency_id=merging.new, code="QT-02")["numbered_in"] == str(merging.new)


def test_what_was_signed_is_what_it_was(merging):
    document = merging.of(0, code="QT-01")
    with merging.service.database.sessions() as session:
        before = session.execute(select(revisions)).mappings().all()
        trailed = session.scalar(select(func.count()).select_from(trail))
    merging.merge()
    merging.follow()
    with merging.service.database.sessions() as session:
        assert session.execute(select(revisions)).mappings().all() == before
        rows = session.execute(select(trail).order_by(trail.c.id)).mappings().all()
    assert len(rows) == trailed + 1
    [row] = [each for each in rows if each["action"] == "documents:follow_agencies"]
    assert row["before"]["agency_id"] == str(merging.old[0])
    assert row["after"]["agency_id"] == str(merging.new)
    assert BASIS.number in row["reason"]
    reviewer = merging.desk(merging.new).review
    rows = merging.ask("trail_of", {"document_id": document["id"]}, reviewer)["ok"]
    assert {each["action"] for each in rows} >= {"documents:issue_revision", "documents:follow_agencies"}


def test_an_approval_under_way_goes_on_in_the_heir(merging):
    desk = merging.desks[0]
    document = desk.created(agency_id=merging.old[0])
    document = desk.do("submit_revision", document, desk.drafter)["ok"]
    merging.merge()
    merging.follow()
    heir = merging.desk(merging.new)
    assert desk.do("review_revision", document, desk.review)["refused"]["code"] == "document_not_found"
    [document] = merging.ask("documents_by_ids", {"ids": [document["id"]]}, heir.review)["ok"]
    document = desk.do("review_revision", document, heir.review)["ok"]
    document = desk.do("approve_revision", document, heir.approve)["ok"]
    issued = desk.do("issue_revision", document, heir.approve, effective_from=str(clock.today()))["ok"]
    assert issued["open_revision_id"] is None


def test_a_draft_goes_on_with_a_file_that_was_put_there_before(merging):
    desk, heir = merging.desks[0], merging.desk(merging.new)
    document = desk.created(agency_id=merging.old[0])
    ready = desk.uploaded()
    merging.merge()
    merging.follow()
    [document] = merging.ask("documents_by_ids", {"ids": [document["id"]]}, heir.drafter)["ok"]
    other = merging.desk(merging.root)
    assert desk.do("edit_draft", document, heir.drafter, upload_id=other.uploaded())["refused"]["code"] == (
        "upload_not_found"
    )
    edited = desk.do("edit_draft", document, heir.drafter, upload_id=ready)
    assert "ok" in edited, edited


def test_who_it_was_handed_out_to_are_the_heirs_each_once(merging):
    document = merging.of(0, distribution=[merging.old[0], merging.old[1], merging.root])
    elsewhere = merging.desk(merging.root).issued(
        str(clock.today()), agency_id=merging.root, distribution=merging.old
    )
    merging.merge()
    merging.follow()
    assert row_of(merging, document)["distribution"] == [merging.new, merging.root]
    assert row_of(merging, elsewhere)["distribution"] == [merging.new]
    assert set(merging.seen("reader")) == {document["id"], elsewhere["id"]}
    with merging.service.database.sessions() as session:
        wanted = select(parties.c.agency_id, parties.c.document_id, parties.c.is_owner)
        found = {(row.agency_id, str(row.document_id)): row.is_owner for row in session.execute(wanted)}
    assert found == {
        (merging.new, document["id"]): True,
        (merging.root, document["id"]): False,
        (merging.root, elsewhere["id"]): True,
        (merging.new, elsewhere["id"]): False,
    }


def test_a_draft_handed_out_to_an_agency_that_ended_goes_to_the_heir_when_issued(merging):
    desk = merging.desk(merging.root)
    document = desk.approved(desk.created(agency_id=merging.root, distribution=[merging.old[0]]))
    merging.merge()
    assert merging.follow() == 1
    document = desk.ok("documents_by_ids", {"ids": [document["id"]]}, desk.approve)[0]
    desk.do("issue_revision", document, desk.approve, effective_from=str(clock.today()))
    assert set(merging.seen("reader")) == {document["id"]}


def test_a_process_killed_within_a_batch_leaves_it_undone_and_the_next_goes_on(merging, monkeypatch):
    for n in (0, 1, 1):
        merging.desks[n].created(agency_id=merging.old[n])
    event = merging.merge()
    monkeypatch.setattr(following, "BATCH", 1)
    assert sweep_once(merging.service.means, sweep_of(DocumentsService)) == 1
    with monkeypatch.context() as armed:
        armed.setattr(following, "crash_point", killed)
        with pytest.raises(Killed):
            sweep_once(merging.service.means, sweep_of(DocumentsService))
    assert len(merging.seen()) == 1
    assert merging.follow() == 2
    learn(merging.service.database, event)
    assert merging.follow() == 0
    assert len(merging.seen()) == 3


def test_documents_in_force_as_then_and_as_now(merging):
    for n in (0, 1, 1):
        merging.of(n)
    merging.merge()
    merging.follow()
    reader = merging.a_token("reader", agency=merging.new)

    def figures(**asked):
        found = merging.ask("document_figures_of", asked, reader)["ok"]
        return {each["agency_id"]: each["documents_in_force"] for each in found}

    assert figures() == {str(merging.new): 3}
    # The act's day lies before today: today the heir is the owner as then, too.
    assert figures(attribution="as_then")[str(merging.new)] == 3


def test_on_a_day_before_the_act_the_owners_were_the_old_communes(merging):
    for n in (0, 1, 1):
        merging.of(n)
    learn(merging.service.database, an_act(merging.old, merging.new, clock.today() + timedelta(days=1)))
    merging.follow()
    reader = merging.a_token("reader", agency=merging.new)
    found = merging.ask("document_figures_of", {"attribution": "as_then"}, reader)["ok"]
    counted = {each["agency_id"]: each["documents_in_force"] for each in found}
    assert counted == {str(merging.old[0]): 1, str(merging.old[1]): 2, str(merging.new): 0}


def test_the_counts_for_a_preview(merging):
    merging.of(0, distribution=[merging.old[1]])
    merging.desks[1].created(agency_id=merging.old[1])
    waiting = merging.desks[1].created(agency_id=merging.old[1])
    merging.desks[1].do("submit_revision", waiting, merging.desks[1].drafter)
    admin = merging.a_token("province_admin", agency=merging.root, with_subtree=True)
    counted = merging.ask("held_by_agencies", {"agency_ids": merging.old}, admin)["ok"]
    assert {each["kind"]: each["count"] for each in counted} == {
        "documents": 3,
        "drafts": 1,
        "approvals_waiting": 1,
        "distributed_documents": 1,
    }
    refused = merging.ask("held_by_agencies", {"agency_ids": merging.old}, merging.desks[0].drafter)
    assert refused["refused"]["code"] == "not_permitted"
