"""What was lent is power over others: the record of the one who lent it stays theirs, and one's own too."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts.directory import accounts, staff
from contracts.directory import delegations as d
from contracts.directory import grants as g
from contracts.directory import roles as c
from kernel.base import clock
from tests.integration.directory.conftest import BEGIN, PASSWORD, an_account

WHY = {"reason": "Thử sửa của người ủy quyền"}


class Lent:
    """An administrator of a department who lent their post, and the person who acts for them."""

    def __init__(self, directory, *, signs):
        self.directory, self.agency_id = directory, directory.an_agency()
        self.principal, post = self._post("quan.tri", c.Role.PROVINCE_ADMIN, c.Role.UNIT_LEADER)
        self.deputy, to = self._post("pho", c.Role.READER)
        self.other, _ = self._post("nguoi.khac", c.Role.READER)
        lent = directory.ok(
            "delegate",
            d.Delegate(
                request_id=uuid4(),
                from_position_id=UUID(post["id"]),
                to_position_id=UUID(to["id"]),
                signing_authority=signs,
                valid_from=clock.today(),
                valid_to=clock.today() + timedelta(days=7),
                basis="Giấy ủy quyền 03/GUQ-SNV",
            ),
            token=directory.token_of("quan.tri"),
        )
        acting = directory.sign_in("pho", PASSWORD, acting_for=UUID(lent["id"]))["ok"]
        self.token, self.lent_roles = acting["grant"], {role["role"] for role in lent["roles"]}
        self.post = post

    def _post(self, username, *roles):
        person_id = self.directory.a_person(f"Người tên {username}")
        granted = [staff.RoleToGrant(role=role) for role in roles]
        post = self.directory.a_position(self.agency_id, person_id, title=username, roles=granted)
        self.directory.ok("open_account", an_account(person_id, username))
        return person_id, post

    def code(self, method, body):
        answer = self.directory.ask(method, body, token=self.token)
        return answer["refused"]["code"] if "refused" in answer else "ok"


def acts_on(lent, person_id):
    """Every command that changes what is somebody's own."""
    new = {"request_id": uuid4(), "person_id": person_id}
    [seen] = lent.directory.ok("people_by_ids", staff.PeopleByIds(ids=[person_id]))
    version = seen["version"]
    role = {"role": c.Role.READER, "agency_id": lent.agency_id, "valid_from": BEGIN}
    return {
        "amend_person": staff.AmendPerson(
            **new, expected_version=version, full_name="Tên khác", email=None, phone=None
        ),
        "record_identity_number": staff.RecordIdentityNumber(
            **new, expected_version=version, identity_number="001090000001"
        ),
        "grant_role": g.GrantRole(**new, **role),
        "revoke_sessions_of": accounts.RevokeSessionsOf(**new, **WHY),
        "disable_account": accounts.DisableAccount(**new, **WHY),
        "enable_account": accounts.EnableAccount(**new, **WHY),
        "unlock_account": accounts.UnlockAccount(**new, **WHY),
        "open_account": accounts.OpenAccount(**new, username="ten.khac", password=PASSWORD),
    }


@pytest.mark.parametrize("signs", [False, True])
def test_who_acts_for_somebody_changes_nothing_of_that_very_person(directory, signs):
    lent = Lent(directory, signs=signs)
    codes = {method: lent.code(method, body) for method, body in acts_on(lent, lent.principal).items()}
    held = {"not_permitted"}  # where the role that it takes is not lent at all
    assert set(codes.values()) <= {"record_of_principal"} | held, codes
    assert codes["amend_person"] == codes["record_identity_number"] == "record_of_principal"
    ending = staff.EndPosition(
        request_id=uuid4(),
        position_id=UUID(lent.post["id"]),
        held_to=clock.today(),
        expected_version=lent.post["version"],
    )
    assert lent.code("end_position", ending) in ("record_of_principal", "no_signing_authority")


def test_who_acts_for_somebody_does_not_amend_their_own_record_by_it(directory):
    lent = Lent(directory, signs=True)
    body = acts_on(lent, lent.deputy)["amend_person"]
    assert lent.code("amend_person", body) == "lent_authority_for_oneself"


def test_who_acts_for_somebody_does_for_others_what_was_lent(directory):
    lent = Lent(directory, signs=True)
    assert lent.code("amend_person", acts_on(lent, lent.other)["amend_person"]) == "ok"
