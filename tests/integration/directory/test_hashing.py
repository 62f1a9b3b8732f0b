"""The hashing processes: what they answer, replaced when lost, and turning a flood away."""

import os
import signal

import eventlet
import pytest

from kernel.base.errors import Unavailable
from services.directory.access.hashing import Hasher, Parameters

CHEAP = Parameters(passes=1, memory_kib=64, lanes=1)
SLOW = Parameters(passes=8, memory_kib=65_536, lanes=1)
PASSWORD = "một câu đủ dài “2026”\n"


@pytest.fixture
def a_hasher():
    made = []

    def start(parameters=CHEAP, **given):
        made.append(Hasher(parameters, **{"workers": 1, "waiting": 4} | given))
        return made[-1]

    yield start
    for hasher in made:
        hasher.close()


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


def test_a_worker_that_was_killed_is_replaced(a_hasher):
    hasher = a_hasher()
    hashed = hasher.hash(PASSWORD)
    [worker] = hasher._workers
    lost = worker.process.pid
    os.kill(lost, signal.SIGKILL)
    assert hasher.verify(hashed, PASSWORD).fits
    assert worker.process.pid != lost


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
