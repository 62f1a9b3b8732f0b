"""Acts in GraphQL: nested inputs reach the service whole, and what agencies were is loaded in batches."""

from datetime import date, timedelta
from uuid import uuid4

from contracts import reorganisations as r
from kernel.errors import Conflict
from tests.gateway.fakes import SOME_DAY, SOME_TIME, FakeBus, a_page, among, an_agency, run

BASIS = {"number": "1/NQ", "issuedOn": "2026-06-16", "issuedBy": "UBTVQH", "subject": "Sắp xếp xã, phường"}


def a_reorganisation(**changes):
    given = {
        "id": uuid4(),
        "effective_on": SOME_DAY,
        "basis": r.LegalBasis(
            number="1/NQ", issued_on=SOME_DAY, issued_by="UBTVQH", subject="Sắp xếp xã, phường"
        ),
        "state": r.ReorganisationState.APPLIED,
        "agencies": [r.PartTaken(agency_id=uuid4(), part=r.AgencyPart.CREATED)],
        "requested_by": None,
        "requested_at": SOME_TIME,
    }
    empty = dict.fromkeys(("applied_at", "cancelled_at", "reason", "failure", "failure_en"))
    return r.ReorganisationView(**given | empty | {"version": 1} | changes)


def a_succession(predecessor_id, successor_id):
    return r.SuccessionView(
        predecessor_id=predecessor_id,
        successor_id=successor_id,
        began_on=SOME_DAY,
        kind=r.SuccessionKind.CONSOLIDATION,
        goes_on=False,
        reorganisation_id=uuid4(),
    )


async def test_an_act_reaches_the_directory_with_all_its_parts():
    view = a_reorganisation()
    bus = FakeBus(reorganise=view, agencies_by_ids=[])
    new, old = str(uuid4()), [str(uuid4()) for _ in range(2)]
    given = {
        "requestId": str(uuid4()),
        "effectiveOn": "2026-07-01",
        "basis": BASIS,
        "creations": [
            {
                "id": new,
                "code": "H42.9",
                "name": "Phường Mới",
                "shortName": "P. Mới",
                "kind": "commune",
                "parentId": old[0],
                "standard": "ENCOURAGED",
            }
        ],
        "merges": [{"fromIds": old, "intoId": new}],
        "amendments": [{"agencyId": old[0], "clears": ["SEAL_NAME"]}],
    }
    answer = await run(
        bus,
        """mutation ($input: ReorganiseInput!) { reorganise(input: $input) {
             ... on Reorganisation { id state basis { number } agencies { part agency { name } } }
             ... on Problem { code } } }""",
        {"input": given},
    )
    assert answer.errors is None
    assert answer.data["reorganise"]["state"] == "APPLIED"
    assert answer.data["reorganise"]["agencies"] == [{"part": "CREATED", "agency": None}]
    body = next(body for method, body in bus.calls if method == "directory.reorganise")
    assert (body["merges"], body["creations"][0]["standard"]) == (
        [{"from_ids": old, "into_id": new}],
        "encouraged",
    )
    assert body["amendments"][0]["clears"] == ["seal_name"]


async def test_a_refused_act_names_the_field_as_the_client_wrote_it():
    refusal = Conflict("agency_children_left", "dissolutions.0.agencyId", name="Sở A", child="Chi cục B")
    given = {"requestId": str(uuid4()), "effectiveOn": "2026-07-01", "basis": BASIS}
    answer = await run(
        FakeBus(reorganise=refusal),
        """mutation ($input: ReorganiseInput!) { reorganise(input: $input) {
             ... on Problem { code field message remedy } } }""",
        {"input": given},
    )
    told = answer.data["reorganise"]
    assert (told["code"], told["field"]) == ("agency_children_left", "dissolutions.0.agencyId")
    assert "Chi cục B" in told["message"]
    assert told["remedy"]


async def test_the_preview_says_for_which_services_it_cannot_speak():
    view = r.ReorganisationPreviewView(
        at_once=False,
        agencies=[],
        successions=[],
        children_moving=0,
        people_moving=2,
        positions_moving=3,
        positions_ending=0,
        grants_moving=1,
        grants_ending=0,
        moves=[],
        elsewhere=[r.HeldElsewhere(service="cases", things=None)],
    )
    answer = await run(
        FakeBus(reorganisation_preview=view),
        """query ($input: ReorganisationPreviewInput!) { reorganisationPreview(input: $input) {
             atOnce peopleMoving elsewhere { service things } } }""",
        {"input": {"effectiveOn": "2026-07-01", "basis": BASIS}},
    )
    assert answer.errors is None
    assert answer.data["reorganisationPreview"] == {
        "atOnce": False,
        "peopleMoving": 2,
        "elsewhere": [{"service": "cases", "things": None}],
    }


async def test_predecessors_of_a_whole_page_take_one_call_and_are_named_as_they_were_on_the_eve():
    new, old = (
        [an_agency(name=f"Phường {n}") for n in range(3)],
        [an_agency(name=f"Xã {n}") for n in range(3)],
    )
    links = [a_succession(before.id, after.id) for before, after in zip(old, new, strict=True)]
    bus = FakeBus(
        list_agencies=a_page(new),
        predecessors_by_ids=among(links, "successor_id"),
        agencies_by_ids=among(old),
    )
    answer = await run(
        bus, "{ agencies { edges { node { name predecessors { kind beganOn predecessor { name } } } } } }"
    )
    assert answer.errors is None
    shown = [
        edge["node"]["predecessors"][0]["predecessor"]["name"] for edge in answer.data["agencies"]["edges"]
    ]
    assert shown == ["Xã 0", "Xã 1", "Xã 2"]
    assert bus.asked == [
        "directory.list_agencies",
        "directory.predecessors_by_ids",
        "directory.agencies_by_ids",
    ]
    assert bus.calls[-1][1]["as_of"] == str(SOME_DAY - timedelta(days=1))


async def test_the_history_of_an_agency_names_the_parent_of_those_days():
    agency, parent = an_agency(), an_agency(name="Huyện cũ")
    state = r.AgencyPeriodView(
        agency_id=agency.id,
        code="H42.1",
        name="Xã cũ",
        short_name="Xã cũ",
        kind="commune",
        parent_id=parent.id,
        valid_from=date(2024, 9, 1),
        valid_to=None,
        basis="1104/NQ-UBTVQH15",
        reorganisation_id=None,
    )
    bus = FakeBus(agencies_by_ids=among([agency, parent]), agency_histories=[state])
    answer = await run(
        bus,
        "query ($id: UUID!) { agency(id: $id) { history { name parent { name } } } }",
        {"id": str(agency.id)},
    )
    assert answer.errors is None
    assert answer.data["agency"]["history"] == [{"name": "Xã cũ", "parent": {"name": "Huyện cũ"}}]
    assert bus.calls[-1][1]["as_of"] == "2024-09-01"
