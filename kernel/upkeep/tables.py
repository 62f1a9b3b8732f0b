"""A second build of some tables beside the living ones, and what differs between the two.

The second ones are temporary tables of the same names: PostgreSQL looks for those first, so that the
very statements which keep the living tables build the others, and nothing of a service is written twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from kernel.data.differences import Difference

Key = tuple[Any, ...]
Row = Mapping[str, Any]
LIVE, BUILT = "public", "pg_temp"


class Twins:
    """Living tables and their second build on one connection, gone when it closes."""

    def __init__(self, connection: Connection, tables: Sequence[str]) -> None:
        self.connection, self.tables = connection, tuple(tables)
        self.keys = {table: self._key_of(table) for table in self.tables}
        for table in self.tables:
            self._run(f"create temporary table {table} (like {LIVE}.{table} including all)")
        connection.commit()

    def differences(self) -> Iterator[Difference]:
        """Rows that only one of the two has, and rows that differ, with the columns that do."""
        for table in self.tables:
            built, live = self.only(table, BUILT), self.only(table, LIVE)
            for key in sorted(built.keys() | live.keys(), key=str):
                yield _difference(table, self._named(table, key), built.get(key), live.get(key))

    def mend(self, seen: Mapping[str, Mapping[Key, Row | None]]) -> int:
        """Make the living rows what was built, of those whose difference was seen before; how many.

        A row that changed meanwhile is left: what changed it knew more than the build does.
        """
        mended = 0
        # Reactions wait behind these locks; an operator can come again, they should not stand still.
        self._run("set local lock_timeout = '5s'")
        for table in self.tables:
            self._run(f"lock table {LIVE}.{table} in share row exclusive mode")
        for table in reversed(self.tables):
            built, live = self.only(table, BUILT), self.only(table, LIVE)
            for key, row in live.items():
                if key not in built and _is_same(seen, table, key, row):
                    mended += self._delete(table, key)
        for table in self.tables:
            built, live = self.only(table, BUILT), self.only(table, LIVE)
            for key in built:
                if _is_same(seen, table, key, live.get(key)):
                    mended += self._put(table, key, is_there=key in live)
        return mended

    def only(self, table: str, side: str) -> dict[Key, Row]:
        """Rows as one side has them and the other has not, by their key."""
        other = BUILT if side == LIVE else LIVE
        rows = self._run(f"select * from {side}.{table} except select * from {other}.{table}").mappings()
        return {tuple(row[name] for name in self.keys[table]): dict(row) for row in rows}

    def _key_of(self, table: str) -> tuple[str, ...]:
        """The primary key's columns, in their order."""
        asked = text(
            """select a.attname from pg_index i
                 join unnest(i.indkey) with ordinality as k(number, place) on true
                 join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                where i.indrelid = cast(:table as regclass) and i.indisprimary order by k.place"""
        )
        return tuple(self.connection.scalars(asked, {"table": f"{LIVE}.{table}"}))

    def _named(self, table: str, key: Key) -> str:
        return ", ".join(f"{name}={value}" for name, value in zip(self.keys[table], key, strict=True))

    def _delete(self, table: str, key: Key) -> int:
        return self._run(f"delete from {LIVE}.{table} where {self._mine(table)}", key).rowcount

    def _put(self, table: str, key: Key, *, is_there: bool) -> int:
        """Updated in place where there is one: other rows may refer to it."""
        if not is_there:
            new = f"insert into {LIVE}.{table} select * from {BUILT}.{table} where {self._mine(table)}"
            return self._run(new, key).rowcount
        names = [name for name in self._columns(table) if name not in self.keys[table]]
        values = ", ".join(f"{name} = b.{name}" for name in names)
        same = " and ".join(f"t.{name} = b.{name}" for name in self.keys[table])
        mine = self._mine(table, "t.")
        return self._run(
            f"update {LIVE}.{table} t set {values} from {BUILT}.{table} b where {same} and {mine}", key
        ).rowcount

    def _columns(self, table: str) -> list[str]:
        return list(self._run(f"select * from {LIVE}.{table} limit 0").keys())

    def _mine(self, table: str, prefix: str = "") -> str:
        return " and ".join(f"{prefix}{name} = :k{n}" for n, name in enumerate(self.keys[table]))

    def _run(self, statement: str, key: Key = ()) -> CursorResult[Any]:
        # The names are those of a service's own tables, written in its class.
        return self.connection.execute(text(statement), {f"k{n}": value for n, value in enumerate(key)})


def _is_same(seen: Mapping[str, Mapping[Key, Row | None]], table: str, key: Key, row: Row | None) -> bool:
    return key in seen[table] and seen[table][key] == row


def _difference(table: str, key: str, built: Row | None, live: Row | None) -> Difference:
    if built is None or live is None:
        code = "reconcile_row_extra" if built is None else "reconcile_row_missing"
        return Difference(code=code, where=table, key=key, expected=built, found=live)
    differing = [name for name in built if built[name] != live[name]]
    return Difference(
        code="reconcile_row_differs",
        where=table,
        key=key,
        expected={name: built[name] for name in differing},
        found={name: live[name] for name in differing},
        facts={"columns": ", ".join(differing)},
    )
