"""What the load remembers between its runs, and how far it lets others see that it is."""

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Protocol, Self

from contracts.messages import text
from deploy.speech import said

WHOLE = ("all", "*")
"""The entry that ends the journal of a whole province."""


class Place(Protocol):
    """A platform, as far as its folder."""

    @property
    def folder(self) -> Path:
        """Where the journal and the progress are kept."""


def progress_file(place: Place) -> Path:
    """How far the load is, for the program that shows it."""
    return place.folder / "demo-progress.json"


def read_progress(place: Place) -> dict[str, Any] | None:
    """The progress as written last; None where no load ever began."""
    try:
        found: dict[str, Any] = json.loads(progress_file(place).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found


def end_progress(place: Place) -> None:
    """Nobody loads any more: without this, the progress would be shown on and on."""
    with suppress(ValueError, KeyError, TypeError):
        found = read_progress(place)
        if found is None or found["finished"]:
            return
    progress_file(place).unlink(missing_ok=True)


class Journal:
    """The day the load began, and every agency's part that is done: what is in it is not done again."""

    def __init__(self, place: Place) -> None:
        self._place, self._file = place, place.folder / "demo-lived.jsonl"
        self._done: set[tuple[str, str]] = set()
        self.began: date | None = None
        self._read()

    def begin(self, today: date) -> date:
        """The day everything is laid out from: today, or the day an earlier run began."""
        if self.began is None:
            self.began = today
            self._note({"began": today.isoformat()})
        return self.began

    @property
    def is_complete(self) -> bool:
        """Whether the whole province is there, not only the few agencies of a small run."""
        return self.is_done(*WHOLE)

    def is_done(self, part: str, agency: str) -> bool:
        return (part, agency) in self._done

    def done(self, part: str, agency: str) -> None:
        self._done.add((part, agency))
        self._note({"part": part, "agency": agency})

    def _read(self) -> None:
        if not self._file.exists():
            return
        for line in self._file.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # cut off when the run was killed: that part is done again, which acts once
            if "began" in entry:
                self.began = date.fromisoformat(entry["began"])
            else:
                self._done.add((entry["part"], entry["agency"]))

    def _note(self, entry: dict[str, str]) -> None:
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        with os.fdopen(os.open(self._file, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(entry)}\n")  # the line before may have been cut off


class Progress:
    """How far it is: a bar on a terminal, a line now and then elsewhere, and the file for the front page.

    Inside its block the file is written again and again, also while one step takes long: one that is not
    was left by a load that died. After the block it is gone, or says that all of it is there.
    """

    LINES_APART = 10.0
    RENEWED_EVERY = 15.0

    def __init__(self, place: Place) -> None:
        self._place = place
        self._code, self._total, self._done = "lived_phase_documents", 0, 0
        self._began = self._told = time.monotonic()
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        end_progress(self._place)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.RENEWED_EVERY)
            self._write(finished=False)

    def phase(self, code: str, total: int, done: int) -> None:
        """Begin a phase, of which so much is done already."""
        self._code, self._total, self._done = code, total, done
        self._began = time.monotonic()
        self._write(finished=False)

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        self._write(finished=False)
        if sys.stdout.isatty():
            print(f"\r  {self._line()}", end="", flush=True)
        elif time.monotonic() - self._told > self.LINES_APART:
            self._told = time.monotonic()
            print(f"  {self._line()}", flush=True)

    def phase_ended(self) -> None:
        start = "\r" if sys.stdout.isatty() else ""
        print(f"{start}  {self._line()}, {time.monotonic() - self._began:.1f} s", flush=True)

    def finished(self) -> None:
        """Mark the whole load as there."""
        if self._renewing is not None:
            self._renewing.cancel()
        self._code = "lived_done"
        self._write(finished=True)

    def _line(self) -> str:
        return f"{said(self._code)}: {self._done}/{self._total}"

    def _write(self, *, finished: bool) -> None:
        phase = text(self._code)
        state = {
            "phase_vi": phase.vi,
            "phase_en": phase.en,
            "done": self._done,
            "total": self._total,
            "finished": finished,
        }
        new = progress_file(self._place).with_suffix(".new")
        with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(state, file, ensure_ascii=False)
        new.replace(progress_file(self._place))


if __name__ == "__main__":
    # The process that starts the load asks first whether any is missing: 0 if all of it is there, else 1.
    sys.exit(0 if Journal(argparse.Namespace(folder=Path(sys.argv[1]))).is_complete else 1)
