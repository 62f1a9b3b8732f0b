"""A hand-over passes on what its giver wrote as that position and was not issued, and says so."""

from uuid import uuid4

from tests.integration.handing import follow, handed_over, reported


def authors(desk, document):
    found = desk.rpc.call("documents.revisions_of", {"ids": [document["id"]]}, token=desk.drafter)["ok"]
    return [each["author_id"] for each in found]


def test_open_revisions_pass_and_issued_ones_stay_their_authors(desk, documents, province, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    position = uuid4()
    desk.drafter = province.a_token(
        "drafter", agency=province.department, person=desk.author, position=position
    )
    issued, under_way, draft = desk.issued("2026-08-10"), desk.created(), desk.created()
    under_way = desk.do("submit_revision", under_way, desk.drafter)["ok"]
    event = handed_over(desk.author, position)
    follow(documents, event)
    assert authors(desk, draft) == authors(desk, under_way) == [str(event.receiver_id)]
    assert authors(desk, issued) == [str(desk.author)]
    [published] = reported(documents)
    kinds = {each["subject_id"]: each["kind"] for each in published["things"]}
    assert kinds == {draft["id"]: "draft", under_way["id"]: "review"}
    successor = province.person("drafter", person=event.receiver_id)
    waiting = desk.rpc.call("documents.document_duties", {}, token=successor)["ok"]["items"]
    assert [each["subject_id"] for each in waiting] == [draft["id"]]


def test_what_was_written_as_another_position_stays_and_an_empty_report_is_published(desk, documents):
    draft = desk.created()
    follow(documents, handed_over(desk.author, uuid4(), gave_up_all=False))
    assert authors(desk, draft) == [str(desk.author)]
    assert [each["things"] for each in reported(documents)] == [[]]


def test_a_successor_may_not_approve_what_passed_to_them(desk, documents, province):
    position = uuid4()
    drafter = province.a_token("drafter", agency=province.department, person=desk.author, position=position)
    desk.drafter = drafter
    document = desk.do("submit_revision", desk.created(), drafter)["ok"]
    event = handed_over(desk.author, position)
    follow(documents, event)
    document = dict(document, version=document["version"] + 1)
    both = province.person("reviewer", person=event.receiver_id)
    assert desk.do("review_revision", document, both)["refused"]["code"] == "own_revision"


def test_who_wrote_it_before_may_not_approve_it_either(desk, documents, province):
    position = uuid4()
    drafter = province.a_token("drafter", agency=province.department, person=desk.author, position=position)
    desk.drafter = drafter
    document = desk.do("submit_revision", desk.created(), drafter)["ok"]
    follow(documents, handed_over(desk.author, position))
    document = dict(document, version=document["version"] + 1)
    document = desk.do("review_revision", document, desk.review)["ok"]
    giver = province.person("approver", person=desk.author)
    assert desk.do("approve_revision", document, giver)["refused"]["code"] == "own_revision"


def test_who_reviewed_it_does_not_become_its_author(desk, documents, province):
    position = uuid4()
    drafter = province.a_token("drafter", agency=province.department, person=desk.author, position=position)
    desk.drafter = drafter
    document = desk.do("submit_revision", desk.created(), drafter)["ok"]
    document = desk.do("review_revision", document, desk.review)["ok"]
    follow(documents, handed_over(desk.author, position, receiver_id=desk.reviewer))
    assert authors(desk, document) == [str(desk.author)]
    assert [each["things"] for each in reported(documents)] == [[]]


def test_what_was_written_as_a_holding_before_the_reorganisation_passes_too(desk, documents, province):
    before, now = uuid4(), uuid4()
    drafter = province.a_token("drafter", agency=province.department, person=desk.author, position=before)
    desk.drafter = drafter
    draft = desk.created()
    event = handed_over(desk.author, now, gave_up_all=False, former_position_ids=(before,))
    follow(documents, event)
    assert authors(desk, draft) == [str(event.receiver_id)]
