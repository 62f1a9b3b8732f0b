"""The load of a year of work beside a platform that is ready: a process of its own that may fail alone."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from deploy.local.instance import ROOT, Instance
from deploy.speech import complain, language, said, say

MODULE = "demo.lived"
PROGRESS = "demo-progress.json"
"""How far the load is, beside the accounts' file; the front page reads it there too."""
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
        asked = [sys.executable, "-m", "demo.lived.journal", str(self._instance.folder)]
        return subprocess.run(asked, cwd=ROOT, check=False).returncode != 0

    def leave_out(self) -> None:
        """Not started now; how far one before had come is not shown as if it went on."""
        self._end_progress()

    def start(self) -> None:
        """Start the load. It reads our end of its input, so that it ends with us, however we end."""
        say("lived_begun")
        module = ["-m", self._module, "--platform", str(self._instance.platform_file), "--ends-with-input"]
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
        """Whether the load goes on; shows how far it is, and once how it ended."""
        if self._process is None:
            return False
        code = self._process.poll()
        if code is None:
            self._show()
            return True
        self._process = None
        self._end_line()
        self._end_progress()
        if code:
            complain("lived_failed", what=self._last_words())
        else:
            say("lived_ended", seconds=time.monotonic() - self._began)
        return False

    def stop(self) -> None:
        """Stop the load, which may be resumed at any time and is not waited for long."""
        if self._process is None:
            return
        self._end_line()
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_progress()

    def _show(self) -> None:
        progress, on_terminal = self._read_progress(), sys.stdout.isatty()
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

    def _read_progress(self) -> dict[str, Any] | None:
        """The progress as the load wrote it last; None where no load ever began."""
        try:
            found: dict[str, Any] = json.loads(self._progress_file.read_text("utf-8"))
        except FileNotFoundError:
            return None
        return found

    def _end_progress(self) -> None:
        """Nobody loads any more: a load that was killed could not take its progress away itself."""
        with suppress(ValueError, KeyError, TypeError):
            found = self._read_progress()
            if found is None or found["finished"]:
                return
        self._progress_file.unlink(missing_ok=True)

    @property
    def _progress_file(self) -> Path:
        return self._instance.folder / PROGRESS

    def _end_line(self) -> None:
        if sys.stdout.isatty():
            print(flush=True)

    def _log(self, mode: str) -> IO[bytes]:
        return (self._instance.logs / "lived.log").open(mode)

    def _last_words(self) -> str:
        with self._log("rb") as log:
            return log.read().decode("utf-8", "replace").strip()[-300:]
