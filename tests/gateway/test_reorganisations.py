"""Acts in GraphQL: nested inputs reach the service whole, and what agencies were is loaded in batches."""

import asyncio
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from uuid import uuid4

from contracts.directory import reorganisations as r
from contracts.directory.agencies import AgencyView
from contracts.succession import HeldCount, HeldKind
from gateway.schema import succession as following
from gateway.schema.succession import HOLDERS
from kernel.base.errors import Conflict, Forbidden, Unavailable
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
    said = answer.data["reorganise"]
    assert (said["code"], said["field"]) == ("agency_children_left", "dissolutions.0.agencyId")
    assert "Chi cục B" in said["message"]
    assert said["remedy"]


def a_preview(*ended):
    parts = [
        r.AgencyOutcome(
            agency_id=each,
            part=r.AgencyPart.ENDED,
            code="H42.1",
            name="Xã cũ",
            kind="commune",
            parent_id=None,
            name_before="Xã cũ",
            parent_before_id=None,
        )
        for each in ended
    ]
    heir = uuid4()
    return r.ReorganisationPreviewView(
        at_once=False,
        agencies=parts,
        successions=[],
        continuations=[r.Continuation(agency_id=each, heir_id=heir) for each in ended],
        children_moving=0,
        people_moving=2,
        positions_moving=3,
        positions_ending=0,
        grants_moving=1,
        grants_ending=0,
        delegations_ending=0,
        systems_concerned=0,
        programs_concerned=0,
        moves=[],
        elsewhere=[r.HeldElsewhere(service=each) for each in HOLDERS],
    )


async def preview(bus):
    answer = await run(
        bus,
        """query ($input: ReorganisationPreviewInput!) { reorganisationPreview(input: $input) {
             atOnce peopleMoving continuations { agencyId heirId }
             elsewhere { service counts { kind count } note noteEn } } }""",
        {"input": {"effectiveOn": "2026-07-01", "basis": BASIS}},
    )
    assert answer.errors is None
    return answer.data["reorganisationPreview"]


async def test_the_preview_asks_each_holder_once_whatever_the_number_of_agencies_that_end():
    ended = [uuid4() for _ in range(3)]
    bus = FakeBus(
        reorganisation_preview=a_preview(*ended),
        held_by_agencies=[HeldCount(kind=HeldKind.OPEN_DOSSIERS, count=7)],
    )
    shown = await preview(bus)
    assert Counter(bus.asked) == {
        "directory.reorganisation_preview": 1,
        "documents.held_by_agencies": 1,
        "cases.held_by_agencies": 1,
        "audits.held_by_agencies": 1,
    }
    assert bus.calls[-1][1] == {"agency_ids": [str(each) for each in ended]}
    assert [each["service"] for each in shown["elsewhere"]] == ["documents", "cases", "audits"]
    assert shown["elsewhere"][0]["counts"] == [{"kind": "OPEN_DOSSIERS", "count": 7}]
    assert shown["elsewhere"][0]["note"] is None
    assert [each["agencyId"] for each in shown["continuations"]] == [str(each) for each in ended]


async def test_a_holder_that_is_away_does_not_report_which_is_not_zero():
    for answer in (Unavailable("service_unavailable", service="cases"), TimeoutError()):
        bus = FakeBus(reorganisation_preview=a_preview(uuid4()), held_by_agencies=answer)
        for each in (await preview(bus))["elsewhere"]:
            assert each["counts"] is None
            assert "chưa trả lời" in each["note"]
            assert "not zero" in each["noteEn"]


async def test_a_holder_that_is_silent_is_not_waited_for(monkeypatch):
    class Silent(FakeBus):
        async def call(self, method, body, **more):
            if method == "cases.held_by_agencies":
                await asyncio.Event().wait()
            return await super().call(method, body, **more)

    monkeypatch.setattr(following, "HOLDER_SECONDS", 0.05)
    bus = Silent(reorganisation_preview=a_preview(uuid4()), held_by_agencies=[])
    shown = {each["service"]: each["counts"] for each in (await preview(bus))["elsewhere"]}
    assert shown == {"documents": [], "cases": None, "audits": []}


async def test_a_holder_that_refuses_says_why():
    bus = FakeBus(reorganisation_preview=a_preview(uuid4()), held_by_agencies=Forbidden("not_permitted"))
    for each in (await preview(bus))["elsewhere"]:
        assert each["counts"] is None
        assert each["note"] == Forbidden("not_permitted").message.vi


async def test_where_nothing_ends_nobody_is_asked():
    bus = FakeBus(reorganisation_preview=a_preview())
    assert [each["counts"] for each in (await preview(bus))["elsewhere"]] == [None] * 3
    assert bus.asked == ["directory.reorganisation_preview"]


def states_of(agencies):
    """For each agency the state until the eve of the act, and one after it that nobody should be shown."""
    shared = {name.name for name in fields(r.AgencyPeriodView)} & {name.name for name in fields(AgencyView)}
    states = []
    for each in agencies:
        same = {name: getattr(each, name) for name in shared}
        more = {"agency_id": each.id, "basis": None, "reorganisation_id": None}
        first = r.AgencyPeriodView(**same | more | {"valid_from": date(2020, 1, 1), "valid_to": SOME_DAY})
        states += [first, replace(first, name="Sau đó", valid_from=SOME_DAY, valid_to=None)]
    return among(states, "agency_id")


async def test_predecessors_of_a_whole_page_take_one_call_and_are_named_as_they_were_on_the_eve():
    new, old = (
        [an_agency(name=f"Phường {n}") for n in range(3)],
        [an_agency(name=f"Xã {n}") for n in range(3)],
    )
    links = [a_succession(before.id, after.id) for before, after in zip(old, new, strict=True)]
    bus = FakeBus(
        list_agencies=a_page(new),
        predecessors_by_ids=among(links, "successor_id"),
        agency_histories=states_of(old),
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
        "directory.agency_histories",
    ]


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
    before = replace(state, agency_id=parent.id, name="Huyện cũ", parent_id=None, valid_to=date(2025, 7, 1))
    after = replace(before, name="Không còn", valid_from=date(2025, 7, 1), valid_to=None)
    states = among([state, before, after], "agency_id")
    bus = FakeBus(agencies_by_ids=among([agency]), agency_histories=states)
    answer = await run(
        bus,
        "query ($id: UUID!) { agency(id: $id) { history { name parent { name } } } }",
        {"id": str(agency.id)},
    )
    assert answer.errors is None
    assert answer.data["agency"]["history"] == [{"name": "Xã cũ", "parent": {"name": "Huyện cũ"}}]
    assert bus.asked.count("directory.agency_histories") == 2, "its own, then those of all that were above it"
