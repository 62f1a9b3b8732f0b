"""The load of a year of work beside a platform that is ready: a process of its own that may fail alone."""

import subprocess
import sys
import time
from typing import IO

from deploy.demo.lived.journal import Journal, end_progress, read_progress
from deploy.local.instance import ROOT, Instance
from deploy.speech import complain, language, said, say

MODULE = "deploy.demo.lived"
LINES_APART = 15.0


class YearOfWork:
    """Started once the platform is ready, watched, and stopped with it; what is done stays done."""

    def __init__(self, instance: Instance, module: str = MODULE) -> None:
        self._instance, self._module = instance, module
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._told = time.monotonic()
        self._width = 0

    @property
    def is_needed(self) -> bool:
        """Whether some of it is missing."""
        return not Journal(self._instance).is_complete

    def leave_out(self) -> None:
        """Not started now; how far one before had come is not shown as if it went on."""
        end_progress(self._instance)

    def start(self) -> None:
        """It reads our end of its input, so that it ends with us, however we end."""
        say("lived_begun")
        module = ["-m", self._module, "--instance", self._instance.name, "--ends-with-input"]
        with self._log("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *module],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._began = self._told = time.monotonic()

    def goes_on(self) -> bool:
        """Whether it still loads; shows how far it is, and once how it ended."""
        if self._process is None:
            return False
        code = self._process.poll()
        if code is None:
            self._show()
            return True
        self._process = None
        self._end_line()
        end_progress(self._instance)
        if code:
            complain("lived_failed", what=self._last_words())
        else:
            say("lived_ended", seconds=time.monotonic() - self._began)
        return False

    def stop(self) -> None:
        """It may be resumed at any time, so it is not waited for long."""
        if self._process is None:
            return
        self._end_line()
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        end_progress(self._instance)

    def _show(self) -> None:
        progress, on_terminal = read_progress(self._instance), sys.stdout.isatty()
        if progress is None or (not on_terminal and time.monotonic() - self._told < LINES_APART):
            return
        self._told = time.monotonic()
        phase = progress[f"phase_{language()}"]
        line = said("lived_going_on", phase=phase, done=progress["done"], total=progress["total"])
        self._width = max(self._width, len(line))
        if on_terminal:
            print(f"\r{line:<{self._width}}", end="", flush=True)
        else:
            print(line, flush=True)

    def _end_line(self) -> None:
        if sys.stdout.isatty():
            print(flush=True)

    def _log(self, mode: str) -> IO[bytes]:
        return (self._instance.logs / "lived.log").open(mode)

    def _last_words(self) -> str:
        with self._log("rb") as log:
            return log.read().decode("utf-8", "replace").strip()[-300:]
