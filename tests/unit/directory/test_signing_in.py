"""Guessing passwords, choosing them, and how long sessions last."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.directory.accounts import DisabledBecause
from kernel.base.errors import Conflict, Invalid
from services.directory import rules
from services.directory.access.domain.account import Account
from services.directory.access.domain.lockout import NOBODYS_NAME, SignInGuard, as_username, keys_of_strangers
from services.directory.access.domain.passwords import check_password
from services.directory.access.domain.session import Ended, Renewal, successor_of, use_up
from tests.unit.directory.factories import LOCK_OUT, NOW, RULE, a_session, a_token

SECOND = timedelta(seconds=1)
OVERLAP = timedelta(seconds=RULE.overlap_seconds)


def a_guard(wrong_tries=0):
    guard = SignInGuard(username="an.nguyen")
    for _ in range(wrong_tries):
        guard.count_wrong(NOW, LOCK_OUT)
    return guard


def test_four_wrong_tries_lock_nothing():
    assert not a_guard(4).is_locked(NOW)


def test_the_fifth_wrong_try_locks_for_a_minute():
    guard = a_guard(5)
    assert guard.is_locked(NOW + timedelta(seconds=59))
    assert not guard.is_locked(NOW + timedelta(seconds=60))


def test_each_further_wrong_try_doubles_the_lock_up_to_the_cap():
    locks = [a_guard(n).locked_until - NOW for n in range(5, 13)]
    assert [lock.total_seconds() for lock in locks] == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_ten_thousand_wrong_tries_still_lock_for_the_cap():
    assert LOCK_OUT.lock_for(10_000) == timedelta(hours=1)


def test_wrong_tries_of_the_day_before_yesterday_are_forgotten():
    guard = a_guard(4)
    guard.count_wrong(NOW + timedelta(days=1, seconds=1), LOCK_OUT)
    assert guard.wrong_tries == 1
    assert guard.locked_until is None


def test_the_right_password_clears_the_count():
    guard = a_guard(5)
    guard.clear()
    assert not guard.is_locked(NOW)
    assert guard.wrong_tries == 0


def test_a_day_after_the_last_wrong_try_it_is_still_counted_and_no_longer_than_that():
    guard = a_guard(4)
    guard.count_wrong(NOW + timedelta(days=1), LOCK_OUT)
    assert guard.wrong_tries == 5


def test_all_are_forgotten_when_the_most_patient_rule_forgets():
    found = rules.lock_outs()
    counted = {"known_device", "name_at_address", "address", "name"}
    for patient in counted:
        told = {each: replace(LOCK_OUT, forget_after_seconds=9 if each == patient else 1) for each in counted}
        assert replace(found, **told).forget_after == 9 * SECOND


def check(password, **more):
    given = {"field": "newPassword", "about": ["Nguyễn Văn An", "an.nguyen@hungyen.gov.vn"]} | more
    check_password(rules.passwords(), "an.nguyen", password, **given)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "aaaaaaaaaaaaaa",
        "ababababababab",
        "123456789012",
        "qwertyuiop12",
        "matkhau123456",
        "Mật khẩu 2026",
        "Matkhau@2026",
        "anhyeuem12345",
        "hungyen@2026",
        "iso9001:2015",
        "nguyenvanan1990",
        "Nguyễn Văn An 1",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password):
    with pytest.raises(Invalid, match="password_too_easy") as refused:
        check(password)
    assert refused.value.field == "newPassword"


@pytest.mark.parametrize("password", ["an.nguyen-2026-08", "cau dai co AN.Nguyen o trong"])
def test_a_password_that_holds_the_user_name_is_refused(password):
    with pytest.raises(Invalid, match="password_holds_name"):
        check(password)


PHRASES = ("ba con ngua o chan deo", "tk7-Qz9m-w2Xe-41", "một câu chỉ mình tôi nghĩ ra", "x7 kềnh kàng " * 15)


@pytest.mark.parametrize("password", PHRASES)
def test_a_long_phrase_of_ones_own_is_good_whatever_its_signs(password):
    check(password)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Antm", "antm"),
        ("antm ", "antm"),
        (" ANTM", "antm"),
        ("ａｎｔｍ", "antm"),
        ("an.nguyen", "an.nguyen"),
        ("at 10.0.0.1 an", NOBODYS_NAME),
        ("đinh", NOBODYS_NAME),
        ("a", NOBODYS_NAME),
        ("an", NOBODYS_NAME),
        ("ann", "ann"),
        ("x" * 64, "x" * 64),
        ("x" * 65, NOBODYS_NAME),
        ("an\n.nguyen", NOBODYS_NAME),
    ],
)
def test_a_user_name_is_taken_as_a_telephone_writes_it(given, name):
    assert as_username(given) == name


def test_no_name_that_is_typed_is_the_key_of_anything_else():
    keys = keys_of_strangers("an.nguyen", "10.0.0.1")
    assert len(set(keys.values())) == 3
    assert all(as_username(key) in (NOBODYS_NAME, "an.nguyen") for key in keys.values())


def test_a_password_as_hard_to_guess_as_the_rule_asks_is_good_and_an_easier_one_is_not():
    # zxcvbn gives this one three of four points.
    password = "kenhkang7"
    for least, is_good in ((3, True), (4, False)):
        rule = replace(rules.passwords(), least_score=least)
        if is_good:
            check_password(rule, "an.nguyen", password, field="newPassword")
        else:
            with pytest.raises(Invalid, match="password_too_easy"):
                check_password(rule, "an.nguyen", password, field="newPassword")


def test_a_new_password_must_be_new():
    with pytest.raises(Invalid, match="password_unchanged"):
        check("mot cau rat dai", current="mot cau rat dai")


def test_an_account_never_shows_its_hash_to_the_trail():
    account = Account.open(
        id=uuid4(),
        person_id=uuid4(),
        username="an.nguyen",
        password_hash="$argon2id$secret",
        must_change_password=True,
        request_id=uuid4(),
        now=NOW,
    )
    assert "secret" not in str(account.snapshot())


def test_choosing_ones_own_password_ends_the_duty_to_change_it():
    account = Account.open(
        id=uuid4(),
        person_id=uuid4(),
        username="an.nguyen",
        password_hash="old",
        must_change_password=True,
        request_id=uuid4(),
        now=NOW,
    )
    request_id = uuid4()
    account.set_password("new", request_id=request_id, now=NOW + SECOND)
    assert not account.must_change_password
    assert (account.set_by_request, account.password_set_at) == (request_id, NOW + SECOND)


def test_a_token_waits_as_long_as_the_rule_says_but_never_beyond_the_session():
    family = a_session()
    assert a_token(family).expires_at == NOW + timedelta(hours=1)
    late = family.issue(b"late", now=NOW + timedelta(minutes=90), rule=RULE)
    assert late.expires_at == NOW + timedelta(hours=2)


def judge(family, token, successor=None, *, request_id=None, after=timedelta()):
    return family.judge(token, successor, request_id=request_id or uuid4(), now=NOW + after, rule=RULE)


def test_an_unused_token_renews_the_session():
    family = a_session()
    assert judge(family, a_token(family)) is Renewal.GRANTED


def test_a_token_left_too_long_does_not():
    family = a_session()
    assert judge(family, a_token(family), after=timedelta(hours=1)) is Renewal.EXPIRED


def test_a_token_used_twice_gives_the_theft_away():
    family = a_session()
    token, successor = a_token(family), a_token(family)
    use_up(token, replaced_by=successor.digest, request_id=uuid4(), now=NOW)
    assert judge(family, token, successor, after=OVERLAP + SECOND) is Renewal.REUSED


def test_a_token_used_twice_within_a_minute_is_another_tab():
    family = a_session()
    token, successor = a_token(family), a_token(family)
    use_up(token, replaced_by=successor.digest, request_id=uuid4(), now=NOW)
    assert judge(family, token, successor, after=OVERLAP) is Renewal.REPEATED


def test_a_token_follows_from_the_one_before_and_a_seed_and_from_neither_alone():
    assert successor_of("one", b"seed") == successor_of("one", b"seed")
    others = {successor_of("two", b"seed"), successor_of("one", b"sown")}
    assert len({successor_of("one", b"seed"), *others}) == 3


def test_the_same_request_may_be_repeated_while_its_answer_is_unused():
    family, request_id = a_session(), uuid4()
    token, successor = a_token(family), a_token(family)
    use_up(token, replaced_by=successor.digest, request_id=request_id, now=NOW)
    later = OVERLAP + SECOND
    assert judge(family, token, successor, request_id=request_id, after=later) is Renewal.REPEATED
    use_up(successor, replaced_by=b"next", request_id=uuid4(), now=NOW)
    assert judge(family, token, successor, request_id=request_id, after=later) is Renewal.REUSED


def test_an_ended_session_stays_ended_for_its_first_reason():
    family = a_session()
    family.end(Ended.TOKEN_REUSED, NOW)
    family.end(Ended.SIGNED_OUT, NOW + SECOND)
    assert (family.ended_because, family.ended_at) == (Ended.TOKEN_REUSED, NOW)
    assert judge(family, a_token(family)) is Renewal.ENDED


def test_the_rules_in_force_are_readable_and_name_their_basis():
    assert rules.lock_outs().name_at_address.free_tries == 5
    assert rules.session().idle_seconds <= rules.session().longest_seconds
    assert "TCVN 11930:2017" in rules.lock_outs().name.basis
    assert "NIST SP 800-63B" in rules.passwords().basis


def test_owners_wait_for_less_than_strangers_and_a_name_bears_more_than_an_address():
    found = rules.lock_outs()
    assert found.known_device.longest_lock_seconds < found.name_at_address.longest_lock_seconds
    assert found.known_device.lock_for(5) < found.name_at_address.lock_for(5)
    assert found.name.free_tries >= 10 * found.name_at_address.free_tries


def test_an_account_is_disabled_and_enabled_once_each():
    account = an_account()
    account.disable(DisabledBecause.IDLE, NOW)
    with pytest.raises(Conflict, match="account_disabled_already"):
        account.disable(DisabledBecause.ADMINISTRATOR, NOW)
    assert account.snapshot()["disabled_because"] == "idle"
    account.enable(NOW + SECOND)
    with pytest.raises(Conflict, match="account_not_disabled"):
        account.enable(NOW)
    assert (account.disabled_at, account.disabled_because, account.enabled_at) == (None, None, NOW + SECOND)


def test_days_out_of_use_are_data_and_count_from_now_back():
    rule = rules.idle()
    assert rule.idle_days == 45
    assert NOW - rule.counts_from(NOW) == timedelta(days=45)
    assert "TCVN 11930:2017" in rule.basis


def an_account() -> Account:
    given = {"username": "an.nguyen", "password_hash": "…", "must_change_password": False, "now": NOW}
    return Account.open(id=uuid4(), person_id=uuid4(), request_id=uuid4(), **given)
