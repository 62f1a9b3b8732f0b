"""Who is signed in, who signed in when, and whose account nobody has used for long."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from contracts.directory.accounts import AccountStateView, OpenSessionView
from kernel.data.periods import lasts
from kernel.work.unit_of_work import track
from org.tables import agency_nodes
from services.directory.access.domain.account import Account
from services.directory.access.domain.session import Ended
from services.directory.access.repository import publish_ended
from services.directory.access.tables import accounts, last_sign_ins, refresh_tokens, session_families
from services.directory.policy import POLICY
from services.directory.roles.tables import personal_grants
from services.directory.staff.tables import position_roles, positions


def note_sign_in(session: Session, account_id: UUID, now: datetime) -> None:
    """Keep when somebody last signed in with the account."""
    seen = insert(last_sign_ins).values(account_id=account_id, signed_in_at=now)
    later = func.greatest(last_sign_ins.c.signed_in_at, seen.excluded.signed_in_at)
    session.execute(seen.on_conflict_do_update(index_elements=["account_id"], set_={"signed_in_at": later}))


def open_sessions(
    session: Session, person_id: UUID, now: datetime, current: UUID | None = None
) -> list[OpenSessionView]:
    """The person's sessions that can still be renewed, the last used first."""
    return [
        OpenSessionView(**row, is_current=row["id"] == current)
        for row in session.execute(_open(person_id, now)).mappings()
    ]


def end_own(
    session: Session, person_id: UUID, now: datetime, *, one: UUID | None = None, but: UUID | None = None
) -> list[UUID]:
    """End the person's open sessions: `one` of them, or all `but` one; which they were."""
    families = session_families.c
    mine = [families.person_id == person_id, families.ended_at.is_(None), families.ends_at > now]
    if one is not None:
        mine.append(families.id == one)
    if but is not None:
        mine.append(families.id != but)
    ended = update(session_families).where(*mine).values(ended_at=now, ended_because=Ended.REVOKED)
    which = list(session.scalars(ended.returning(families.id)))
    publish_ended(session, which)
    return which


def state_of(session: Session, person_id: UUID) -> AccountStateView | None:
    """How the person's account stands, if there is one."""
    names = ("id", "person_id", "username", "disabled_at", "disabled_because", "version")
    wanted = (
        select(*(accounts.c[name] for name in names), last_sign_ins.c.signed_in_at.label("last_signed_in_at"))
        .join(last_sign_ins, last_sign_ins.c.account_id == accounts.c.id, isouter=True)
        .where(accounts.c.person_id == person_id)
    )
    row = session.execute(wanted).mappings().first()
    return AccountStateView(**row) if row else None


def next_idle(session: Session, before: datetime, today: date, limit: int) -> Sequence[Account]:
    """Accounts that nobody has used since `before`, to be changed; others at the same are skipped.

    The last administrator's account stays, however long it was not used: without it nobody could enable any.
    """
    used, in_use = _used(accounts.c), aliased(accounts)
    another = select(in_use.c.id).where(
        in_use.c.id != accounts.c.id,
        in_use.c.disabled_at.is_(None),
        _used(in_use.c) >= before,
        _administers(in_use.c.person_id, today),
    )
    idle = (
        select(Account)
        .where(accounts.c.disabled_at.is_(None), used < before)
        .where(~_administers(accounts.c.person_id, today) | another.exists())
        .order_by(accounts.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=accounts)
    )
    found = session.scalars(idle).all()
    for account in found:
        track(session, account)
    return found


def _used(account: Any) -> Any:
    """When the account was last used: signed in with, given its password, or enabled."""
    last = select(last_sign_ins.c.signed_in_at).where(last_sign_ins.c.account_id == account.id)
    return func.greatest(account.password_set_at, account.enabled_at, last.scalar_subquery())


def _administers(person_id: Any, today: date) -> Any:
    """Whether a person administers the whole tree today, by a position's role or in person.

    Also what was granted in person works only for one who holds a position; and who administers one commune
    could not enable the others' accounts.
    """
    held, by_post, given = positions.c, position_roles.c, personal_grants.c
    works = exists().where(held.person_id == person_id, lasts(held.held_from, held.held_to, today))
    by_position = exists().where(
        held.person_id == person_id,
        lasts(held.held_from, held.held_to, today),
        by_post.position_id == held.id,
        *_over_all(by_post, today),
    )
    in_person = exists().where(given.person_id == person_id, *_over_all(given, today))
    return or_(by_position, and_(works, in_person))


def _over_all(role: Any, today: date) -> tuple[Any, ...]:
    roots = select(agency_nodes.c.id).where(agency_nodes.c.parent_id.is_(None))
    return (
        role.role.in_(POLICY.sights["administration"]),
        role.with_subtree,
        role.agency_id.in_(roots),
        lasts(role.valid_from, role.valid_to, today),
    )


def _open(person_id: UUID, now: datetime) -> Select[Any]:
    """A session lasts as long as its newest token can be used."""
    families = session_families.c
    newest = (
        select(refresh_tokens.c.issued_at, refresh_tokens.c.expires_at)
        .where(refresh_tokens.c.family_id == families.id)
        .order_by(refresh_tokens.c.issued_at.desc())
        .limit(1)
        .lateral()
    )
    shown = (families[name] for name in ("id", "person_id", "position_id", "opened_at", "ends_at"))
    return (
        select(*shown, newest.c.issued_at.label("last_used_at"))
        .join(newest, newest.c.expires_at > now)
        .where(families.person_id == person_id, families.ended_at.is_(None), families.ends_at > now)
        .order_by(newest.c.issued_at.desc(), families.id)
    )
