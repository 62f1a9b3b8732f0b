"""Nobody keeps others from signing in: not by wrong passwords, not by being many, not by filling tables."""

from datetime import timedelta
from uuid import uuid4

import eventlet
import pytest
from sqlalchemy import func, insert, select, update

from contracts.directory import access
from contracts.directory import accounts as s
from contracts.directory import roles as c
from kernel.base import clock, wire
from kernel.data.tables import trail
from kernel.run.process import sweep_once
from services.directory.access.tables import known_devices, sign_in_guards
from services.directory.bootstrap import USERNAME
from services.directory.service import DirectoryService
from services.directory.settings import DirectorySettings
from tests.integration.directory.conftest import ADMIN_PASSWORD, PASSWORD, a_sign_in, answers

FORGET = next(each for each in DirectoryService.sweeps if each.name == "forget")
HOME, CAFE = "203.0.113.7", "198.51.100.9"
WHY = {"reason": "Người dùng gọi điện, đã nhận ra"}


def sign_in(directory, address, name="an.nguyen", password=PASSWORD, **more):
    body = a_sign_in(name, password, **more)
    return directory.rpc.call("directory.sign_in", body, **{wire.ADDRESS: address})


def code(answer):
    return answer["refused"]["code"] if "refused" in answer else "ok"


def guess(directory, address, times, name="an.nguyen", **more):
    return [code(sign_in(directory, address, name, "sai", **more)) for _ in range(times)]


@pytest.fixture
def owner(directory):
    """Somebody with an account, and the token of the device that they sign in from."""
    person_id, _ = directory.an_account("an.nguyen")
    return person_id, sign_in(directory, HOME)["ok"]["device_token"]


def test_wrong_tries_from_one_address_lock_nobody_out_elsewhere(directory, owner):
    assert guess(directory, CAFE, 6) == ["sign_in_refused"] * 5 + ["sign_in_locked"]
    assert code(sign_in(directory, CAFE)) == "sign_in_locked", "the right password too, from there"
    assert code(sign_in(directory, HOME)) == "ok"


def test_many_addresses_that_guess_at_one_name_do_not_delay_its_owners_device(directory, owner):
    _, device = owner
    for number in range(10):
        guess(directory, f"198.51.100.{number}", 5)
    assert code(sign_in(directory, "192.0.2.1")) == "sign_in_locked", (
        "a stranger with the right password waits"
    )
    assert code(sign_in(directory, "192.0.2.1", device_token=device)) == "ok"
    assert code(sign_in(directory, CAFE, device_token=device)) == "ok", "also from where the guesses came"


def test_an_address_that_guesses_at_many_names_is_stopped_and_known_devices_there_are_not(directory, owner):
    _, device = owner
    for number in range(20):
        guess(directory, CAFE, 5, name=f"ten.{number}")
    stopped = sign_in(directory, CAFE)["refused"]
    assert stopped["code"] == "sign_in_locked_here"
    assert "unlockAccount" not in stopped["remedy"]["vi"]
    assert code(sign_in(directory, CAFE, device_token=device)) == "ok"
    assert code(sign_in(directory, HOME)) == "ok"


def test_ones_own_device_waits_a_little_longer_each_time_and_is_not_locked(directory, owner):
    _, device = owner
    assert guess(directory, HOME, 6, device_token=device) == ["sign_in_refused"] * 5 + ["sign_in_locked"]
    with directory.database.sessions() as session:
        device_guard = session.execute(
            select(sign_in_guards).where(sign_in_guards.c.username.like("device %"))
        ).one()
    assert device_guard.locked_until - device_guard.last_wrong_at == timedelta(seconds=5)
    assert code(sign_in(directory, HOME)) == "ok", "without it they are a stranger who has tried nothing"


def test_a_device_token_is_good_for_its_own_account_only_and_opens_nothing(directory, owner):
    _, device = owner
    directory.an_account("binh.tran")
    guess(directory, CAFE, 5, name="binh.tran")
    assert code(sign_in(directory, CAFE, "binh.tran", device_token=device)) == "sign_in_locked"
    assert guess(directory, CAFE, 1, device_token=device) == ["sign_in_refused"]
    with directory.database.sessions() as session:
        kept = session.scalars(select(known_devices.c.digest)).all()
    assert all(device.encode() not in each for each in kept)


def test_a_device_keeps_its_token_and_an_account_has_only_so_many(directory, owner):
    _, device = owner
    assert sign_in(directory, HOME, device_token=device)["ok"]["device_token"] == device
    strange = sign_in(directory, HOME, device_token="x" * 40)["ok"]["device_token"]
    assert strange not in (device, "x" * 40), "nobody chooses a token"
    for _ in range(12):
        sign_in(directory, HOME)
    with directory.database.sessions() as session:
        mine = select(func.count()).select_from(known_devices).group_by(known_devices.c.account_id)
        assert max(session.scalars(mine)) == 10


def test_an_administrator_lets_somebody_in_at_once_with_a_reason(directory, owner):
    person_id, _ = owner
    for number in range(11):
        guess(directory, f"198.51.100.{number}", 5)
    assert code(sign_in(directory, "192.0.2.1")) == "sign_in_locked"
    state = directory.ok("account_of", s.AccountOf(person_id=person_id))
    assert state["locked_until"] is not None
    asked = s.UnlockAccount(request_id=uuid4(), person_id=person_id, **WHY)
    assert directory.ok("unlock_account", asked)["locked_until"] is None
    assert code(sign_in(directory, "192.0.2.1")) == "ok"
    assert code(sign_in(directory, "198.51.100.3")) == "ok"
    with directory.database.sessions() as session:
        row = session.execute(select(trail).where(trail.c.action == "directory:unlock_account")).one()
    assert (row.reason, row.after["outcome"]) == (WHY["reason"], "unlocked")


def test_only_who_administers_their_agencies_lets_somebody_in(directory, owner):
    person_id, _ = owner
    directory.an_account("ha.tran", c.Role.PROVINCE_ADMIN)
    asked = s.UnlockAccount(request_id=uuid4(), person_id=person_id, **WHY)
    assert (
        directory.refused("unlock_account", asked, token=directory.token_of("ha.tran"))[0] == "not_permitted"
    )


def test_names_that_nobody_has_fill_no_table(directory, owner):
    for number in range(30):
        guess(directory, f"10.0.{number}.1", 1, name=f"không ai tên {number}")
    with directory.database.sessions() as session:
        names = session.scalars(select(sign_in_guards.c.username)).all()
    assert [name for name in names if " " not in name] == ["?"]


def test_of_what_is_counted_the_oldest_goes_beyond_so_many(directory, owner):
    now, rules = clock.now(), directory.running.means.resources.lock_outs
    object.__setattr__(rules, "most_kept", 20)  # read from the data file, and frozen since
    rows = [
        {"username": f"ten.{n}", "wrong_tries": 1, "last_wrong_at": now - timedelta(seconds=n)}
        for n in range(50)
    ]
    with directory.database.engine.begin() as connection:
        connection.execute(insert(sign_in_guards).values(rows))
    sweep_once(directory.running.means, FORGET)
    with directory.database.sessions() as session:
        left = set(session.scalars(select(sign_in_guards.c.username)))
    assert left == {f"ten.{n}" for n in range(20)}


def test_devices_that_were_not_used_for_long_are_forgotten(directory, owner):
    _, device = owner
    with directory.database.engine.begin() as connection:
        connection.execute(update(known_devices).values(used_at=clock.now() - timedelta(days=200)))
    guess(directory, CAFE, 5)
    assert code(sign_in(directory, CAFE, device_token=device)) == "sign_in_locked"
    sweep_once(directory.running.means, FORGET)
    with directory.database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(known_devices)) == 0


def test_what_a_telephone_makes_of_a_name_signs_in(directory, owner):
    for written in ("An.Nguyen", "an.nguyen ", " AN.NGUYEN"):
        assert code(sign_in(directory, HOME, written)) == "ok"


def test_ten_who_flood_sign_in_keep_nobody_else_out(running, rpc, beginning, databases):
    """Hashes that take long, one worker, as it is delivered: ten strangers send without a pause."""
    slow = {"ARGON2_PASSES": "3", "ARGON2_MEMORY_KIB": "65536", "ARGON2_LANES": "1"}
    service = running("directory", **slow)
    assert service.means.settings.hash_workers == DirectorySettings.hash_workers
    beginning(service)
    right = a_sign_in(USERNAME, ADMIN_PASSWORD)
    first = rpc.call("directory.sign_in", right, **{wire.ADDRESS: HOME})["ok"]
    flood = [
        rpc.send("directory.sign_in", a_sign_in(f"ten.{n}", "sai"), **{wire.ADDRESS: CAFE}) for n in range(30)
    ]
    known = {"device_token": first["device_token"]}
    mine = [
        rpc.send("directory.sign_in", a_sign_in(USERNAME, ADMIN_PASSWORD), **{wire.ADDRESS: HOME}),
        rpc.send("directory.sign_in", a_sign_in(USERNAME, ADMIN_PASSWORD, **known), **{wire.ADDRESS: CAFE}),
    ]
    clocks = [rpc.send("directory.clock", access.Clock()) for _ in range(5)]
    found = answers(rpc, [*flood, *mine, *clocks], within=60)
    assert [code(found[each]) for each in mine] == ["ok", "ok"]
    assert all("ok" in found[each] for each in clocks)
    assert "sign_in_busy" in {code(found[each]) for each in flood}
    eventlet.sleep(0)
