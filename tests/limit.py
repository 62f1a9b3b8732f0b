"""A plugin of pytest: once the time given is used up, the tests that are left are named and not run."""

import os
import time
from typing import Any

import pytest

UNTIL = float(os.environ.get("EISO_TEST_UNTIL", "inf"))
_left_out: list[str] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: Any) -> None:
    if time.time() > UNTIL:
        _left_out.append(item.nodeid)
        pytest.skip("the time given is used up")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _left_out:
        files = sorted({each.partition("::")[0] for each in _left_out})
        said = f"HẾT GIỜ / TIME IS UP: {len(_left_out)} tests not run, of {' '.join(files)}"
        terminalreporter.write_line(said)
