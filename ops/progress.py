"""A bar on the error stream while a person watches; silence where nobody does."""

import sys
import time
from types import TracebackType

WIDTH, EVERY = 30, 0.2


class Bar:
    """`████░░░ 42% 1.2 of 2.9 GB, 3 min`; use as a context manager and call `more` as it goes on."""

    def __init__(self, total: float, unit: str = "", size: float = 1) -> None:
        self.total, self.unit, self.size = total, unit, size
        self.done, self.began, self.shown = 0.0, time.monotonic(), 0.0
        self.is_watched = sys.stderr.isatty()

    def more(self, amount: float) -> None:
        """So much more is done."""
        self.done += amount
        if self.is_watched and time.monotonic() - self.shown > EVERY:
            self.shown = time.monotonic()
            print(f"\r{self.line()}\x1b[K", end="", file=sys.stderr, flush=True)

    def line(self) -> str:
        """How far it is and how long the rest takes at this speed."""
        share = min(1.0, self.done / self.total) if self.total else 1.0
        full = round(share * WIDTH)
        seconds = self.seconds * (1 / share - 1) if share else 0
        amounts = f"{self.done / self.size:,.0f} / {self.total / self.size:,.0f} {self.unit}"
        return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%}  {amounts}  −{seconds:,.0f} s"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_watched and self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
