"""Show the processes' logs as they grow, each line behind the name of its process."""

import sys
import threading
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import IO

COLOURS = (36, 33, 35, 32, 34, 31)


class Follower:
    """Follows files from where they are now; a file that was rotated is begun again."""

    def __init__(self, files: Mapping[str, Path], out: IO[str] = sys.stdout) -> None:
        self._files = dict(files)
        self._out = out
        self._seen = {name: _size(path) for name, path in files.items()}
        self._rest = dict.fromkeys(files, b"")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self.follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Show what is left, then end."""
        self._ended.set()
        self._thread.join(timeout=5)

    def follow(self) -> None:
        """Until it is stopped."""
        while not self._ended.wait(0.2):
            self.show()
        self.show()

    def show(self) -> None:
        """Every whole line that came since the last time."""
        width = max(map(len, self._files), default=0)
        for (name, path), colour in zip(self._files.items(), cycle(COLOURS), strict=False):
            for line in self._new_lines(name, path):
                prefix = f"{name:<{width}} │ "
                if self._out.isatty():
                    prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
                self._out.write(f"{prefix}{line}\n")
        self._out.flush()

    def _new_lines(self, name: str, path: Path) -> list[str]:
        size = _size(path)
        if size < self._seen[name]:
            self._seen[name] = 0
        if size == self._seen[name]:
            return []
        with path.open("rb") as file:
            file.seek(self._seen[name])
            found = self._rest[name] + file.read()
            self._seen[name] = file.tell()
        *lines, self._rest[name] = found.split(b"\n")
        return [_printable(line.decode("utf-8", "replace")) for line in lines]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _printable(line: str) -> str:
    """A log line may quote what a stranger sent; it must not drive the terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "�" for c in line.rstrip("\r"))
