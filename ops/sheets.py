"""Lists as offices keep them: CSV in whichever encoding, or the first sheet of an XLSX file."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import openpyxl

from contracts.messages import Text, text
from kernel.base.text import fold

R = TypeVar("R")
LARGEST = 300_000_000
"""Bytes an XLSX file may unpack to; openpyxl reads through defusedxml, which refuses entities."""


class BadSheet(Exception):
    """The file as a whole cannot be read; `code` is the catalogue's, with its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Shape(Generic[R]):
    """What a line of the list says: a dataclass of texts with the number of its `line`.

    A column is headed as the catalogue's `<heading>_<field>` in either language, or as the field.
    """

    row: type[R]
    heading: str
    needed: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(each.name for each in fields(self.row) if each.name != "line")  # type: ignore[arg-type]

    def headed(self, name: str) -> Text:
        """What the column is headed."""
        return text(f"{self.heading}_{name}")

    @property
    def headings(self) -> str:
        """All of them, as a refusal names them."""
        return ", ".join(self.headed(name).vi for name in self.columns)


def rows_of(path: Path, shape: Shape[R]) -> list[R]:
    """Every line that says something, under the headings of the first; its number is the file's own."""
    lines = enumerate(_lines(path), 1)
    heading = next(((n, cells) for n, cells in lines if any(cells)), None)
    if heading is None:
        raise BadSheet("people_sheet_empty", file=path.name)
    columns = _columns(heading[1], shape)
    return [_row(n, cells, columns, shape) for n, cells in lines if any(cells)]


def _lines(path: Path) -> Iterable[list[str]]:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _sheet(path)
    return _comma_separated(path)


def _comma_separated(path: Path) -> Iterable[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        what = error.strerror or str(error)
        raise BadSheet("people_sheet_unreadable", file=path.name, what=what) from None
    is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        said = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadSheet("people_sheet_not_unicode", file=path.name) from None
    first = said.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    try:
        # The whole file at once: a quoted cell may hold line breaks.
        return [
            [cell.strip() for cell in line] for line in csv.reader(io.StringIO(said), delimiter=separator)
        ]
    except csv.Error as error:
        raise BadSheet("people_sheet_unreadable", file=path.name, what=str(error)) from None


def _sheet(path: Path) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST:
                raise BadSheet("people_sheet_too_large", file=path.name, limit=LARGEST // 1_000_000)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadSheet("people_sheet_unreadable", file=path.name, what=str(error)) from None
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in cells]
    finally:
        book.close()


def _cell(value: Any) -> str:
    """Days as ISO writes them, numbers without the point that a spreadsheet puts behind them."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _columns(cells: Sequence[str], shape: Shape[Any]) -> dict[int, str]:
    """Which column is which: headings in Vietnamese, with or without diacritics, in English, or the names."""
    known: dict[str, str] = {}
    for name in shape.columns:
        heads = shape.headed(name)
        known |= {fold(said): name for said in (heads.vi, heads.en, name, name.replace("_", " "))}
    found = {at: known[fold(cell)] for at, cell in enumerate(cells) if fold(cell) in known}
    strange = [cell for at, cell in enumerate(cells) if cell and at not in found]
    if strange:
        raise BadSheet("people_sheet_strange_column", columns=", ".join(strange), known=shape.headings)
    missing = [shape.headed(name).vi for name in shape.needed if name not in found.values()]
    if missing or len(set(found.values())) != len(found):
        raise BadSheet("people_sheet_columns", missing=", ".join(missing) or "–", known=shape.headings)
    return found


def _row(line: int, cells: Sequence[str], columns: dict[int, str], shape: Shape[R]) -> R:
    said = {columns[at]: cell[:1000] for at, cell in enumerate(cells) if at in columns}
    made: Callable[..., R] = shape.row
    return made(line=line, **said)
