"""Commands act once: the claim is made in the transaction of the effect, and keeps the answer."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.base import clock, wire
from kernel.base.errors import Conflict
from kernel.data.prepared import prepared
from kernel.data.tables import commands

KEPT = timedelta(days=7)
_TAKE = prepared(
    insert(commands).on_conflict_do_nothing().returning(commands.c.method),
    ("actor_id", "method", "request_id", "body_hash"),
)


class Claim:
    """The right to carry out one command; the key is (actor, method, request id)."""

    def __init__(self, actor_id: UUID, method: str, request_id: UUID, body: Any) -> None:
        self.key = {"actor_id": actor_id, "method": method, "request_id": request_id}
        self.body_hash = sha256(wire.encode(_sorted(body))).digest()

    def take(self, session: Session) -> dict[str, Any] | None:
        """None when the command is ours to carry out, else the answer it got before.

        A second taker waits at the key until the first commits or gives up. Run on the bare
        connection, since a claim is bookkeeping and not a change that a trail row must explain.
        """
        mine = {**self.key, "body_hash": self.body_hash}
        if session.connection().execute(_TAKE, mine).first() is not None:
            return None
        return self._answer_given(session)

    def keep(self, session: Session, answer: dict[str, Any]) -> None:
        """Keep the answer with the effect."""
        session.connection().execute(update(commands).where(*self._mine()).values(answer=answer))

    def _answer_given(self, session: Session) -> dict[str, Any]:
        given = (
            session.connection()
            .execute(select(commands.c.body_hash, commands.c.answer).where(*self._mine()))
            .one()
        )
        if given.body_hash != self.body_hash:
            raise Conflict("request_id_reused", "requestId")
        answer: dict[str, Any] = given.answer
        return answer

    def _mine(self) -> list[Any]:
        return [commands.c[name] == value for name, value in self.key.items()]


def forget_old(session: Session, at_most: int) -> int:
    """Let go of answers older than seven days; returns how many."""
    row: ColumnElement[Any] = literal_column("ctid")
    old = select(row).select_from(commands).where(commands.c.decided_at < clock.now() - KEPT).limit(at_most)
    return session.execute(delete(commands).where(row.in_(old))).rowcount  # type: ignore[attr-defined, no-any-return]


def _sorted(body: Any) -> Any:
    """The same content in the same order, however the client arranged it."""
    if isinstance(body, dict):
        return {key: _sorted(body[key]) for key in sorted(body)}
    if isinstance(body, list):
        return [_sorted(each) for each in body]
    return body
