"""Roles granted to people in person: how far, how long, with whichever position, through reorganisations."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.directory import events, staff
from contracts.directory import grants as g
from contracts.directory import reorganisations as r
from contracts.directory import roles as c
from kernel.base import clock
from kernel.data.tables import outbox
from kernel.trust.identity import Verifier
from tests.integration.directory.acts import a_commune, a_preview, an_act
from tests.integration.directory.conftest import BEGIN, an_account, an_appointment

DAY = date(2026, 7, 1)


def a_grant(person_id, agency_id, role=c.Role.INTERNAL_AUDITOR, **changes):
    given = {"request_id": uuid4(), "valid_from": BEGIN, "basis": "Quyết định 12/QĐ-SNV"}
    return g.GrantRole(person_id=person_id, agency_id=agency_id, role=role, **given | changes)


def revoked(grant, day, **changes):
    given = {"grant_id": UUID(grant["id"]), "valid_to": day, "expected_version": grant["version"]}
    return g.RevokeGrant(request_id=uuid4(), **given | changes)


def grants_of(directory, person_id, day=BEGIN):
    return directory.ok("list_grants", g.ListGrants(person_id=person_id, as_of=day))["items"]


@pytest.fixture
def roles_of(platform):
    """What a session grant lets its holder do."""
    verifier = Verifier.from_file(str(platform.instance.folder / "keys" / "grant.jwks.json"))

    def read(token):
        actor = verifier.verify(token, clock.now())
        return {(held.role, held.agency_id, held.with_subtree) for held in actor.roles}

    return read


def test_a_grant_holds_whichever_position_they_act_as_and_only_while_it_lasts(directory, roles_of):
    person_id, agency_id = directory.an_account("can.bo", c.Role.DRAFTER)
    elsewhere = directory.an_agency()
    other = directory.a_position(elsewhere, person_id, title="Kiêm nhiệm")
    given = directory.ok("grant_role", a_grant(person_id, elsewhere))
    own, audits = ("drafter", agency_id, True), ("internal_auditor", elsewhere, False)

    def signed_in(**more):
        session = directory.sign_in("can.bo", "mot cau du dai 2026", **more)["ok"]
        return roles_of(session["grant"])

    assert signed_in() == {own, audits}
    assert signed_in(position_id=UUID(other["id"])) == {audits}
    directory.ok("revoke_grant", revoked(given, clock.today()))
    assert signed_in(position_id=UUID(other["id"])) == set()


def test_who_must_change_the_password_first_holds_no_role_of_either_kind(directory, roles_of):
    person_id, agency_id = directory.a_person(), directory.an_agency()
    directory.a_position(agency_id, person_id)
    directory.ok("grant_role", a_grant(person_id, agency_id))
    directory.ok("open_account", an_account(person_id, "nguoi.moi", must_change_password=True))
    assert roles_of(directory.token_of("nguoi.moi")) == set()


def test_nobody_grants_beyond_their_own_reach_nor_takes_away_what_they_could_not_give(directory):
    _, agency_id = directory.an_account("lanh.dao", c.Role.UNIT_LEADER)
    leader, person_id = directory.token_of("lanh.dao"), directory.a_person()
    directory.ok("grant_role", a_grant(person_id, agency_id), token=leader)
    for command, refusal in (
        (a_grant(person_id, directory.root_id), ("not_permitted", None)),
        (a_grant(person_id, agency_id, c.Role.INSPECTOR), ("role_beyond_reach", "role")),
        (a_grant(person_id, agency_id, c.Role.UNIT_LEADER), ("role_beyond_reach", "role")),
    ):
        assert directory.refused("grant_role", command, token=leader) == refusal
    inspector = directory.ok("grant_role", a_grant(person_id, agency_id, c.Role.INSPECTOR))
    taking = revoked(inspector, clock.today())
    assert directory.refused("revoke_grant", taking, token=leader) == ("role_beyond_reach", "grantId")
    foreign = directory.ok("grant_role", a_grant(person_id, directory.an_agency()))
    for grant_id in (foreign["id"], str(uuid4())):
        taking = revoked(foreign | {"id": grant_id}, clock.today())
        assert directory.refused("revoke_grant", taking, token=leader) == ("grant_not_found", "grantId")


def test_periods_of_one_role_do_not_overlap_and_refusals_name_the_field(directory):
    person_id, agency_id = directory.a_person(), directory.an_agency()
    until = date(2026, 3, 1)
    first = directory.ok("grant_role", a_grant(person_id, agency_id, valid_to=until))
    directory.ok("grant_role", a_grant(person_id, agency_id, valid_from=until))
    for changes, refusal in (
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 2, 9)}, ("grant_held_already", "validFrom")),
        ({"with_subtree": True}, ("grant_held_already", "validFrom")),
        ({"valid_to": BEGIN}, ("grant_ends_before_it_begins", "validTo")),
        ({"valid_from": date(2025, 6, 30)}, ("agency_not_there_then", "validFrom")),
        ({"person_id": uuid4()}, ("person_not_found", "personId")),
        # An id that is nowhere is answered as one that is out of reach.
        ({"agency_id": uuid4()}, ("not_permitted", None)),
        ({"role": c.Role.PROVINCE_STEERING}, ("role_not_for_this_kind", "role")),
    ):
        given = {"person_id": person_id, "agency_id": agency_id} | changes
        assert directory.refused("grant_role", a_grant(**given)) == refusal, changes
    late = revoked(first, until)
    assert directory.refused("revoke_grant", late) == ("grant_already_ended", "validTo")
    assert (
        directory.refused("revoke_grant", revoked(first, BEGIN, expected_version=9))[0] == "changed_meanwhile"
    )


def test_a_person_has_no_more_grants_than_a_request_can_carry(directory, monkeypatch):
    monkeypatch.setattr("services.directory.roles.handlers.role_grants.MOST", 2)
    person_id, agency_id = directory.a_person(), directory.an_agency()
    for role in (c.Role.DRAFTER, c.Role.REVIEWER):
        directory.ok("grant_role", a_grant(person_id, agency_id, role))
    third = a_grant(person_id, agency_id, c.Role.APPROVER)
    assert directory.refused("grant_role", third) == ("grants_too_many", "personId")


def test_grants_ahead_of_one_agency_keep_no_other_from_granting(directory, monkeypatch):
    monkeypatch.setattr("services.directory.roles.handlers.role_grants.MOST", 3)
    person_id, greedy, other = directory.a_person(), directory.an_agency(), directory.an_agency(code="H42.08")
    ahead = [clock.today() + timedelta(days=10 * n) for n in range(1, 5)]
    for day in reversed(ahead[:3]):
        given = a_grant(person_id, greedy, c.Role.DRAFTER, valid_from=day, valid_to=day + timedelta(days=1))
        directory.ok("grant_role", given)
    more = a_grant(person_id, greedy, c.Role.DRAFTER, valid_from=ahead[3], valid_to=None)
    assert directory.refused("grant_role", more) == ("grants_too_many", "personId")
    for role in (c.Role.DRAFTER, c.Role.REVIEWER):
        directory.ok("grant_role", a_grant(person_id, other, role))
    third = a_grant(person_id, other, c.Role.APPROVER)
    assert directory.refused("grant_role", third) == ("grants_too_many", "personId"), (
        "with one ahead it is three"
    )


def test_a_position_brings_no_more_roles_than_a_request_can_carry(directory, monkeypatch):
    monkeypatch.setattr("services.directory.staff.domain.position.MOST_ROLES", 2)
    person_id, agency_id = directory.a_person(), directory.an_agency()
    roles = [staff.RoleToGrant(role=role) for role in (c.Role.DRAFTER, c.Role.REVIEWER, c.Role.APPROVER)]
    command = an_appointment(agency_id, person_id, roles=roles)
    assert directory.refused("appoint_position", command) == ("position_roles_too_many", "roles")
    directory.ok("appoint_position", an_appointment(agency_id, person_id, roles=[*roles[:2], roles[0]]))


def test_of_two_equal_grants_at_once_one_stands(directory):
    person_id, agency_id = directory.a_person(), directory.an_agency()
    done = directory.together(*[("grant_role", a_grant(person_id, agency_id)) for _ in range(2)])
    [refusal] = [each["refused"] for each in done if "refused" in each]
    assert refusal["code"] == "grant_held_already"


def test_everybody_sees_their_own_grants_and_those_of_others_who_may_grant_there(directory):
    person_id, agency_id = directory.an_account("can.bo", c.Role.READER)
    _, _ = directory.an_account("nguoi.khac", c.Role.UNIT_LEADER)
    directory.ok("grant_role", a_grant(person_id, agency_id))
    for username, question, seen in (
        ("can.bo", g.ListGrants(), 1),
        ("can.bo", g.ListGrants(person_id=person_id), 1),
        ("can.bo", g.ListGrants(agency_id=agency_id), 0),
        ("nguoi.khac", g.ListGrants(person_id=person_id), 0),
        ("nguoi.khac", g.ListGrants(agency_id=agency_id), 0),
    ):
        page = directory.ok("list_grants", question, token=directory.token_of(username))
        assert len(page["items"]) == seen, (username, question)
    assert len(grants_of(directory, person_id)) == 1


def test_a_merge_passes_grants_on_to_the_heir_and_counts_them_in_the_preview(directory):
    communes = [directory.an_agency(kind="commune") for _ in range(2)]
    auditor, reader = directory.a_person(), directory.a_person()
    for agency_id in communes:
        directory.ok("grant_role", a_grant(auditor, agency_id))
    ends = date(2026, 12, 1)
    directory.ok("grant_role", a_grant(reader, communes[0], c.Role.READER, valid_to=ends))
    new = a_commune(1, directory.root_id)
    act = an_act(DAY, creations=[new], merges=[r.AgencyMerge(from_ids=communes, into_id=new.id)])
    seen = directory.ok("reorganisation_preview", a_preview(act))
    assert (seen["grants_moving"], seen["grants_ending"]) == (3, 0)
    directory.ok("reorganise", act)
    # Two grants of one person that become one are one.
    assert [
        (each["agency_id"], each["valid_from"], each["valid_to"])
        for each in grants_of(directory, auditor, DAY)
    ] == [(str(new.id), str(DAY), None)]
    [lasting] = grants_of(directory, reader, DAY)
    assert (lasting["agency_id"], lasting["valid_from"], lasting["valid_to"]) == (
        str(new.id),
        str(DAY),
        str(ends),
    )
    eve = grants_of(directory, reader, DAY - timedelta(days=1))
    assert {each["agency_id"] for each in eve} == {str(communes[0]), str(new.id)}
    with directory.database.sessions() as session:
        published = session.scalars(
            select(outbox.c.topic).where(outbox.c.topic == events.GrantChanged.topic)
        ).all()
    assert len(published) == 3 + 3 + 2


def test_a_dissolution_without_heir_ends_the_grants_for_it(directory):
    agency_id, person_id = directory.an_agency(), directory.a_person()
    directory.ok("grant_role", a_grant(person_id, agency_id))
    directory.ok("reorganise", an_act(DAY, dissolutions=[r.AgencyDissolution(agency_id=agency_id)]))
    assert grants_of(directory, person_id, DAY) == []
