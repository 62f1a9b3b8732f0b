"""Hashing passwords: what is answered, that the hub goes on meanwhile, and turning a flood away."""

from time import perf_counter

import eventlet
import pytest
from eventlet.patcher import original

from kernel.base.errors import Unavailable
from services.directory.access.hashing import Hasher, Parameters

Lock = original("threading").Lock
CHEAP = Parameters(passes=1, memory_kib=64, lanes=1)
SLOW = Parameters(passes=8, memory_kib=65_536, lanes=1)
PASSWORD = "một câu đủ dài “2026”\n"


@pytest.fixture
def a_hasher():
    def make(parameters=CHEAP, **given):
        return Hasher(parameters, **{"workers": 1, "waiting": 4} | given)

    return make


def test_a_password_fits_its_own_hash_and_no_other(a_hasher):
    hasher = a_hasher()
    hashed = hasher.hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert hasher.verify(hashed, PASSWORD).fits
    assert not hasher.verify(hashed, PASSWORD + "x").fits
    assert hasher.hash(PASSWORD) != hashed


def test_nobodys_password_fits_nothing(a_hasher):
    assert not a_hasher().verify(None, PASSWORD).fits


def test_something_that_is_no_hash_fits_nothing(a_hasher):
    assert not a_hasher().verify("not a hash", PASSWORD).fits


def test_a_hash_with_other_parameters_is_outdated(a_hasher):
    hashed = a_hasher().hash(PASSWORD)
    other = a_hasher(Parameters(passes=2, memory_kib=64, lanes=1))
    verdict = other.verify(hashed, PASSWORD)
    assert (verdict.fits, verdict.outdated) == (True, True)


def test_the_hub_goes_on_while_a_password_is_hashed(a_hasher):
    hasher, gaps = a_hasher(Parameters(passes=20, memory_kib=65_536, lanes=1)), [0.0]

    def beat():
        while True:
            before = perf_counter()
            eventlet.sleep(0.001)
            gaps.append(perf_counter() - before)

    beating, began = eventlet.spawn(beat), perf_counter()
    hasher.hash(PASSWORD)
    took = perf_counter() - began
    beating.kill()
    assert max(gaps) < took / 2
    assert len(gaps) > 20


def test_a_caller_who_gives_up_keeps_the_place_until_the_hash_is_done(a_hasher, monkeypatch):
    """Else every caller who gives up would let one hash more be computed, and hold memory, at a time."""
    hasher = a_hasher(SLOW)
    counted = Counted(hasher._argon2)
    monkeypatch.setattr(hasher, "_argon2", counted)
    for _ in range(3):
        with pytest.raises(eventlet.Timeout), eventlet.Timeout(0.02):
            hasher.hash(PASSWORD)
    assert hasher.hash(PASSWORD)
    assert counted.most == 1


class Counted:
    """argon2, and how many of its threads were at work at most."""

    def __init__(self, argon2):
        self.argon2, self.lock, self.now, self.most = argon2, Lock(), 0, 0

    def hash(self, password):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self.argon2.hash(password)
        finally:
            with self.lock:
                self.now -= 1


def test_known_callers_come_first_then_one_address_after_the_other(a_hasher):
    hasher, done = a_hasher(Parameters(passes=1, memory_kib=8_192, lanes=1), waiting=10), []
    hashed = hasher.hash(PASSWORD)

    def call(name, lane):
        hasher.verify(hashed, PASSWORD, lane)
        done.append(name)

    order = [("first", "a"), ("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c"), ("known", None)]
    asked = [eventlet.spawn(call, *each) for each in order]
    for each in asked:
        each.wait()
    assert done == ["first", "known", "a1", "b1", "c1", "a2", "a3"]


def test_a_full_queue_takes_a_place_from_the_address_with_the_most(a_hasher):
    hasher, outcomes = a_hasher(SLOW, waiting=3), {}
    hashed = hasher.hash(PASSWORD)

    def call(name, lane):
        try:
            outcomes[name] = hasher.verify(hashed, PASSWORD, lane).fits
        except Unavailable as busy:
            outcomes[name] = busy.code

    order = [("a0", "a"), ("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("a4", "a")]
    asked = [eventlet.spawn(call, *each) for each in order]
    for each in asked:
        each.wait()
    busy = "sign_in_busy"
    assert outcomes == {"a0": True, "a1": True, "a2": True, "a3": busy, "b1": True, "a4": busy}


def test_a_caller_who_gives_up_leaves_no_answer_for_the_next(a_hasher):
    hasher = a_hasher(SLOW)
    hashed = hasher.hash(PASSWORD)
    with pytest.raises(eventlet.Timeout), eventlet.Timeout(0.05):
        hasher.verify(hashed, PASSWORD)
    assert not hasher.verify(hashed, "another password").fits


def test_more_sign_ins_than_may_wait_are_turned_away_at_once(a_hasher):
    hasher = a_hasher(SLOW, waiting=1)
    hashed = hasher.hash(PASSWORD)
    asked = [eventlet.spawn(hasher.verify, hashed, PASSWORD) for _ in range(5)]
    outcomes = []
    for each in asked:
        try:
            outcomes.append(each.wait().fits)
        except Unavailable as busy:
            outcomes.append(busy.code)
    assert outcomes.count("sign_in_busy") >= 2
    assert set(outcomes) == {True, "sign_in_busy"}


def test_two_workers_hash_side_by_side(a_hasher):
    hasher = a_hasher(workers=2)
    asked = [eventlet.spawn(hasher.hash, f"mật khẩu {n}") for n in range(4)]
    hashes = [each.wait() for each in asked]
    assert [hasher.verify(hashed, f"mật khẩu {n}").fits for n, hashed in enumerate(hashes)] == [True] * 4
