"""The load beside a running platform: what it remembers, and that its failing or hanging harms nobody."""

import asyncio
import json
import subprocess
import sys
import time
from datetime import date

import httpx
import pytest

from demo.lived import __main__ as command
from demo.lived import job
from demo.lived.journal import WHOLE, Journal, Progress, progress_file, read_progress
from deploy.local.instance import ROOT, Instance
from deploy.local.year_of_work import YearOfWork


@pytest.fixture
def instance(tmp_path):
    made = Instance(name="x", folder=tmp_path / "x")
    made.make()
    return made


def wait_until_over(year):
    limit = time.monotonic() + 20
    while year.goes_on():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_a_load_that_fails_is_named_with_its_last_words_and_raises_nothing(instance, capsys):
    year = YearOfWork(instance, module="no.such.module")
    year.start()
    wait_until_over(year)
    assert "no.such" in capsys.readouterr().err
    assert not year.goes_on()


def test_a_load_ends_when_who_started_it_is_gone(instance, monkeypatch):
    """A module that only reads its input, as the load does beside its work."""
    (instance.folder / "reads_input.py").write_text("import sys; sys.stdin.read()")
    monkeypatch.setenv("PYTHONPATH", str(instance.folder))
    year = YearOfWork(instance, module="reads_input")
    year.start()
    assert year.goes_on()
    year._process.stdin.close()
    wait_until_over(year)


def test_stopping_does_not_wait_for_the_load(instance, monkeypatch):
    (instance.folder / "hangs.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(instance.folder))
    year = YearOfWork(instance, module="hangs")
    year.start()
    year.stop()
    assert year._process.poll() < 0, "it was ended, not waited for"


def test_the_day_it_began_is_kept_and_a_line_cut_off_is_passed_over(instance):
    journal = Journal(instance)
    assert journal.begin(date(2026, 11, 22)) == date(2026, 11, 22)
    journal.done("documents", "H42.001")
    with (instance.folder / "demo-lived.jsonl").open("a") as file:
        file.write('{"part": "documents", "agen')
    again = Journal(instance)
    assert again.begin(date(2026, 12, 1)) == date(2026, 11, 22)
    assert again.is_done("documents", "H42.001")
    assert not again.is_done("documents", "H42.002")
    again.done("documents", "H42.002")
    assert Journal(instance).is_done("documents", "H42.002"), "what is written after a cut line counts"


def test_only_the_whole_province_ends_it(instance):
    journal = Journal(instance)
    journal.done("reviews", "H42.001")
    assert YearOfWork(instance).is_needed
    journal.done(*WHOLE)
    assert not YearOfWork(instance).is_needed


def test_the_progress_is_for_its_owner_alone_and_says_when_it_is_over(instance):
    progress = Progress(instance)
    assert read_progress(instance) is None
    progress.phase("lived_phase_dossiers", total=146, done=3)
    progress.step()
    assert json.loads(progress_file(instance).read_text()) == {
        "phase_vi": "Hồ sơ của mười hai tháng qua",
        "phase_en": "Dossiers of the past twelve months",
        "done": 4,
        "total": 146,
        "finished": False,
    }
    assert progress_file(instance).stat().st_mode & 0o777 == 0o600
    progress.finished()
    assert read_progress(instance)["finished"] is True


async def test_the_progress_is_renewed_while_one_step_takes_long(instance, monkeypatch):
    monkeypatch.setattr(Progress, "RENEWED_EVERY", 0.01)
    async with Progress(instance) as progress:
        progress.phase("lived_phase_dossiers", total=146, done=3)
        progress_file(instance).unlink()
        limit = time.monotonic() + 10
        while read_progress(instance) is None:
            assert time.monotonic() < limit
            await asyncio.sleep(0.01)
        assert read_progress(instance)["done"] == 3


def test_the_progress_is_renewed_often_enough_for_the_page():
    assert Progress.RENEWED_EVERY <= 20


async def test_a_load_that_fails_leaves_no_progress_behind(instance):
    async def failing():
        async with Progress(instance) as progress:
            progress.phase("lived_phase_dossiers", total=146, done=3)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    assert read_progress(instance) is None


async def test_a_load_that_is_complete_goes_on_saying_so(instance):
    async with Progress(instance) as progress:
        progress.phase("lived_phase_reviews", total=3, done=3)
        progress.finished()
    assert read_progress(instance)["finished"] is True


@pytest.mark.parametrize("end", ["stop", "killed", "leave_out"])
def test_no_progress_is_left_by_a_load_that_is_stopped_killed_or_left_out(instance, monkeypatch, end):
    (instance.folder / "hangs.py").write_text("import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(instance.folder))
    year = YearOfWork(instance, module="hangs")
    if end != "leave_out":
        year.start()
    Progress(instance).phase("lived_phase_dossiers", total=146, done=3)
    if end == "killed":
        year._process.kill()
        wait_until_over(year)
    else:
        getattr(year, end)()
    assert read_progress(instance) is None


def test_a_load_asked_to_stop_tidies_up(instance, monkeypatch):
    """As the system stops it: SIGTERM, in the middle of a phase."""
    code = """
import asyncio, sys
from pathlib import Path
from demo.lived import __main__ as command, job
from demo.lived.journal import Progress
from deploy.local.instance import ROOT, Instance
instance = Instance(name="x", folder=Path(sys.argv.pop()))
async def run(*_, **__):
    async with Progress(instance) as progress:
        progress.phase("lived_phase_dossiers", total=146, done=3)
        await asyncio.sleep(600)
job.run, command.platform_of = run, lambda asked: instance
sys.exit(command.main())
"""
    loader = subprocess.Popen([sys.executable, "-c", code, str(instance.folder)], cwd=ROOT)
    limit = time.monotonic() + 20
    while read_progress(instance) is None:
        assert loader.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    loader.terminate()
    assert loader.wait(20) == 130
    assert read_progress(instance) is None


@pytest.mark.parametrize(
    ("failure", "is_traced"),
    [(KeyError("mã"), True), (httpx.ReadTimeout(""), False), (job.Stuck("kẹt"), False)],
)
def test_a_defect_is_named_with_where_it_came_from(failure, is_traced, instance, monkeypatch, capsys):
    async def run(*_, **__):
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    async def fail():
        raise failure

    monkeypatch.setattr(job, "run", run)
    assert command._run(instance, small=True) == 1
    said = capsys.readouterr().err
    assert ("Traceback" in said) is is_traced
    assert (str(failure) or type(failure).__name__) in said
