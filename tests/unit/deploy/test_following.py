"""Logs are followed by whole lines, from where they were, through a rotation."""

import io

import pytest

from deploy.local.following import Follower


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "notify.log"
    path.write_text("cũ\n")
    return path


def test_only_whole_lines_that_came_later_are_shown(log):
    out = io.StringIO()
    follower = Follower({"notify": log}, out)
    with log.open("a") as file:
        file.write("một\nhai")
        file.flush()
        follower.show()
        assert out.getvalue() == "notify │ một\n"
        file.write(" rưỡi\n")
    follower.show()
    assert out.getvalue() == "notify │ một\nnotify │ hai rưỡi\n"


def test_a_rotated_log_is_begun_again(log):
    out = io.StringIO()
    follower = Follower({"notify": log}, out)
    log.rename(log.with_suffix(".1"))
    log.write_text("x\n")
    follower.show()
    assert out.getvalue() == "notify │ x\n"


def test_a_line_cannot_drive_the_terminal(log):
    out = io.StringIO()
    follower = Follower({"notify": log}, out)
    with log.open("a") as file:
        file.write("\x1b[2Jgone\n")
    follower.show()
    assert "\x1b" not in out.getvalue()
