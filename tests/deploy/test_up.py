"""A whole platform: up, ready, watched over, and gone without a trace."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from deploy.local import servers, status, up
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
