"""What the database reads for a question: the statements it was really asked, explained one by one."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

Asked = list[tuple[str, Any]]
PROOF = bool(os.environ.get("EISO_PROOF"))


@contextmanager
def watched(database: Any) -> Iterator[Asked]:
    """Every question that reaches the database inside the block, with its parameters."""
    asked: Asked = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.lstrip().lower().startswith(("select", "with")):
            asked.append((statement, parameters))

    for engine in (database.engine, database.readers):
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in (database.engine, database.readers):
            event.remove(engine, "before_cursor_execute", note)


def read_whole(database: Any, asked: Asked, tables: Iterable[str]) -> list[str]:
    """The statements whose plan reads one of the tables from end to end, each with the table's name.

    A small table is read whole because that is cheapest: there the planner is asked whether it must.
    Whose questions go by index anyway is asked as they are.
    """
    assert asked, "nothing was asked of this database"
    wanted, found = set(tables), []
    with (database.readers if database.by_index else database.engine).begin() as connection:
        cursor = connection.connection.cursor()
        if not database.by_index:
            cursor.execute(f"set local enable_seqscan = {'on' if PROOF else 'off'}")
        for statement, parameters in asked:
            [[plan]] = cursor.execute(f"explain (format json) {statement}", parameters).fetchone()
            found += [f"{name}: {statement}" for name in sequential(plan["Plan"]) if name in wanted]
    return found


def indexes_read(database: Any, asked: Asked, beside: str) -> set[str]:
    """The indexes that the plans of these statements go by, but for what they read of one table `beside`."""
    found: set[str] = set()
    with database.engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"set local enable_seqscan = {'on' if PROOF else 'off'}")
        for statement, parameters in asked:
            [[plan]] = cursor.execute(f"explain (format json) {statement}", parameters).fetchone()
            found |= set(_indexes(plan["Plan"], beside))
    return found


def _indexes(plan: dict[str, Any], beside: str) -> Iterator[str]:
    if plan.get("Relation Name") == beside:
        return
    if "Index Name" in plan:
        yield plan["Index Name"]
    for below in plan.get("Plans", []):
        yield from _indexes(below, beside)


def analyze(platform: Any, database: Any, tables: Iterable[str]) -> None:
    """The statistics a live table would have."""
    name = database.engine.url.database
    with psycopg.connect(platform.admin_url_of(name), autocommit=True) as connection:
        for table in tables:
            connection.execute(f"analyze {table}")


def sequential(plan: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for below in plan.get("Plans", []):
        yield from sequential(below)
