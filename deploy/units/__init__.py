"""The units that the country's communes are: every province with its communes, as data by day.

Names and administrative codes are facts of Quyết định 19/2025/QĐ-TTg (danh mục và mã số các đơn vị hành
chính) as they stood in October 2025: 34 provinces and cities, 3,321 communes, wards and special zones.
A later list is another file, named after the day from which it holds.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
BASIS = "Quyết định 19/2025/QĐ-TTg"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A province (`code` empty) or a commune of it; `unit` is tỉnh, thành phố, xã, phường or đặc khu."""

    province: str
    code: str
    unit: str
    name: str


def provinces(day: date) -> list[Unit]:
    """Every province and city under the centre that day, by administrative code."""
    return [each for each in _units(_file(day)) if not each.code]


def communes(province: str, day: date) -> list[Unit]:
    """The communes of a province that day, by administrative code."""
    return [each for each in _units(_file(day)) if each.code and each.province == province]


def begins(day: date) -> date:
    """From which day the list that holds on `day` does; a ValueError where there is none so early."""
    return date.fromisoformat(_file(day).stem)


def _file(day: date) -> Path:
    known = [path for path in sorted(HERE.glob("*.csv")) if date.fromisoformat(path.stem) <= day]
    if not known:
        raise ValueError(f"no list of units is as old as {day}")
    return known[-1]


@cache
def _units(path: Path) -> tuple[Unit, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Unit(**row) for row in csv.DictReader(file))
