"""Inserts of the hottest ways, compiled once and sent in one piece.

SQLAlchemy keeps what it compiled of most statements, but compiles an insert with ON CONFLICT anew each time
it is executed: an eighth of the processor time of a reaction went into that. And rows that every command
writes go as one JSON value, whatever their number: one statement, one round trip, nothing bound by column.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.sql.dml import Insert, ReturningInsert

WRITES = "eiso_writes"
"""The option by which a unit of work knows a text that changes something."""
_NAMED = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]


def prepared(statement: Insert | ReturningInsert[Any], columns: Iterable[str]) -> TextClause:
    """The statement as text, to be executed with one value, or one row of values, for each of `columns`.

    Values are converted as the columns' types say; what it returns comes as the driver reads it.
    """
    compiled = statement.compile(dialect=_NAMED, column_keys=list(columns))
    typed: list[Any] = [bindparam(name, type_=bind.type) for name, bind in compiled.binds.items()]
    casts_kept = str(compiled).replace("::", r"\:\:")
    return text(casts_kept).bindparams(*typed).execution_options(**{WRITES: True})


def rows_of(table: Table) -> str:
    """`rows`, a JSON list of objects, as a row source with the table's columns and types, called `given`."""
    columns = ", ".join(f"{column.name} {column.type.compile(_NAMED)}" for column in table.columns)
    return f"jsonb_to_recordset(cast(:rows as jsonb)) as given({columns})"


def names_of(table: Table) -> str:
    """The table's columns, in the order of `rows_of`."""
    return ", ".join(column.name for column in table.columns)
