"""People, roles and acting for others in GraphQL: inputs reach the directory whole, both names are shown."""

from uuid import uuid4

from contracts.directory import delegations as d
from contracts.directory.imports import ImportState, PeopleImportView
from contracts.directory.roles import HeldRole, Role
from contracts.trail import TrailRowView
from kernel.base.errors import Forbidden
from tests.gateway.fakes import (
    SOME_DAY,
    SOME_TIME,
    FakeBus,
    a_document,
    a_me,
    a_page,
    a_person,
    among,
    run,
)


def a_delegation(**changes):
    given = {
        "id": uuid4(),
        "kind": d.DelegationKind.AUTHORISATION,
        "agency_id": uuid4(),
        "from_position_id": uuid4(),
        "given_by": uuid4(),
        "to_position_id": uuid4(),
        "to_person_id": uuid4(),
        "roles": [HeldRole(role=Role.APPROVER, agency_id=uuid4())],
        "signing_authority": True,
    }
    dated = {"valid_from": SOME_DAY, "valid_to": SOME_DAY, "basis": "GUQ 01", "version": 1}
    return d.DelegationView(**given | dated | changes)


async def test_a_delegation_reaches_the_directory_with_its_roles_and_shows_both_people():
    giver, receiver = a_person(), a_person()
    view = a_delegation(given_by=giver.id, to_person_id=receiver.id)
    bus = FakeBus(delegate=view, people_by_ids=among([giver, receiver]))
    given = {
        "requestId": str(uuid4()),
        "fromPositionId": str(view.from_position_id),
        "toPositionId": str(view.to_position_id),
        "roles": [{"role": "APPROVER"}],
        "signingAuthority": True,
        "validFrom": "2026-08-10",
        "validTo": "2026-08-17",
        "basis": "GUQ 01",
    }
    done = await run(
        bus,
        """mutation($input: DelegateInput!) { delegate(input: $input) { __typename ... on Delegation {
             signingAuthority givenBy { id } toPerson { id } roles { role } } } }""",
        {"input": given},
    )
    shown = done.data["delegate"]
    assert (shown["givenBy"]["id"], shown["toPerson"]["id"]) == (str(giver.id), str(receiver.id))
    assert bus.asked == ["directory.delegate", "directory.people_by_ids"]
    [_, sent] = bus.calls[0]
    assert (sent["roles"][0]["role"], sent["signing_authority"], sent["kind"]) == (
        "approver",
        True,
        "authorisation",
    )


async def test_me_says_for_whom_one_acts_and_whether_one_signs():
    principal = a_person()
    me = a_me(on_behalf_of=principal, may_sign=False)
    done = await run(FakeBus(me=me), "{ me { maySign onBehalfOf { fullName } roles { role } } }")
    assert done.data["me"] == {
        "maySign": False,
        "onBehalfOf": {"fullName": principal.full_name},
        "roles": [],
    }


async def test_a_trail_shows_who_acted_and_for_whom():
    actor, principal, document = a_person(), a_person(), a_document()
    row = TrailRowView(
        id=uuid4(),
        recorded_at=SOME_TIME,
        occurred_at=SOME_TIME,
        actor_kind="person",
        person_id=actor.id,
        position_id=None,
        action="documents:approve_revision",
        subject_id=document.id,
        reason=None,
        before=None,
        after=None,
        trace_id=None,
        is_sealed=True,
        on_behalf_of=principal.id,
    )
    bus = FakeBus(documents_by_ids=among([document]), trail_of=[row], people_by_ids=among([actor, principal]))
    done = await run(
        bus,
        "query($id: UUID!) { document(id: $id) { trail { person { id } onBehalfOf { id } } } }",
        {"id": str(document.id)},
    )
    [shown] = done.data["document"]["trail"]
    assert (shown["person"]["id"], shown["onBehalfOf"]["id"]) == (str(actor.id), str(principal.id))
    assert bus.asked.count("directory.people_by_ids") == 1


async def test_a_refused_approval_without_signing_authority_says_what_to_do():
    given = {"requestId": str(uuid4()), "documentId": str(uuid4()), "expectedVersion": 1}
    done = await run(
        FakeBus(approve_revision=Forbidden("no_signing_authority")),
        """mutation($input: ApproveRevisionInput!) { approveRevision(input: $input) {
             __typename ... on Problem { code remedy } } }""",
        {"input": given},
    )
    assert done.data["approveRevision"]["code"] == "no_signing_authority"
    assert done.data["approveRevision"]["remedy"]


async def test_an_import_shows_how_far_it_is():
    view = PeopleImportView(
        id=uuid4(),
        file_name="danh-sach.csv",
        state=ImportState.CHECKING,
        rows=100,
        received=100,
        done=40,
        creating=0,
        amending=0,
        unchanged=0,
        bad=0,
        failure=None,
        failure_en=None,
        failed_line=None,
        is_stopped=False,
        requested_at=SOME_TIME,
        applied_at=None,
        version=2,
    )
    query = "query($id: UUID!) { peopleImport(importId: $id) { state rows done } }"
    done = await run(FakeBus(people_import=view), query, {"id": str(view.id)})
    assert done.data["peopleImport"] == {"state": "CHECKING", "rows": 100, "done": 40}


async def test_people_are_listed_for_those_who_signed_in_only():
    query = '{ people(search: "anh") { edges { node { fullName staffNumber identityMasked } } } }'
    person = a_person(staff_number="NB.1")
    done = await run(FakeBus(list_people=a_page([person])), query)
    [edge] = done.data["people"]["edges"]
    assert edge["node"] == {
        "fullName": person.full_name,
        "staffNumber": "NB.1",
        "identityMasked": None,
    }
    stranger = await run(FakeBus(list_people=a_page([person])), query, token=None)
    assert stranger.data["people"] is None
