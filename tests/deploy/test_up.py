"""A whole platform: up, ready, watched over, and gone without a trace."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import httpx
import psycopg
import pytest

from deploy.local import ceph, servers, status, up
from deploy.local.instance import ROOT


@pytest.fixture(scope="module")
def running():
    """A platform of its own, without demonstration data."""
    with up.running("whole", demo=None) as platform:
        yield platform
    servers.remove("whole")


def eiso(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops", *arguments, "--instance", "whole"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_process_is_ready_and_the_front_page_answers(running):
    assert {state.name for state in status.states_of(running) if not state.is_ready} == set()
    assert httpx.get(f"{running.gateway_url}/").status_code == 200
    assert httpx.get(f"{running.mail_url}/").status_code == 200


def test_all_of_it_fits_into_one_and_a_half_gigabytes(running):
    assert sum(state.memory for state in status.states_of(running)) < 1.5 * 2**30


def test_operators_find_nothing_wrong(running):
    done = eiso("doctor", "--json")
    assert [finding["code"] for finding in json.loads(done.stdout) if not finding["is_well"]] == []
    assert done.returncode == 0
    assert eiso("status").returncode == 0


@pytest.fixture(scope="module")
def house(tmp_path_factory, running):
    """What an operator elsewhere has: the code without `deploy.local` and the demonstration, the settings
    file, and the keys beside it. Nothing there knows where the instance's folder is.
    """
    there = tmp_path_factory.mktemp("elsewhere")
    for name in OPERATORS_CODE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, there / "house" / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            (there / "house" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, there / "house" / name)
    shutil.copy(running.instance.platform_file, there / "tinh.json")
    shutil.copytree(running.instance.keys, there / "keys")
    (there / "passphrase").write_text("một câu chỉ dùng để thử")
    (there / "nguoi.csv").write_text("Mã nhân viên,Họ và tên\nA1,Nguyễn Văn A\n")
    return there


OPERATORS_CODE = (
    *("contracts", "worktime", "kernel", "org", "services", "ops", "client", "requirements.lock"),
    *("deploy/__init__.py", "deploy/speech.py", "deploy/platform", "deploy/units"),
)
IN_THE_RUNBOOK = {
    "status": 0,
    "status --json": 0,
    "doctor": 0,
    "parked": 0,
    "reconcile --patience 20": 0,
    "replay cases": 0,
    "scrub": 0,
    "jobs": 0,
    "trail verify": 0,
    "store": 0,
    "broker": 0,
    "clock": 0,
    "clock advance 1d": 0,
    "clock reset": 0,
    "agencies province 37 --under H42 --dry-run --username quantri": 0,
    "people import {here}/nguoi.csv --dry-run --username quantri": 0,
    "backup-key make {here}/private.key --json": 0,
    "backup-key use {public}": 0,
    "backup-key show": 0,
    "backup {here}/kept --passphrase-file {here}/passphrase": 0,
    "restore {kept} --check --passphrase-file {here}/passphrase": 0,
    "restore {kept} --passphrase-file {here}/passphrase --key-file {here}/private.key": 2,
}
"""Each command as the runbook has it, in an order that makes what the next one needs."""


def test_every_command_of_the_runbook_does_its_work_from_another_folder(running, house):
    from ops import cli

    assert {words.partition(" ")[0] for words in IN_THE_RUNBOOK} == set(cli.COMMANDS)
    for words, code in IN_THE_RUNBOOK.items():
        done = _from(house, running, words)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr, words
    left = {path.name for path in (house / "house").iterdir()}
    assert ".local" not in left


@pytest.fixture
def empty():
    """Servers that are up and hold nothing, as somebody made them elsewhere."""
    platform = servers.ensure("put-back")
    yield platform
    servers.remove("put-back")


def test_an_archive_is_put_back_into_servers_that_somebody_else_made(running, house, empty):
    """After the commands before it, which took the archive; its operator lets the store name versions."""
    (house / "new").mkdir()
    file = shutil.copy(empty.file, house / "new" / "moi.json")
    restore = "restore {kept} --passphrase-file {here}/passphrase --key-file {here}/private.key --json"
    with ceph.naming_versions(empty):
        done = _from(house, running, f"{restore} --platform {file}")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    for service, kept in said["services"].items():
        with psycopg.connect(empty.postgres_url("ops", service)) as database:
            row = database.execute("select sequence from outbox_head").fetchone()
            left = database.execute("select count(*) from trail where action = %s", [f"{service}:restore"])
            assert (row[0], left.fetchone()[0]) == (kept["log_head"], 1), service
    assert _from(house, running, f"trail verify --platform {file}").returncode == 0
    assert _from(house, running, f"scrub --platform {file}").returncode == 0
    mine = json.loads((house / "new" / "moi.json").read_text())["passwords"]
    assert mine["bootstrap_admin"] == running.passwords["bootstrap_admin"]
    assert mine["postgres_ops"] == empty.passwords["postgres_ops"]
    same = "keys/identity.json"
    assert (house / "new" / same).read_text() == (running.instance.folder / same).read_text()
    again = _from(house, running, f"{restore} --platform {file}")
    assert (again.returncode, "PostgreSQL" in again.stderr) == (2, True), again.stderr


def _from(house, platform, words):
    kept = next(iter((house / "kept").glob("[!.]*")), "") if (house / "kept").exists() else ""
    made = house / "private.key"
    lines = made.read_text().splitlines() if made.exists() else [""]
    public = next((line.rpartition(" ")[2] for line in lines if line.startswith("# public")), "")
    given = words.format(here=house, kept=kept, public=public).split()
    environ = {"PATH": os.environ["PATH"], "EISO_PASSWORD": platform.passwords["bootstrap_admin"]}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "ops", *given],
        cwd=house / "house",
        env=environ | {"EISO_PLATFORM": str(house / "tinh.json")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_killed_process_is_started_again(running):
    before = _documents(running).pid
    os.kill(before, signal.SIGKILL)
    limit = time.monotonic() + 40
    while (now := _documents(running)).pid in (before, None) or not now.is_ready:
        assert time.monotonic() < limit, now
        time.sleep(0.2)


def _documents(platform):
    return next(state for state in status.states_of(platform) if state.name == "documents")


def test_a_second_keeper_of_the_same_instance_is_refused(running):
    with pytest.raises(up.AlreadyRunning), up.running("whole", demo=None):
        pass


def test_a_mail_page_asked_under_another_name_is_refused(running):
    answer = httpx.get(f"{running.mail_url}/mails.json", headers={"Host": "attacker.example"})
    assert answer.status_code == 421
    assert "default-src 'none'" in answer.headers["content-security-policy"]
