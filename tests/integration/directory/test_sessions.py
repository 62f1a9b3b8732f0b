"""Sessions seen and revoked, accounts out of use, and tokens that are not what they claim to be."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from contracts.directory import access as c
from contracts.directory import accounts as s
from contracts.directory import grants as g
from contracts.directory import roles, staff
from kernel.base import clock
from kernel.data.tables import trail
from kernel.life.metrics import REGISTRY
from kernel.run.process import sweep_once
from services.directory import rules
from services.directory.access.tables import accounts, last_sign_ins
from services.directory.bootstrap import USERNAME
from services.directory.service import DirectoryService
from services.directory.staff.tables import position_roles
from tests.integration.directory.conftest import ADMIN_PASSWORD, PASSWORD, an_account

IDLE = next(each for each in DirectoryService.sweeps if each.name == "disable_idle")
WHY = {"reason": "Chuyển công tác"}


@pytest.fixture
def owner(directory):
    """Somebody signed in twice, and their id."""
    person_id, agency_id = directory.an_account("an.nguyen", roles.Role.DRAFTER)
    first, second = (directory.sign_in("an.nguyen", PASSWORD)["ok"] for _ in range(2))
    return person_id, agency_id, first, second


def published(directory, outcome):
    """The trail's rows with this outcome."""
    with directory.database.sessions() as session:
        rows = session.execute(select(trail.c.after, trail.c.reason, trail.c.person_id))
        return [row for row in rows if row.after and row.after.get("outcome") == outcome]


def revoke(directory, session_id, token):
    return directory.ask(
        "revoke_session", s.RevokeSession(request_id=uuid4(), session_id=session_id), token=token
    )


def renewed(directory, session):
    command = c.RefreshSession(request_id=uuid4(), refresh_token=session["refresh_token"])
    return directory.ask("refresh_session", command)


def mine(directory, session):
    return directory.ok("my_sessions", s.MySessions(), token=session["grant"])


def idle(directory, username, days):
    """As if the account had last been used so many days ago."""
    then = clock.now() - timedelta(days=days)
    with directory.database.engine.begin() as connection:
        account = connection.scalar(select(accounts.c.id).where(accounts.c.username == username))
        connection.execute(update(accounts).where(accounts.c.id == account).values(password_set_at=then))
        seen = update(last_sign_ins).where(last_sign_ins.c.account_id == account)
        connection.execute(seen.values(signed_in_at=then))


def test_one_sees_ones_own_sessions_and_which_of_them_asks(directory, owner):
    _, _, first, second = owner
    shown = mine(directory, second)
    assert [each["is_current"] for each in shown] == [True, False], "the last used first"
    assert {each["position_id"] for each in shown} == {first["me"]["position"]["id"]}
    renewal = renewed(directory, first)["ok"]
    again = mine(directory, renewal)
    assert [each["is_current"] for each in again] == [True, False], "a renewed session is the same session"
    assert again[0]["last_used_at"] > again[0]["opened_at"]
    assert len(directory.ok("my_sessions", s.MySessions())) == 1, "the administrator's own, nobody else's"


def test_a_revoked_session_is_renewed_no_more_and_the_trail_says_who_revoked_it(directory, owner):
    person_id, _, first, second = owner
    other = next(each["id"] for each in mine(directory, second) if not each["is_current"])
    assert revoke(directory, other, second["grant"])["ok"] == {"revoked": 1}
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    assert "ok" in renewed(directory, second)
    [row] = published(directory, "revoked")
    assert (row.person_id, row.after["sessions"]) == (person_id, [other])


def test_anothers_session_is_answered_like_none(directory, owner):
    _, _, _, second = owner
    theirs = mine(directory, second)[0]["id"]
    foreign = revoke(directory, theirs, directory.token)
    unknown = revoke(directory, uuid4(), directory.token)
    assert foreign == unknown
    assert foreign["refused"]["code"] == "session_not_found"
    assert len(mine(directory, second)) == 2


def test_all_other_sessions_end_at_once(directory, owner):
    _, _, first, second = owner
    asked = s.RevokeOtherSessions(request_id=uuid4())
    assert directory.ok("revoke_other_sessions", asked, token=second["grant"]) == {"revoked": 1}
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    assert len(mine(directory, second)) == 1
    assert directory.ok("revoke_other_sessions", asked, token=second["grant"]) == {"revoked": 1}, "repeated"


def test_an_administrator_ends_somebodys_sessions_with_a_reason_in_reach_only(directory, owner):
    person_id, agency_id, first, _ = owner
    _, elsewhere = directory.an_account("ha.tran", roles.Role.PROVINCE_ADMIN)
    stranger = directory.token_of("ha.tran")
    asked = s.RevokeSessionsOf(request_id=uuid4(), person_id=person_id, **WHY)
    assert directory.refused("revoke_sessions_of", asked, token=stranger) == ("not_permitted", None)
    assert (
        directory.refused("sessions_of", s.SessionsOf(person_id=person_id), token=stranger)[0]
        == "not_permitted"
    )
    assert len(directory.ok("sessions_of", s.SessionsOf(person_id=person_id))) == 2
    assert directory.ok("revoke_sessions_of", asked) == {"revoked": 2}
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    [row] = published(directory, "revoked_by_administrator")
    assert row.reason == WHY["reason"]
    assert agency_id != elsewhere


def test_a_disabled_account_is_named_to_its_owner_alone_and_an_administrator_opens_it(directory, owner):
    person_id, _, first, _ = owner
    asked = s.DisableAccount(request_id=uuid4(), person_id=person_id, **WHY)
    state = directory.ok("disable_account", asked)
    assert (state["disabled_because"], state["last_signed_in_at"] is not None) == ("administrator", True)
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    right = directory.sign_in("an.nguyen", PASSWORD)["refused"]
    assert right["code"] == "account_disabled"
    assert "quản trị" in right["remedy"]["vi"]
    assert directory.sign_in("an.nguyen", "sai")["refused"] == directory.sign_in("khong.ai", "sai")["refused"]
    assert len(published(directory, "account_disabled")) == 1
    again = directory.refused(
        "disable_account", s.DisableAccount(request_id=uuid4(), person_id=person_id, **WHY)
    )
    assert again == ("account_disabled_already", "personId")
    opened = s.EnableAccount(request_id=uuid4(), person_id=person_id, reason="Đã trở lại làm việc")
    assert directory.ok("enable_account", opened)["disabled_at"] is None
    assert "ok" in directory.sign_in("an.nguyen", PASSWORD)
    assert directory.refused(
        "enable_account", s.EnableAccount(request_id=uuid4(), person_id=person_id, **WHY)
    ) == ("account_not_disabled", "personId")


def test_nobody_disables_themselves_and_a_reason_is_needed(directory):
    me = UUID(directory.ok("me", c.Me())["person"]["id"])
    own = s.DisableAccount(request_id=uuid4(), person_id=me, **WHY)
    assert directory.refused("disable_account", own) == ("own_account", "personId")
    short = {"request_id": uuid4(), "person_id": me, "reason": "ừ"}
    assert directory.refused("disable_account", short) == ("too_short", "reason")
    nobody = s.EnableAccount(request_id=uuid4(), person_id=uuid4(), **WHY)
    assert directory.refused("enable_account", nobody) == ("account_not_found", "personId")


def test_an_account_nobody_has_used_for_the_rules_days_is_disabled_and_the_trail_says_so(directory, owner):
    person_id, _, first, _ = owner
    days = rules.idle().idle_days
    idle(directory, "an.nguyen", days - 1)
    assert sweep_once(directory.running.means, IDLE) == 0
    idle(directory, "an.nguyen", days + 1)
    assert sweep_once(directory.running.means, IDLE) == 1
    assert directory.sign_in("an.nguyen", PASSWORD)["refused"]["code"] == "account_disabled_idle"
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    with directory.database.sessions() as session:
        rows = (
            session.execute(select(trail).where(trail.c.action == "directory:disable_idle")).mappings().all()
        )
    assert [(row["actor_kind"], row["after"]["disabled_because"]) for row in rows] == [("system", "idle")]
    opened = s.EnableAccount(request_id=uuid4(), person_id=person_id, reason="Nghỉ thai sản trở lại")
    directory.ok("enable_account", opened)
    assert sweep_once(directory.running.means, IDLE) == 0, "it is counted anew from its enabling"


def test_the_last_administrators_account_stays_and_one_of_two_does_not(directory):
    days = rules.idle().idle_days + 1
    idle(directory, USERNAME, days)
    assert sweep_once(directory.running.means, IDLE) == 0
    person_id, _ = directory.an_account("ha.tran", roles.Role.PROVINCE_ADMIN)
    assert sweep_once(directory.running.means, IDLE) == 0, "of one department: nobody could enable the others"
    grant = g.GrantRole(
        request_id=uuid4(),
        person_id=person_id,
        agency_id=directory.root_id,
        role=roles.Role.PROVINCE_ADMIN,
        with_subtree=True,
        valid_from=clock.today(),
        basis="Quyết định 12/QĐ-UBND",
    )
    directory.ok("grant_role", grant)
    assert sweep_once(directory.running.means, IDLE) == 1
    assert directory.sign_in(USERNAME, ADMIN_PASSWORD)["refused"]["code"] == "account_disabled_idle"


def test_an_administrator_whose_role_has_ended_is_not_another_one(directory):
    person_id = directory.a_person()
    over = [staff.RoleToGrant(role=roles.Role.PROVINCE_ADMIN, with_subtree=True)]
    post = directory.a_position(directory.root_id, person_id, roles=over)
    directory.ok("open_account", an_account(person_id, "ha.tran"))
    with directory.database.engine.begin() as connection:
        ended = update(position_roles).where(position_roles.c.position_id == UUID(post["id"]))
        connection.execute(ended.values(valid_to=clock.today()))
    idle(directory, USERNAME, rules.idle().idle_days + 1)
    assert sweep_once(directory.running.means, IDLE) == 0


def test_a_session_that_outlived_its_account_is_renewed_no_more(directory, owner):
    _, _, first, _ = owner
    with directory.database.engine.begin() as connection:
        mine = update(accounts).where(accounts.c.username == "an.nguyen")
        connection.execute(mine.values(disabled_at=clock.now(), disabled_because="administrator"))
    assert renewed(directory, first)["refused"]["code"] == "session_ended"
    assert len(published(directory, "account_disabled")) == 1


def test_a_refresh_token_nobody_was_given_is_counted_and_leaves_nothing(directory):
    def rows():
        with directory.database.sessions() as session:
            return session.scalar(select(func.count()).select_from(trail))

    def counted():
        return REGISTRY.get_sample_value("eiso_strangers_total", {"kind": "refresh_token"}) or 0

    before, rows_before = counted(), rows()
    for _ in range(5):
        command = c.RefreshSession(request_id=uuid4(), refresh_token=f"{uuid4()}{uuid4()}")
        assert directory.refused("refresh_session", command)[0] == "session_ended"
    assert (counted() - before, rows()) == (5, rows_before)


def test_anothers_refresh_token_renews_its_owners_session_and_is_no_session_token(directory, owner):
    person_id, _, first, _ = owner
    command = c.RefreshSession(request_id=uuid4(), refresh_token=first["refresh_token"])
    got = directory.ok("refresh_session", command, token=directory.token)
    assert got["me"]["person"]["id"] == str(person_id), "never the presenter's"
    for token in (first["refresh_token"], got["refresh_token"]):
        assert directory.refused("me", c.Me(), token=token) == ("bad_grant", None)
