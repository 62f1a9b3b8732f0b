"""Keeping a copy of others' facts right, whatever the order in which the facts arrive."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session


def upsert(
    session: Session, table: Table, key: Mapping[str, Any], version: int, values: Mapping[str, Any]
) -> bool:
    """Write the state that version `version` left; False, and no change, when a newer one is known."""
    state = {**values, "version": version}
    statement = (
        insert(table)
        .values(**key, **state)
        .on_conflict_do_update(index_elements=list(key), set_=state, where=table.c.version < version)
        .returning(table.c.version)
    )
    return session.execute(statement).first() is not None
