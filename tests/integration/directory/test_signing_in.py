"""Signing in on real servers: lock-out, sessions, refresh tokens, passwords."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from contracts.directory import access, staff
from contracts.directory import accounts as a
from contracts.directory import roles as c
from kernel.base import clock
from kernel.data.tables import trail
from kernel.trust.identity import Verifier
from services.directory.access.domain.lockout import key_at
from services.directory.access.handlers.signing_in import NOWHERE
from services.directory.access.tables import accounts, refresh_tokens, sign_in_guards
from tests.integration.directory.conftest import (
    PASSWORD,
    a_sign_in,
    an_account,
    an_appointment,
)


@pytest.fixture
def verifier(directory):
    return Verifier.from_file(directory.running.means.settings.grant_jwks_file)


def outcomes(directory):
    """What the trail says of signing in, oldest first."""
    with directory.database.sessions() as session:
        rows = session.scalars(
            select(trail.c.after)
            .where(
                trail.c.action.in_(["directory:sign_in", "directory:refresh_session", "directory:sign_out"])
            )
            .order_by(trail.c.recorded_at, trail.c.id)
        )
        return [row["outcome"] for row in rows]


def guard_of(directory, username):
    """The count of the name from where the tests call."""
    with directory.database.sessions() as session:
        key = key_at(username, NOWHERE)
        return session.execute(select(sign_in_guards).where(sign_in_guards.c.username == key)).one()


def renew(directory, token, request_id=None):
    command = access.RefreshSession(request_id=request_id or uuid4(), refresh_token=token)
    return directory.ask("refresh_session", command)


def test_a_session_grant_names_person_position_agency_and_roles(directory, verifier):
    person_id, agency_id = directory.an_account("an.nguyen", c.Role.DRAFTER)
    session = directory.sign_in("an.nguyen", PASSWORD)["ok"]
    actor = verifier.verify(session["grant"], clock.now())
    assert (actor.person_id, actor.agency_id) == (person_id, agency_id)
    assert [(held.role, held.agency_id, held.with_subtree) for held in actor.roles] == [
        ("drafter", agency_id, True)
    ]
    assert session["me"]["person"]["full_name"] == "Đinh Thị Mẫu"
    assert outcomes(directory)[-1] == "signed_in"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(directory):
    directory.an_account("an.nguyen")
    wrong = directory.sign_in("an.nguyen", "khong phai mat khau")
    unknown = directory.sign_in("khong.ai.ca", "khong phai mat khau")
    assert wrong == unknown
    assert wrong["refused"]["code"] == "sign_in_refused"
    assert outcomes(directory)[-2:] == ["wrong_password", "wrong_password"]


def test_five_wrong_tries_lock_the_name_from_there_even_for_the_right_password(directory):
    directory.an_account("an.nguyen")
    for _ in range(5):
        assert directory.sign_in("an.nguyen", "sai")["refused"]["code"] == "sign_in_refused"
    locked = directory.sign_in("an.nguyen", PASSWORD)["refused"]
    assert locked["code"] == "sign_in_locked"
    until = guard_of(directory, "an.nguyen").locked_until
    assert until.astimezone(clock.VIETNAM).strftime("%H:%M:%S %d/%m/%Y") in locked["message"]["vi"]
    assert outcomes(directory)[-1] == "wrong_password", "what is locked is counted and not kept"


def test_a_name_without_an_account_locks_just_the_same(directory):
    for _ in range(5):
        directory.sign_in("khong.ai.ca", "sai")
    assert directory.sign_in("khong.ai.ca", "sai")["refused"]["code"] == "sign_in_locked"


def test_after_the_lock_the_right_password_opens_and_clears_the_count(directory):
    directory.an_account("an.nguyen")
    for _ in range(5):
        directory.sign_in("an.nguyen", "sai")
    with directory.database.engine.begin() as connection:
        connection.execute(update(sign_in_guards).values(locked_until=clock.now()))
    assert "ok" in directory.sign_in("an.nguyen", PASSWORD)
    guard = guard_of(directory, "an.nguyen")
    assert (guard.wrong_tries, guard.locked_until) == (0, None)


def test_guesses_made_side_by_side_are_all_counted(directory):
    directory.an_account("an.nguyen")
    tried = directory.together(*[("sign_in", a_sign_in("an.nguyen", "sai")) for _ in range(8)])
    codes = [answer["refused"]["code"] for answer in tried]
    assert codes.count("sign_in_refused") == 5
    assert set(codes) <= {"sign_in_refused", "sign_in_locked", "sign_in_busy"}
    assert guard_of(directory, "an.nguyen").wrong_tries == 5


def test_who_holds_no_position_today_cannot_act(directory):
    person_id = directory.a_person()
    directory.ok("open_account", an_account(person_id, "an.nguyen"))
    assert directory.sign_in("an.nguyen", PASSWORD)["refused"]["code"] == "no_current_position"


def test_who_holds_several_positions_chooses_one_or_acts_as_the_one_held_longest(directory):
    person_id, _ = directory.an_account("an.nguyen", c.Role.DRAFTER)
    later = directory.a_position(directory.an_agency(), person_id, held_from="2025-08-01")
    chosen = directory.sign_in("an.nguyen", PASSWORD, position_id=later["id"])["ok"]
    assert chosen["me"]["position"]["id"] == later["id"]
    first = directory.sign_in("an.nguyen", PASSWORD)["ok"]
    assert first["me"]["position"]["held_from"] == "2025-07-01"
    strange = directory.sign_in("an.nguyen", PASSWORD, position_id=uuid4())["refused"]
    assert (strange["code"], strange["field"]) == ("position_not_held", "positionId")


def past_the_overlap(directory):
    """As if every token that was used had been used two minutes ago."""
    with directory.database.engine.begin() as connection:
        earlier = refresh_tokens.c.used_at - timedelta(minutes=2)
        connection.execute(update(refresh_tokens).values(used_at=earlier))


def test_a_refresh_token_is_good_once_and_its_reuse_later_on_ends_the_session(directory):
    directory.an_account("an.nguyen")
    first = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    second = renew(directory, first)["ok"]["refresh_token"]
    assert second != first
    past_the_overlap(directory)
    assert renew(directory, first)["refused"]["code"] == "session_revoked"
    assert renew(directory, second)["refused"]["code"] == "session_ended"
    assert outcomes(directory)[-3:] == ["renewed", "token_reused", "session_ended"]


def test_a_renewal_repeated_because_its_answer_was_lost_is_no_theft(directory):
    directory.an_account("an.nguyen")
    first = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    request_id = uuid4()
    lost = renew(directory, first, request_id)["ok"]["refresh_token"]
    past_the_overlap(directory)
    received = renew(directory, first, request_id)["ok"]["refresh_token"]
    assert received == lost
    assert "ok" in renew(directory, received)
    assert "ok" in renew(directory, received), "its next renewal's answer was lost as well"


def test_tabs_that_renew_at_once_stay_on_one_chain(directory):
    directory.an_account("an.nguyen")
    first = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    asked = [access.RefreshSession(request_id=uuid4(), refresh_token=first) for _ in range(5)]
    together = directory.together(*[("refresh_session", each) for each in asked])
    [second] = {answer["ok"]["refresh_token"] for answer in together}
    third = renew(directory, second)["ok"]["refresh_token"]
    assert renew(directory, first)["ok"]["refresh_token"] == third, "a slow tab goes on where the others are"
    past_the_overlap(directory)
    assert "ok" in renew(directory, third)


def test_a_thief_who_was_quick_is_found_when_the_chain_goes_on(directory):
    directory.an_account("an.nguyen")
    first = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    second = renew(directory, first)["ok"]["refresh_token"]
    stolen = renew(directory, first)["ok"]["refresh_token"]
    assert stolen == second, "no chain of their own"
    theirs = renew(directory, stolen)["ok"]
    past_the_overlap(directory)
    assert renew(directory, second)["refused"]["code"] == "session_revoked"
    assert renew(directory, theirs["refresh_token"])["refused"]["code"] == "session_ended"


def test_refresh_tokens_are_kept_as_hashes_only(directory):
    directory.an_account("an.nguyen")
    token = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    with directory.database.sessions() as session:
        digests = session.scalars(select(refresh_tokens.c.digest)).all()
    assert all(len(digest) == 32 and token.encode() not in digest for digest in digests)


def test_signing_out_ends_the_session_and_may_be_repeated(directory):
    directory.an_account("an.nguyen")
    token = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    for _ in range(2):
        assert directory.ok("sign_out", access.SignOut(request_id=uuid4(), refresh_token=token)) is None
    assert renew(directory, token)["refused"]["code"] == "session_ended"


def test_a_session_ends_with_the_position_it_acts_as(directory):
    person_id, agency_id = directory.a_person(), directory.an_agency()
    position = directory.a_position(agency_id, person_id)
    directory.ok("open_account", an_account(person_id, "an.nguyen"))
    token = directory.sign_in("an.nguyen", PASSWORD)["ok"]["refresh_token"]
    ended = staff.EndPosition(
        request_id=uuid4(),
        position_id=position["id"],
        held_to=clock.today(),
        expected_version=position["version"],
    )
    directory.ok("end_position", ended)
    assert renew(directory, token)["refused"]["code"] == "no_current_position"


def test_a_first_password_must_be_changed_before_any_role_is_held(directory, verifier):
    directory.an_account("an.nguyen", c.Role.DRAFTER, must_change_password=True)
    session = directory.sign_in("an.nguyen", PASSWORD)["ok"]
    assert session["me"]["must_change_password"] is True
    assert verifier.verify(session["grant"], clock.now()).roles == ()
    new = "mot cau khac con dai hon"
    change = a.ChangePassword(request_id=uuid4(), current_password=PASSWORD, new_password=new)
    assert directory.ok("change_password", change, token=session["grant"])["must_change_password"] is False
    # The same again is done once, for as long as the session that it ended is not yet known to have ended.
    repeated = directory.ask("change_password", change, token=session["grant"])
    assert "ok" in repeated or repeated["refused"]["code"] == "not_signed_in"
    assert renew(directory, session["refresh_token"])["refused"]["code"] == "session_ended"
    again = directory.sign_in("an.nguyen", new)["ok"]
    assert [held.role for held in verifier.verify(again["grant"], clock.now()).roles] == ["drafter"]


def test_guessing_the_current_password_locks_too(directory):
    directory.an_account("an.nguyen")
    token = directory.token_of("an.nguyen")
    for _ in range(5):
        guess = a.ChangePassword(request_id=uuid4(), current_password="sai", new_password="mot cau khac dai")
        assert directory.refused("change_password", guess, token=token) == (
            "current_password_wrong",
            "currentPassword",
        )
    assert directory.refused("change_password", guess, token=token)[0] == "sign_in_locked"
    assert "ok" in directory.sign_in("an.nguyen", PASSWORD), "nobody is shut out by who holds a session"


def test_an_account_is_opened_once_and_its_password_is_nowhere(directory):
    person_id = directory.a_person()
    command = an_account(person_id, "an.nguyen")
    first = directory.ok("open_account", command)
    assert directory.ok("open_account", command) == first
    assert directory.refused("open_account", an_account(person_id, "an.nguyen2")) == (
        "account_exists",
        "personId",
    )
    other = directory.a_person()
    assert directory.refused("open_account", an_account(other, "an.nguyen")) == ("username_taken", "username")
    with directory.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(accounts)) == 2
        assert session.scalar(
            select(accounts.c.password_hash).where(accounts.c.username == "an.nguyen")
        ).startswith("$argon2id$")
        for table in ("trail", "outbox", "commands"):
            dump = session.connection().exec_driver_sql(
                f"select coalesce(string_agg(t::text, ''), '') from {table} t"
            )
            text = dump.scalar()
            assert "$argon2id$" not in text
            assert PASSWORD not in text


def test_old_parameters_are_replaced_at_the_next_sign_in(directory, running):
    directory.an_account("an.nguyen")
    stronger = running(
        "directory",
        database=directory.database,
        ARGON2_PASSES="2",
        ARGON2_MEMORY_KIB="64",
        ARGON2_LANES="1",
    )
    directory.running.stop()
    assert "ok" in directory.sign_in("an.nguyen", PASSWORD)
    with stronger.database.sessions() as session:
        hashed = session.scalar(select(accounts.c.password_hash).where(accounts.c.username == "an.nguyen"))
    assert ",t=2," in hashed


def test_a_leader_may_not_open_accounts_and_an_administrator_only_where_they_reach(directory):
    directory.an_account("lanh.dao", c.Role.UNIT_LEADER)
    leader = directory.token_of("lanh.dao")
    command = an_account(directory.a_person(), "ai.do")
    assert directory.refused("open_account", command, token=leader) == ("not_permitted", None)
    directory.an_account("quan.tri.so", c.Role.PROVINCE_ADMIN)
    below = directory.token_of("quan.tri.so")
    elsewhere = directory.a_person()
    directory.ok("appoint_position", an_appointment(directory.an_agency(), elsewhere))
    assert directory.refused("open_account", an_account(elsewhere, "ai.do"), token=below) == (
        "not_permitted",
        None,
    )


def test_calls_go_on_while_passwords_are_hashed(running, rpc, beginning):
    slow = {"ARGON2_PASSES": "8", "ARGON2_MEMORY_KIB": "131072", "ARGON2_LANES": "1"}
    service = running("directory", **slow)
    beginning(service)
    rpc.call("directory.sign_in", a_sign_in("khoi.dong", "de tien trinh bam san sang"))
    began = clock.now()
    slow_call = rpc.send("directory.sign_in", a_sign_in("khong.ai.ca", "sai"))
    order = []
    while slow_call not in order:
        order += answered_until(rpc, rpc.send("directory.clock", access.Clock()))
    took = (clock.now() - began).total_seconds()
    assert took > 0.2, "the hash was too cheap to prove anything"
    assert len(order) - 1 >= 5, f"only {len(order) - 1} calls were answered in the {took:.2f} s of one hash"


def answered_until(rpc, awaited):
    """Ids of calls in the order answered, up to the one awaited."""
    seen: list[str] = []
    while awaited not in seen:
        seen.append(rpc.arrived()[0])
    return seen
