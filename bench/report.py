"""What a measurement found, its ratio to the baseline of the same run, and the tables that show it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADS = (
    "hàng / row",
    "đo gì / what",
    "eISO",
    "so với / against",
    "mốc / baseline",
    "tỉ lệ / ratio",
    "CPU mỗi lần / each, ms",
    "ghi chú / note",
)


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One line of the table; without a baseline it has no ratio.

    `correct` says how many of the checked answers were right, ours and the baseline's. `hops` is the
    budget: milliseconds of processor that each process spent on one of ours.
    """

    row: str
    what: str
    unit: str
    ours: float | None
    against: str = ""
    baseline: float | None = None
    correct: str = ""
    note: str = ""
    hops: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by the baseline, whichever of the two is the better direction."""
        if self.ours is None or not self.baseline:
            return None
        return self.ours / self.baseline

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole run: the machine, what was measured, and what was not and why."""

    machine: Mapping[str, str]
    measurements: Sequence[Measurement]
    absent: Mapping[str, str]

    def as_data(self) -> dict[str, Any]:
        return {
            "machine": dict(self.machine),
            "figures": [each.as_data() for each in self.measurements],
            "absent": dict(self.absent),
        }

    def as_text(self) -> str:
        """The table for a terminal."""
        rows = [HEADS, *(_cells(each) for each in self.measurements)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS) - 1)]
        lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
        legend = "tỉ lệ = eISO / mốc: với /s lớn hơn, với ms nhỏ hơn là nhanh hơn"
        return "\n".join([*lines, legend, *(f"–  {name}: {why}" for name, why in self.absent.items())])

    def as_markdown(self) -> str:
        """The same table for a page."""
        rule = "|".join("---" for _ in HEADS)
        rows = [f"| {' | '.join(_cells(each))} |" for each in self.measurements]
        absent = [f"- {name}: {why}" for name, why in self.absent.items()]
        machine = [f"- {name}: {value}" for name, value in self.machine.items()]
        table = [f"| {' | '.join(HEADS)} |", f"|{rule}|", *rows]
        missing = ["", "## Không đo / not measured", "", *absent] if absent else []
        return "\n".join([*machine, "", *table, *missing]) + "\n"


def _cells(figure: Measurement) -> tuple[str, ...]:
    notes = "; ".join(part for part in (figure.correct, figure.note) if part)
    ratio = "–" if figure.ratio is None else f"{figure.ratio:.3g}"
    ours, baseline = (_number(each, figure.unit) for each in (figure.ours, figure.baseline))
    return figure.row, figure.what, ours, figure.against or "–", baseline, ratio, figure.hops or "–", notes


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{shown} {unit}"


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which that share of them lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
