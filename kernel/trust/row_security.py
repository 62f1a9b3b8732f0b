"""Row-level security behind the queries: the database learns with each question what its actor may see.

The query carries its visibility itself; this stands behind for the one that forgets it. Only operators that
are leakproof may be asked of a table behind it, or the planner gives up its indexes (ADR 22).
"""

from collections.abc import Iterator
from datetime import date

from kernel.trust.identity import Actor

ALL = "all"


def seen_by(actor: Actor, day: date) -> str:
    """The agencies of the actor, alone and with all below, and the day; `all` for the platform itself."""
    if actor.is_system:
        return ALL
    alone = {str(held.agency_id) for held in actor.roles} | (
        {str(actor.agency_id)} if actor.agency_id else set()
    )
    below = {str(held.agency_id) for held in actor.roles if held.with_subtree}
    return f"{','.join(sorted(alone))}|{','.join(sorted(below))}|{day}"


def behind(table: str, visible: str) -> Iterator[str]:
    """The statements that put a table behind its rule; `visible` is SQL that is asked of each row shown.

    Commands and reactions say nothing of who asks, so nothing is withheld from what writes: it must see what
    it keeps right. Asked once a question, not once a row, are the two functions in brackets of their own.
    """
    yield f"alter table {table} enable row level security"
    yield f"create policy {table}_seen on {table} for select using ((select eiso_sees_all()) or {visible})"
    yield f"create policy {table}_made on {table} for insert with check (true)"
    yield f"create policy {table}_changed on {table} for update using (true) with check (true)"
    yield f"create policy {table}_removed on {table} for delete using (true)"


OF_AGENCY = "agency_id = any ((select eiso_reach())::uuid[])"
