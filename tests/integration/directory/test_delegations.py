"""Acting for others: nobody lends what they do not have, everything ends by itself, both names are known."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.directory import access, events, staff
from contracts.directory import delegations as d
from contracts.directory import grants as g
from contracts.directory import reorganisations as r
from contracts.directory import roles as c
from kernel.base import clock
from kernel.data.tables import outbox, trail
from kernel.trust.identity import Verifier
from tests.integration.directory.acts import a_commune, an_act
from tests.integration.directory.conftest import BEGIN, PASSWORD, an_account

TODAY = clock.today
WEEK = timedelta(days=7)


class Unit:
    """A department with a director, a deputy and a clerk, each with an account."""

    def __init__(self, directory, verifier):
        self.directory, self.verifier = directory, verifier
        self.agency_id = directory.an_agency()
        self.people, self.posts = {}, {}
        self.director = self._post(
            "giam.doc", "Giám đốc", c.Role.APPROVER, c.Role.UNIT_LEADER, c.Role.INSPECTOR
        )
        self.deputy = self._post("pho.giam.doc", "Phó Giám đốc", c.Role.REVIEWER)
        self.clerk = self._post("chuyen.vien", "Chuyên viên")

    def _post(self, username, title, *roles):
        person_id = self.directory.a_person(f"Người {title}")
        granted = [staff.RoleToGrant(role=role) for role in roles]
        post = self.directory.a_position(self.agency_id, person_id, title=title, roles=granted)
        self.directory.ok("open_account", an_account(person_id, username))
        self.people[username], self.posts[username] = person_id, post
        return UUID(post["id"])

    def token(self, username):
        return self.directory.token_of(username)

    def ending(self, username, day):
        post = self.posts[username]
        return staff.EndPosition(
            request_id=uuid4(),
            position_id=UUID(post["id"]),
            held_to=day,
            expected_version=post["version"],
        )

    def delegate(self, by="giam.doc", **changes):
        """What answers the director's wish that the deputy acts for them for a week."""
        return self.directory.ask("delegate", self.wish(**changes), token=self.token(by))

    def wish(self, **changes):
        given = {
            "from_position_id": self.director,
            "to_position_id": self.deputy,
            "valid_from": TODAY(),
            "valid_to": TODAY() + WEEK,
            "basis": "Giấy ủy quyền 03/GUQ-SNV",
        }
        return d.Delegate(request_id=uuid4(), **given | changes)

    def acting(self, delegation, username="pho.giam.doc", **more):
        return self.directory.sign_in(username, PASSWORD, acting_for=UUID(delegation["id"]), **more)

    def actor(self, session):
        return self.verifier.verify(session["grant"], clock.now())


@pytest.fixture
def unit(directory, platform):
    jwks = platform.instance.folder / "keys" / "grant.jwks.json"
    return Unit(directory, Verifier.from_file(str(jwks)))


def lent(answer):
    return answer["ok"]


def refusal(answer):
    return answer["refused"]["code"], answer["refused"]["field"]


def test_a_deputy_acts_for_the_director_with_what_the_post_brings_and_both_names_are_known(directory, unit):
    given = lent(unit.delegate(signing_authority=True))
    assert {role["role"] for role in given["roles"]} == {"approver", "unit_leader"}
    session = lent(unit.acting(given))
    actor = unit.actor(session)
    assert {held.role for held in actor.roles} == {"approver", "unit_leader"}
    assert actor.person_id == unit.people["pho.giam.doc"]
    assert actor.on_behalf_of == unit.people["giam.doc"]
    assert actor.may_sign
    me = directory.ok("me", access.Me(), token=session["grant"])
    assert me["on_behalf_of"]["full_name"] == "Người Giám đốc"
    assert {role["role"] for role in me["roles"]} == {"approver", "unit_leader"}
    # An act done so stands in the trail under both.
    newcomer = directory.a_person(home=unit.agency_id)
    appointment = staff.AppointPosition(
        request_id=uuid4(), agency_id=unit.agency_id, person_id=newcomer, title="Kế toán", held_from=TODAY()
    )
    done = directory.ok("appoint_position", appointment, token=session["grant"])
    with directory.database.sessions() as row:
        left = row.execute(select(trail).where(trail.c.subject_id == UUID(done["id"]))).one()
    assert (left.person_id, left.on_behalf_of) == (unit.people["pho.giam.doc"], unit.people["giam.doc"])


def ending(given):
    about = {"delegation_id": UUID(given["id"]), "expected_version": given["version"]}
    return d.EndDelegation(request_id=uuid4(), valid_to=TODAY(), **about)


def a_role(unit, to, until, **changes):
    given = {"agency_id": unit.agency_id, "role": c.Role.APPROVER, "valid_from": TODAY(), "basis": "QĐ 12"}
    return g.GrantRole(request_id=uuid4(), person_id=to, valid_to=until, **given | changes)


def taken_back(granted):
    return g.RevokeGrant(
        request_id=uuid4(),
        grant_id=UUID(granted["id"]),
        valid_to=TODAY(),
        expected_version=granted["version"],
    )


def test_lent_authority_makes_no_right_that_outlasts_it(directory, unit):
    clerk, until = unit.people["chuyen.vien"], TODAY() + WEEK
    acting = lent(unit.acting(lent(unit.delegate(signing_authority=True))))["grant"]
    for end in (None, until + timedelta(days=1)):
        answer = directory.refused("grant_role", a_role(unit, clerk, end), token=acting)
        assert answer == ("lent_authority_ends", "validTo")
    post = staff.AppointPosition(
        request_id=uuid4(),
        agency_id=unit.agency_id,
        person_id=clerk,
        title="Thư ký ISO",
        held_from=TODAY(),
        roles=[staff.RoleToGrant(role=c.Role.APPROVER)],
    )
    assert directory.refused("appoint_position", post, token=acting) == ("lent_authority_ends", "heldTo")
    given = directory.ok("grant_role", a_role(unit, clerk, until), token=acting)
    directory.ok("revoke_grant", taken_back(given), token=acting)
    directory.ok("grant_role", a_role(unit, clerk, None), token=unit.token("giam.doc"))


def test_who_acts_for_another_neither_appoints_nor_grants_nor_withdraws_for_themselves(directory, unit):
    deputy, until = unit.people["pho.giam.doc"], TODAY() + WEEK
    own = directory.ok("grant_role", a_role(unit, deputy, None))
    acting = lent(unit.acting(lent(unit.delegate(signing_authority=True))))["grant"]
    post = staff.AppointPosition(
        request_id=uuid4(), agency_id=unit.agency_id, person_id=deputy, title="Kế toán", held_from=TODAY()
    )
    for method, command in (
        ("grant_role", a_role(unit, deputy, until, role=c.Role.DRAFTER)),
        ("revoke_grant", taken_back(own)),
        ("appoint_position", post),
        ("end_position", unit.ending("pho.giam.doc", TODAY())),
    ):
        assert directory.refused(method, command, token=acting) == ("lent_authority_for_oneself", None)


def test_without_signing_authority_nobody_hands_out_or_withdraws_roles(directory, unit):
    clerk = unit.people["chuyen.vien"]
    given = directory.ok("grant_role", a_role(unit, clerk, None))
    acting = lent(unit.acting(lent(unit.delegate())))["grant"]
    another = a_role(unit, clerk, TODAY() + WEEK, role=c.Role.DRAFTER)
    for method, command in (("grant_role", another), ("revoke_grant", taken_back(given))):
        assert directory.refused(method, command, token=acting) == ("no_signing_authority", None)


def test_a_grant_of_a_session_hands_out_nothing_after_the_delegation_ended(directory, unit):
    given = lent(unit.delegate(signing_authority=True))
    acting = lent(unit.acting(given))["grant"]
    directory.ok("end_delegation", ending(given), token=unit.token("giam.doc"))
    command = a_role(unit, unit.people["chuyen.vien"], TODAY() + WEEK)
    refused = [directory.refused("grant_role", command, token=acting)]
    directory.running.means.heeding.reads = False
    refused.append(directory.refused("grant_role", command, token=acting))
    assert refused == [("not_signed_in", None), ("delegation_not_current", None)]


def test_without_signing_authority_the_grant_says_so(unit):
    session = lent(unit.acting(lent(unit.delegate())))
    assert not unit.actor(session).may_sign
    assert session["me"]["may_sign"] is False
    own = lent(unit.directory.sign_in("pho.giam.doc", PASSWORD))
    assert unit.actor(own).may_sign
    assert {held.role for held in unit.actor(own).roles} == {"reviewer"}


def test_nobody_lends_what_their_post_does_not_bring_so_far_or_what_may_not_be_lent(unit):
    sibling = unit.directory.an_agency()
    for role, refused in (
        (staff.RoleToGrant(role=c.Role.ISO_HEAD), "role_not_held"),
        (staff.RoleToGrant(role=c.Role.APPROVER, agency_id=sibling), "role_not_held"),
        (staff.RoleToGrant(role=c.Role.APPROVER, with_subtree=True), "role_not_held"),
        (staff.RoleToGrant(role=c.Role.INSPECTOR), "role_not_delegable"),
    ):
        assert refusal(unit.delegate(roles=[role])) == (refused, "roles")
    assert refusal(unit.delegate(by="pho.giam.doc")) == ("position_not_found", "fromPositionId")
    assert refusal(unit.delegate(by="chuyen.vien")) == ("delegation_of_delegated", None)
    given = lent(unit.delegate(roles=[staff.RoleToGrant(role=c.Role.APPROVER)]))
    acting = lent(unit.acting(given))["grant"]
    again = unit.wish(from_position_id=unit.deputy, to_position_id=unit.clerk)
    assert unit.directory.refused("delegate", again, token=acting) == ("delegation_of_delegated", None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"valid_to": "today"}, ("delegation_ends_before_it_begins", "validTo")),
        ({"valid_from": "yesterday"}, ("delegation_in_the_past", "validFrom")),
        ({"to_position_id": "own"}, ("delegation_to_oneself", "toPositionId")),
        ({"to_position_id": "nowhere"}, ("position_not_found", "toPositionId")),
        ({"from_position_id": "nowhere"}, ("position_not_found", "fromPositionId")),
        ({"kind": d.DelegationKind.ACTING}, ("post_not_vacant", "fromPositionId")),
        ({"basis": ""}, ("too_short", "basis")),
    ],
)
def test_a_delegation_that_cannot_be_is_refused_by_field(unit, changes, refused):
    meant = {
        "today": TODAY(),
        "yesterday": TODAY() - timedelta(days=1),
        "own": unit.director,
        "nowhere": uuid4(),
    }
    given = {name: meant.get(value, value) for name, value in changes.items()}
    assert refusal(unit.delegate(**given)) == refused


def test_two_delegations_between_two_posts_do_not_overlap(unit):
    lent(unit.delegate())
    assert refusal(unit.delegate(valid_from=TODAY() + timedelta(days=1))) == (
        "delegation_overlaps",
        "validFrom",
    )
    lent(unit.delegate(valid_from=TODAY() + WEEK, valid_to=TODAY() + 2 * WEEK))
    lent(unit.delegate(to_position_id=unit.clerk))


def test_it_begins_and_ends_by_itself(unit, business_clock):
    given = lent(unit.delegate(valid_from=TODAY() + WEEK, valid_to=TODAY() + 2 * WEEK))
    assert refusal(unit.acting(given)) == ("delegation_not_current", "actingFor")
    begun, over = TODAY() + WEEK, TODAY() + 2 * WEEK
    business_clock(f"{begun}T00:00+07:00")
    session = lent(unit.acting(given))
    renewing = access.RefreshSession(request_id=uuid4(), refresh_token=session["refresh_token"])
    session = lent(unit.directory.ask("refresh_session", renewing))
    assert unit.actor(session).on_behalf_of == unit.people["giam.doc"]
    business_clock(f"{over}T00:00+07:00")
    renewing = access.RefreshSession(request_id=uuid4(), refresh_token=session["refresh_token"])
    assert refusal(unit.directory.ask("refresh_session", renewing)) == ("delegation_not_current", "actingFor")
    # The session itself goes on, as oneself and only when one says so.
    renewing = access.RefreshSession(
        request_id=uuid4(), refresh_token=session["refresh_token"], as_oneself=True
    )
    session = lent(unit.directory.ask("refresh_session", renewing))
    assert unit.actor(session).on_behalf_of is None


def test_a_session_changes_its_capacity_when_it_is_renewed(unit):
    given = lent(unit.delegate())
    session = lent(unit.directory.sign_in("pho.giam.doc", PASSWORD))
    for choice, principal in (
        ({"acting_for": UUID(given["id"])}, unit.people["giam.doc"]),
        ({}, unit.people["giam.doc"]),
        ({"as_oneself": True}, None),
        ({}, None),
    ):
        renewing = access.RefreshSession(request_id=uuid4(), refresh_token=session["refresh_token"], **choice)
        session = lent(unit.directory.ask("refresh_session", renewing))
        assert unit.actor(session).on_behalf_of == principal, choice


def test_it_is_for_the_one_position_it_was_given_to(unit):
    given = lent(unit.delegate())
    assert refusal(unit.acting(given, username="chuyen.vien")) == ("position_not_held", "positionId")
    wrong = unit.acting(given, username="chuyen.vien", position_id=unit.clerk)
    assert refusal(wrong) == ("delegation_not_current", "actingFor")
    assert refusal(unit.acting({"id": str(uuid4())})) == ("delegation_not_current", "actingFor")


@pytest.mark.parametrize("who", ["giam.doc", "pho.giam.doc"])
def test_it_ends_with_either_holding(directory, unit, who):
    given = lent(unit.delegate())
    directory.ok("end_position", unit.ending(who, TODAY()))
    assert directory.ok("list_delegations", d.ListDelegations(agency_id=unit.agency_id))["items"] == []
    answer = unit.acting(given)
    assert "refused" in answer
    with directory.database.sessions() as session:
        published = session.scalars(
            select(outbox.c.event).where(outbox.c.topic == events.DelegationChanged.topic)
        ).all()
    assert sorted(each["valid_to"] for each in published) == sorted([given["valid_to"], str(TODAY())])


def test_giver_receiver_and_leader_may_end_it_and_nobody_else(directory, unit):
    directory.an_account("nguoi.ngoai", c.Role.UNIT_LEADER)
    for by in ("giam.doc", "pho.giam.doc", None):
        given = lent(unit.delegate(to_position_id=unit.deputy))
        foreign = directory.refused("end_delegation", ending(given), token=unit.token("nguoi.ngoai"))
        assert foreign == ("delegation_not_found", "delegationId")
        ended = directory.ok("end_delegation", ending(given), token=unit.token(by) if by else None)
        assert ended["valid_to"] == str(TODAY())
        assert "refused" in unit.acting(given)


def test_everybody_sees_their_own_and_the_leader_those_of_the_unit(directory, unit):
    lent(unit.delegate())
    directory.an_account("nguoi.ngoai", c.Role.UNIT_LEADER)

    def seen(username, **question):
        asked = d.ListDelegations(**question)
        return len(directory.ok("list_delegations", asked, token=unit.token(username))["items"])

    assert (seen("giam.doc"), seen("pho.giam.doc"), seen("chuyen.vien")) == (1, 1, 0)
    assert seen("giam.doc", agency_id=unit.agency_id) == 1
    assert seen("chuyen.vien", agency_id=unit.agency_id) == 0
    assert seen("nguoi.ngoai", agency_id=unit.agency_id) == 0


def test_an_administrator_lets_somebody_act_in_a_vacant_post_until_it_is_filled(directory, unit):
    directory.ok("end_position", unit.ending("giam.doc", TODAY()))
    acting = unit.wish(
        kind=d.DelegationKind.ACTING, signing_authority=True, roles=[staff.RoleToGrant(role=c.Role.APPROVER)]
    )
    assert directory.refused("delegate", acting, token=unit.token("pho.giam.doc")) == ("not_permitted", None)
    given = directory.ok("delegate", acting)
    session = lent(unit.acting(given))
    actor = unit.actor(session)
    administrator = UUID(directory.ok("me", access.Me())["person"]["id"])
    assert (actor.on_behalf_of, [held.role for held in actor.roles]) == (administrator, ["approver"])
    directory.a_position(unit.agency_id, directory.a_person(), title="giám  đốc", held_from=TODAY())
    assert refusal(unit.acting(given)) == ("delegation_not_current", "actingFor")
    # Entered afterwards as if it had been filled before: what is over stays as it was.
    directory.a_position(unit.agency_id, directory.a_person(), title="Giám đốc", held_from=BEGIN)


def test_a_leader_lets_act_in_a_vacant_post_only_with_roles_they_could_grant(directory, unit):
    leader = directory.a_person()
    granted = [staff.RoleToGrant(role=c.Role.UNIT_LEADER)]
    directory.a_position(unit.agency_id, leader, title="Chánh Văn phòng", roles=granted)
    directory.ok("open_account", an_account(leader, "chanh.van.phong"))
    directory.ok("end_position", unit.ending("giam.doc", TODAY()))
    acting = unit.wish(kind=d.DelegationKind.ACTING)
    token = unit.token("chanh.van.phong")
    assert directory.refused("delegate", acting, token=token) == ("role_beyond_reach", "roles")
    approving = unit.wish(kind=d.DelegationKind.ACTING, roles=[staff.RoleToGrant(role=c.Role.APPROVER)])
    assert directory.ok("delegate", approving, token=token)["given_by"] == str(leader)


def test_a_reorganisation_ends_delegations_of_the_agencies_it_ends(directory, unit):
    given = lent(unit.delegate())
    new = a_commune(7, directory.root_id, kind="department")
    act = an_act(
        TODAY(),
        creations=[new],
        merges=[r.AgencyMerge(from_ids=[unit.agency_id, directory.an_agency()], into_id=new.id)],
    )
    directory.ok("reorganise", act)
    assert "refused" in unit.acting(given)
    deputy = lent(directory.sign_in("pho.giam.doc", PASSWORD))
    assert deputy["me"]["agency"]["id"] == str(new.id)
    assert directory.ok("list_delegations", d.ListDelegations(), token=deputy["grant"])["items"] == []


def test_who_must_change_the_password_first_neither_lends_nor_acts(directory, unit):
    person_id = directory.a_person()
    post = directory.a_position(
        unit.agency_id, person_id, title="Trưởng phòng", roles=[staff.RoleToGrant(role=c.Role.APPROVER)]
    )
    directory.ok("open_account", an_account(person_id, "truong.phong", must_change_password=True))
    wish = unit.wish(from_position_id=UUID(post["id"]))
    no = directory.refused("delegate", wish, token=unit.token("truong.phong"))
    assert no == ("delegation_of_delegated", None)
    given = lent(unit.delegate(to_position_id=UUID(post["id"])))
    session = lent(unit.acting(given, username="truong.phong"))
    assert unit.actor(session).roles == ()


def test_a_period_before_the_post_ends_is_kept(unit, directory):
    until = TODAY() + timedelta(days=3)
    directory.ok("end_position", unit.ending("pho.giam.doc", until))
    assert refusal(unit.delegate()) == ("delegation_outlasts_position", "validTo")
    assert lent(unit.delegate(valid_to=until))["valid_to"] == str(until)
    later = unit.delegate(valid_from=until, valid_to=until + WEEK)
    assert refusal(later) == ("position_not_held_then", "toPositionId")
