"""A list costs one call per relation, however long it is."""

from collections import Counter

from gateway.graphql.loaders import MOST_AT_ONCE
from tests.gateway.fakes import (
    FakeBus,
    a_delivery,
    a_document,
    a_notice,
    a_page,
    a_person,
    a_position,
    a_revision,
    among,
    an_agency,
    run,
)


async def test_a_page_of_documents_with_all_relations_costs_one_call_each():
    above = an_agency(name="UBND tỉnh")
    agencies = [an_agency(parent_id=above.id) for _ in range(3)]
    people = [a_person() for _ in range(4)]
    documents = [
        a_document(agency_id=agencies[n % 3].id, distribution=[a.id for a in agencies]) for n in range(50)
    ]
    revisions = [a_revision(d, author_id=people[0].id, approved_by=people[1].id) for d in documents]
    bus = FakeBus(
        list_documents=a_page(documents),
        agencies_by_ids=among([above, *agencies]),
        people_by_ids=among(people),
        revisions_in_force=among(revisions, "document_id"),
        revisions_of=among(revisions, "document_id"),
    )
    answer = await run(
        bus,
        """{ documents { edges { node {
          agency { name parent { name } }
          distribution { code }
          revisionInForce { number author { fullName } approvedBy { fullName } reviewedBy { id } }
          revisions { number author { fullName } }
        } } } }""",
    )
    assert answer.errors is None
    first = answer.data["documents"]["edges"][0]["node"]
    assert first["agency"]["parent"] == {"name": "UBND tỉnh"}
    assert len(first["distribution"]) == 3
    assert first["revisionInForce"]["reviewedBy"] is None
    # The tree is read level by level: the documents' agencies, then what is above them.
    assert Counter(bus.asked) == {
        "documents.list_documents": 1,
        "directory.agencies_by_ids": 2,
        "documents.revisions_in_force": 1,
        "documents.revisions_of": 1,
        "directory.people_by_ids": 1,
    }


async def test_the_same_thing_asked_twice_costs_one_call_and_absent_ones_are_null():
    here, absent = a_document(), a_document()
    bus = FakeBus(documents_by_ids=among([here]))
    answer = await run(
        bus,
        "query ($a: UUID!, $b: UUID!) { a: document(id: $a) {code} b: document(id: $b) {code} "
        "c: document(id: $a) {code} }",
        {"a": str(here.id), "b": str(absent.id)},
    )
    assert answer.data == {"a": {"code": "QTTP-20"}, "b": None, "c": {"code": "QTTP-20"}}
    assert bus.asked == ["documents.documents_by_ids"]


async def test_the_open_revision_is_found_among_the_revisions_in_the_same_call():
    document = a_document()
    draft = a_revision(document, number=2)
    document.open_revision_id = draft.id
    bus = FakeBus(
        documents_by_ids=among([document]),
        revisions_of=among([a_revision(document), draft], "document_id"),
    )
    answer = await run(
        bus,
        "query ($id: UUID!) { document(id: $id) { openRevision { number } revisions { number } } }",
        {"id": str(document.id)},
    )
    assert answer.data["document"]["openRevision"] == {"number": 2}
    assert bus.asked.count("documents.revisions_of") == 1


async def test_dates_are_asked_apart():
    document = a_document()
    bus = FakeBus(
        documents_by_ids=among([document]),
        revisions_in_force=lambda body: [a_revision(document, number=int(body["as_of"][-2:]))],
    )
    answer = await run(
        bus,
        """query ($id: UUID!) { document(id: $id) {
          before: revisionInForce(asOf: "2026-08-01") { number }
          after: revisionInForce(asOf: "2026-08-31") { number }
        } }""",
        {"id": str(document.id)},
    )
    shown = answer.data["document"]
    assert (shown["before"]["number"], shown["after"]["number"]) == (1, 31)


async def test_deliveries_of_a_page_of_notices_cost_one_call():
    notices = [a_notice(n) for n in range(20)]
    bus = FakeBus(
        list_notices=a_page(notices, unread=20),
        deliveries_of=among([a_delivery(n) for n in notices], "notice_id"),
    )
    answer = await run(bus, "{ notices { unread edges { node { deliveries { state } } } } }")
    assert answer.data["notices"]["edges"][0]["node"]["deliveries"] == [{"state": "SENT"}]
    assert bus.asked == ["notify.list_notices", "notify.deliveries_of"]


async def test_more_ids_than_a_question_takes_are_asked_in_parts():
    agencies = [an_agency() for _ in range(MOST_AT_ONCE + 1)]
    document = a_document(distribution=[agency.id for agency in agencies])
    bus = FakeBus(documents_by_ids=among([document]), agencies_by_ids=among(agencies))
    answer = await run(
        bus,
        "query ($id: UUID!) { document(id: $id) { distribution { id } } }",
        {"id": str(document.id)},
        parts=2,
    )
    assert len(answer.data["document"]["distribution"]) == MOST_AT_ONCE + 1
    sizes = [len(body["ids"]) for method, body in bus.calls if method.endswith("agencies_by_ids")]
    assert sizes == [MOST_AT_ONCE, 1]


async def test_a_position_is_shown_with_its_holder_and_agency():
    agency, person = an_agency(), a_person()
    position = a_position(agency_id=agency.id, person_id=person.id)
    bus = FakeBus(
        positions_by_ids=among([position]),
        agencies_by_ids=among([agency]),
        people_by_ids=among([person]),
    )
    answer = await run(
        bus,
        "query ($id: UUID!) { position(id: $id) { title person { fullName } agency { code } } }",
        {"id": str(position.id)},
    )
    assert answer.data["position"]["person"] == {"fullName": "Đinh Thị Mơ"}
