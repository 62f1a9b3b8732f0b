"""Cursors: what was written is read again, and nothing that a client makes up gets any further."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Table, Text, Uuid

from kernel.base.errors import Invalid
from kernel.data.paging import _read, _write

THINGS = Table(
    "things",
    MetaData(),
    Column("code", Text),
    Column("id", Uuid),
    Column("number", Integer),
    Column("day", Date),
    Column("at", DateTime(timezone=True)),
)


def order(*names):
    return [(THINGS.c[name], "asc") for name in names]


def made_up(values) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_a_cursor_comes_back_as_what_it_was_made_of():
    values = ["Đề nghị", uuid4(), 7, date(2026, 8, 10), datetime(2026, 8, 10, 1, 2, 3, 4, UTC)]
    assert _read(_write(values), order("code", "id", "number", "day", "at")) == values


@pytest.mark.parametrize(
    "values",
    [
        ["QT-01", 5],
        ["QT-01", "không phải mã"],
        ["QT\x0001", str(UUID(int=1))],
        ["\ud800", str(UUID(int=1))],
        ["QT-01"],
        ["QT-01", str(UUID(int=1)), "thừa"],
        [None, str(UUID(int=1))],
        {"code": "QT-01", "id": str(UUID(int=1))},
        5,
    ],
)
def test_a_cursor_of_other_values_is_refused(values):
    with pytest.raises(Invalid, match="bad_cursor"):
        _read(made_up(values), order("code", "id"))


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**30, True, 1.5])
def test_a_cursor_of_a_number_that_no_row_can_have_is_refused(number):
    with pytest.raises(Invalid, match="bad_cursor"):
        _read(made_up([number]), order("number"))


@pytest.mark.parametrize("cursor", ["", "…", "%%%", "[" * 400])
def test_a_cursor_that_is_no_cursor_is_refused(cursor):
    with pytest.raises(Invalid, match="bad_cursor"):
        _read(cursor, order("code", "id"))
