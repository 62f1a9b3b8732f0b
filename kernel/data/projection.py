"""Keeping a copy of others' facts right, whatever the order in which the facts arrive."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.data.prepared import prepared


def upsert(
    session: Session, table: Table, key: Mapping[str, Any], version: int, values: Mapping[str, Any]
) -> bool:
    """Write the state that version `version` left; False, and no change, when a newer one is known."""
    row = {**key, **values, "version": version}
    return session.execute(_newer(table, tuple(key), tuple(values)), row).first() is not None


@cache
def _newer(table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> TextClause:
    written = (*values, "version")
    new = insert(table)
    state = {name: new.excluded[name] for name in written}
    only_older = table.c.version < new.excluded.version
    kept = new.on_conflict_do_update(index_elements=key, set_=state, where=only_older)
    return prepared(kept.returning(table.c.version), (*key, *written))
