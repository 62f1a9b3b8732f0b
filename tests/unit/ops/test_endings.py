"""How commands end that cannot go on: a word in the operator's language, an exit code, and no traceback."""

import io
import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from deploy.local.instance import ROOT, Instance
from deploy.local.platform import load_or_create
from ops import asking, cli, jobs

LIST = "Mã nhân viên,Họ và tên\nA1,Nguyễn Văn A\n"
PASSPHRASE = "mật khẩu dài của thử nghiệm"
NEVER_STARTED = "chưa từng được khởi động"


@pytest.fixture
def given(tmp_path):
    """Files that commands ask for."""
    (tmp_path / "people.csv").write_text(LIST)
    (tmp_path / "phrase").write_text(PASSPHRASE)
    return tmp_path


@pytest.fixture(scope="module")
def gone():
    """A platform that is known here and whose servers do not run."""
    instance = Instance.named("unit-gone")
    load_or_create(instance)
    yield instance.name
    subprocess.run(["rm", "-rf", str(instance.folder)], check=True)


def eiso(*words: str, language: str = "vi", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a cron job runs it: no terminal anywhere."""
    known = {name: value for name, value in os.environ.items() if name != "EISO_PASSWORD"}
    return subprocess.run(
        [sys.executable, "-m", "ops", *words],
        cwd=ROOT,
        env={**known, "LANG": language, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )


def ended(done: subprocess.CompletedProcess[str], *codes: int) -> str:
    """What was said, if the command ended well-behaved."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode in codes, said
    return said


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_password_that_nobody_can_be_asked_for_is_named_as_that(given, gone, language):
    words = ("people", "import", str(given / "people.csv"), "--username", "quantri", "--instance", gone)
    said = ended(eiso(*words, language=language), 2)
    assert {"vi": "Chưa cho mật khẩu", "en": "No password was given"}[language] in said
    assert "EISO_PASSWORD" in said


def test_so_is_a_passphrase(given, gone):
    said = ended(eiso("backup", str(given / "into"), "--unencrypted", "--instance", gone), 2)
    assert "--passphrase-file" in said


COMMANDS = {
    "status": (1,),
    "doctor": (1,),
    "parked": (2,),
    "reconcile --patience 1": (2,),
    "replay cases": (2,),
    "scrub": (2,),
    "jobs": (2,),
    "trail verify": (2,),
    "store": (2,),
    "clock": (0,),
    "broker": (0,),
    "people import {people} --username q": (2,),
    "agencies province {people} --username q": (2,),
    "agencies import {people} --username q": (2,),
    "backup {into} --unencrypted --passphrase-file {phrase}": (2,),
    "backup-key show": (0,),
    "restore {into}": (2,),
}


def test_every_command_is_tried():
    assert {words.partition(" ")[0] for words in COMMANDS} == set(cli.COMMANDS)


def words_of(command: str, folder) -> list[str]:
    files = {"people": folder / "people.csv", "into": folder / "into", "phrase": folder / "phrase"}
    return command.format(**files).split()


@pytest.fixture
def here(monkeypatch, capsys):
    """The command in this process, with a password at hand: its exit code and what it said."""
    monkeypatch.setenv("EISO_PASSWORD", "x")
    monkeypatch.setenv("LANG", "vi")

    def run(*words: str) -> tuple[int, str]:
        code = cli.main(words)
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_a_platform_that_never_was_is_named_as_that(given, here, command):
    words = words_of(command, given)
    code, said = here(*words, "--instance", "unit-never-was")
    assert code == 2
    assert NEVER_STARTED in said or words[0] in ("restore", "agencies"), said


@pytest.mark.parametrize("command", COMMANDS)
def test_servers_that_are_down_are_named_as_that(given, gone, here, command):
    code, said = here(*words_of(command, given), "--instance", gone)
    assert code in COMMANDS[command]
    assert said.strip()


def at_a_terminal(words: list[str], typed: bytes, **environment: str) -> tuple[int, str]:
    """The command where somebody types `typed` once it asks."""
    known = {name: value for name, value in os.environ.items() if name != "EISO_PASSWORD"}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable, [sys.executable, "-m", "ops", *words], {**known, "LANG": "vi", **environment}
        )
    said, asked = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            said += os.read(terminal, 1000)
        except OSError:
            break
        if not asked and b": " in said:
            asked = True
            os.write(terminal, typed)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


@pytest.mark.parametrize("typed", [b"\x04", b"\x03", b"\n"], ids=["end of input", "Ctrl-C", "nothing"])
def test_who_is_asked_for_a_password_may_go_away(given, gone, typed):
    words = ["people", "import", str(given / "people.csv"), "--username", "quantri", "--instance", gone]
    code, said = at_a_terminal(words, typed)
    assert (code, "Traceback" in said) == (2, False), said
    assert ("Đã dừng" if typed == b"\x03" else "Chưa cho mật khẩu") in said


@pytest.mark.parametrize("typed", [b"\x04", b"\x03"], ids=["end of input", "Ctrl-C"])
def test_who_is_asked_for_a_passphrase_may_go_away(given, gone, typed):
    code, said = at_a_terminal(["backup", str(given / "into"), "--unencrypted", "--instance", gone], typed)
    assert "Mật khẩu" in said
    assert (code, "Traceback" in said) == (2, False), said


def test_a_command_that_is_stopped_says_so(monkeypatch, capsys):
    def stopped(_asked):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    monkeypatch.setattr(jobs, "run", stopped)
    # A shell starts what it puts into the background with this signal ignored, and so were these tests.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cli.main(["jobs"]) == 2
    finally:
        signal.signal(signal.SIGINT, before)
    assert "Đã dừng" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["ops", "deploy.local"])
@pytest.mark.parametrize("command", ["doctor", "status"])
def test_a_reader_that_leaves_early_ends_the_command_quietly(gone, module, command):
    """`make status | head -1`: what is read by nobody is no failure, and reports none."""
    done = subprocess.run(
        f"{sys.executable} -m {module} {command} --instance {gone} | true; echo ${{PIPESTATUS[0]}}",
        cwd=ROOT,
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.strip() == "1"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("command", ["status", "doctor", "store", "env"])
@pytest.mark.parametrize("name", ["unit-never-was", "../etc"])
def test_this_machines_commands_end_alike_where_there_is_no_platform(command, name):
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", command, "--instance", name],
        cwd=ROOT,
        env={**os.environ, "LANG": "vi"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert (NEVER_STARTED in said) or "không hợp lệ" in said


def test_an_account_without_a_name_runs_commands_too(monkeypatch):
    """As in a container whose user is a number."""

    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(asking.getpass, "getuser", nameless)
    assert asking.who() == f"uid-{os.getuid()}"


def test_without_a_terminal_nobody_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("mật khẩu\n"))
    with pytest.raises(asking.NobodyThere):
        asking.secret("people_password_ask")
