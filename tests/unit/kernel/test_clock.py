"""Two clocks: real time goes on, business time stands where it was set, production refuses to set it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel.base import clock


@pytest.fixture
def path(tmp_path):
    yield tmp_path / "clock.json"
    clock.configure("test", None)


def test_business_time_is_real_time_until_it_is_set(path):
    clock.configure("test", str(path))
    assert not clock.is_shifted()
    before = clock.now()
    assert before <= clock.business_now() <= clock.now()


def test_a_frozen_clock_stands_and_can_be_advanced(path):
    clock.configure("test", str(path))
    monday = datetime.fromisoformat("2026-08-10T08:00+07:00")
    clock.shift_to(path, monday, frozen=True)
    assert clock.business_now() == monday
    assert clock.advance(path, timedelta(days=22)) == monday + timedelta(days=22)
    assert clock.today() == date(2026, 9, 1)
    assert clock.now() < datetime(2100, 1, 1, tzinfo=UTC)


def test_the_business_date_is_vietnams(path):
    clock.configure("test", str(path))
    clock.shift_to(path, datetime(2026, 8, 9, 17, 30, tzinfo=UTC), frozen=True)
    assert clock.today() == date(2026, 8, 10)


def test_a_running_clock_runs_from_where_it_was_set(path):
    clock.configure("test", str(path))
    start = datetime(2026, 8, 10, 1, 0, tzinfo=UTC)
    before = clock.now()
    clock.shift_to(path, start, frozen=False)
    assert start <= clock.business_now() <= start + (clock.now() - before)


def test_unset_it_is_real_time_again(path):
    clock.configure("test", str(path))
    clock.shift_to(path, datetime(2026, 8, 10, tzinfo=UTC), frozen=True)
    clock.unshift(path)
    assert not clock.is_shifted()


def test_production_refuses_a_clock_file(path):
    with pytest.raises(clock.ProductionClock):
        clock.configure("production", str(path))
