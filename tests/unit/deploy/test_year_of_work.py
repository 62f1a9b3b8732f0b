"""The load beside a running platform: what it remembers, and that its failing or hanging harms nobody."""

import json
import time
from datetime import date

import pytest

from deploy.demo.lived.journal import WHOLE, Journal, Progress, progress_file, read_progress
from deploy.local.instance import Instance
from deploy.local.living import YearOfWork


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


def test_a_load_that_fails_is_told_with_its_last_words_and_raises_nothing(instance, capsys):
    year = YearOfWork(instance, module="no.such.module")
    year.start()
    wait_until_over(year)
    assert "no.such" in capsys.readouterr().err
    assert not year.goes_on()


def test_a_load_ends_when_whoever_started_it_is_gone(instance, monkeypatch):
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
    began = time.monotonic()
    year.stop()
    assert time.monotonic() - began < 5
    assert year._process.poll() is not None


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
