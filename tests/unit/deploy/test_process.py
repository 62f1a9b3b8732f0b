"""A long-running program is known again by its mark, and nothing else is ever stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.process import DidNotStart, Process, _children

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


@pytest.fixture
def process(tmp_path):
    made = Process(name="napper", pid_file=tmp_path / "napper.pid", log_file=tmp_path / "napper.log")
    yield made
    made.stop(seconds=0)


def running(process: Process) -> int:
    process.wait(lambda: process.pid() is not None, seconds=5)
    return process.pid()


def test_a_started_program_is_found_and_stopped(process):
    process.start(["sleep", "600"], as_account=False)
    pid = running(process)
    assert os.getpgid(pid) == pid
    process.stop()
    assert process.pid() is None
    assert not process.pid_file.exists()


def test_a_program_is_alive_at_every_moment_of_becoming_another(process, tmp_path):
    script = tmp_path / "chain.sh"
    script.write_text('[ $1 -gt 0 ] && exec sh "$0" $(($1 - 1))\nexec sleep 600\n')
    process.start(["sh", str(script), "800"], as_account=False)
    pid = running(process)
    becoming = Path(f"/proc/{pid}/cmdline")
    while b"sleep" not in becoming.read_bytes():
        assert process.pid() == pid


def test_a_program_outlives_who_started_it_and_is_found_again(process):
    code = f"""
import os, signal
from pathlib import Path
from deploy.local.process import Process
p = Process(name="napper", pid_file=Path({str(process.pid_file)!r}), log_file=Path({str(process.log_file)!r}))
p.start(["sleep", "600"], as_account=False)
p.wait(lambda: p.pid() is not None, seconds=5)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert process.pid() is not None


def test_a_stranger_with_the_old_pid_is_left_alone(process):
    stranger = subprocess.Popen(["sleep", "600"])
    process.pid_file.write_text(str(stranger.pid))
    try:
        assert process.pid() is None
        process.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "not a number", "999999999"])
def test_a_broken_pid_file_means_not_running(process, content):
    process.pid_file.write_text(content)
    assert process.pid() is None


def test_a_program_that_ends_while_starting_is_reported_with_its_last_words(process):
    process.start(["sh", "-c", "echo cổng đã bị chiếm; exit 3"], as_account=False)
    with pytest.raises(DidNotStart, match="cổng đã bị chiếm"):
        process.wait(lambda: False, seconds=20)


def test_a_program_that_will_not_end_is_ended(process):
    process.start([sys.executable, "-c", STUBBORN], as_account=False)
    process.wait(process.last_lines, seconds=20)  # from then on it takes no notice of SIGTERM
    process.stop(seconds=0.3)
    assert process.pid() is None
    assert _children[process.pid_file].wait(timeout=10) == -signal.SIGKILL
