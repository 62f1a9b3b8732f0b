"""Sessions begun, renewed and ended; each leaves a row in the trail, also when refused."""

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.authority import Basis, ReliesOn
from contracts.directory import access as c
from kernel.base.errors import Forbidden, Refusal
from kernel.base.ids import new_id
from kernel.life.metrics import STRANGERS
from kernel.trust.identity import PUBLIC, sign_token
from kernel.work.call import Call
from kernel.work.operations import command, query
from services.directory.access import queries
from services.directory.access.capacity import actor_of, lent_to, of_this_day, show
from services.directory.access.domain.account import Account
from services.directory.access.domain.session import (
    Ended,
    RefreshToken,
    Renewal,
    SessionFamily,
    successor_of,
    use_up,
)
from services.directory.access.repository import AccountRepository, SessionRepository
from services.directory.access.signed_in import note_sign_in
from services.directory.resources import Resources
from services.directory.roles.delegations import DelegationRepository
from services.directory.staff.domain.position import Position
from services.directory.staff.repository import PositionRepository


@command(c.RefreshSession, once=False)
def refresh_session(call: Call, command: c.RefreshSession) -> c.SessionView | Refusal:
    """Exchange a refresh token for a new one; presenting one used long ago ends the session for everybody."""
    sessions = SessionRepository(call.session)
    digest = _digest(command.refresh_token)
    found = sessions.locked(digest)
    if found is None:
        # Counted and not kept: anybody may send any number of them, and a row of each says nothing.
        STRANGERS.labels("refresh_token").inc()
        return Forbidden("session_ended")
    family, token = found
    successor = sessions.token(token.replaced_by)
    now, rule = call.real_now(), _resources(call).session_rule
    renewal = family.judge(token, successor, request_id=command.request_id, now=now, rule=rule)
    if renewal is Renewal.REUSED:
        return _end(call, family, Ended.TOKEN_REUSED, Forbidden("session_revoked"))
    if renewal in (Renewal.ENDED, Renewal.EXPIRED):
        leave(call, family.account_id, f"session_{renewal.value}", session=family)
        return Forbidden("session_ended")
    if _is_disabled(call, family):
        # Somebody who signed in while the account was being disabled has a session that outlived it.
        return _end(call, family, Ended.ACCOUNT_DISABLED, Forbidden("session_ended"))
    position = _still_held(call, family)
    if position is None:
        return _end(call, family, Ended.POSITION_ENDED, Forbidden("no_current_position"))
    acting_for = None if command.as_oneself else command.acting_for or family.acting_for
    if acting_for is not None and (no := _may_not_act(call, position, acting_for)):
        # The session and its token stay: nobody goes on as somebody else than they believe to be.
        leave(call, family.account_id, no.code, session=family)
        return no
    family.acting_for = acting_for
    text, last = _last_of_chain(sessions, command.refresh_token, token)
    if last.used_at is None and renewal is Renewal.REPEATED:
        leave(call, family.account_id, "renewal_repeated", session=family)
        return _view(call, family, position, text, last)
    seed = secrets.token_bytes(32)
    text = successor_of(text, seed)
    new = family.issue(_digest(text), now=now, rule=rule)
    for old in {token, last, successor} if renewal is Renewal.REPEATED else {token}:
        if old is not None:
            use_up(old, replaced_by=new.digest, request_id=command.request_id, now=now, seed=seed)
    sessions.add_token(new)
    leave(call, family.account_id, "renewed", session=family)
    return _view(call, family, position, text, new)


@command(c.SignOut, once=False)
def sign_out(call: Call, command: c.SignOut) -> None:
    """End the session; one that ended already, or never was, is as good as ended."""
    found = SessionRepository(call.session).locked(_digest(command.refresh_token))
    if found is None or found[0].ended_at is not None:
        return
    family, _ = found
    SessionRepository(call.session).end(family, Ended.SIGNED_OUT, call.real_now())
    leave(call, family.account_id, Ended.SIGNED_OUT.value, session=family)


@query(c.PublicGrant)
def public_grant(call: Call, question: c.PublicGrant) -> c.PublicTokenView:
    """What callers carry who have not signed in."""
    resources, now = _resources(call), call.real_now()
    token = sign_token(resources.private_jwk, PUBLIC, now, resources.token_lifetime)
    return c.PublicTokenView(grant=token, expires_at=now + resources.token_lifetime)


def begin(
    call: Call, account: Account, wanted: UUID | None, acting_for: UUID | None
) -> c.SessionView | Refusal:
    """A new session as the position wanted, or else the one held longest."""
    held = PositionRepository(call.session).held_by(account.person_id, call.today())
    if acting_for is not None and wanted is None:
        wanted = _receiving(call, acting_for)
    fitting = [position for position in held if wanted in (None, position.id)]
    if not fitting:
        leave(call, account.id, "no_position")
        no_such = Forbidden("position_not_held", "positionId")
        return no_such if held else Forbidden("no_current_position")
    position = fitting[0]
    if acting_for is not None and (no := _may_not_act(call, position, acting_for)):
        leave(call, account.id, no.code)
        return no
    family = SessionFamily.open(
        id=new_id(),
        account_id=account.id,
        person_id=account.person_id,
        position_id=position.id,
        now=call.real_now(),
        rule=_resources(call).session_rule,
        acting_for=acting_for,
    )
    text, token = _new_token(call, family)
    SessionRepository(call.session).add(family, token)
    leave(call, account.id, "signed_in", session=family, agency_id=position.agency_id)
    note_sign_in(call.session, account.id, call.real_now())
    return _view(call, family, position, text, token)


def _last_of_chain(sessions: SessionRepository, text: str, token: RefreshToken) -> tuple[str, RefreshToken]:
    """The newest token that follows from `text`, with its text; one of a release before follows from none."""
    while token.seed is not None and (following := sessions.token(token.replaced_by)) is not None:
        computed = successor_of(text, token.seed)
        if _digest(computed) != following.digest:
            break
        text, token = computed, following
    return text, token


def _receiving(call: Call, delegation_id: UUID) -> UUID | None:
    """The position that a delegation lets act, where the caller chooses none."""
    lent = DelegationRepository(call.session).find(delegation_id)
    return lent.to_position_id if lent else None


def _may_not_act(call: Call, position: Position, delegation_id: UUID) -> Refusal | None:
    try:
        lent_to(call.session, position, call.today(), delegation_id)
    except Forbidden as no:
        return no
    return None


def _is_disabled(call: Call, family: SessionFamily) -> bool:
    account = AccountRepository(call.session).of(family.person_id)
    return account is None or account.disabled_at is not None


def _still_held(call: Call, family: SessionFamily) -> Position | None:
    held = PositionRepository(call.session).held_by(family.person_id, call.today())
    return next((position for position in held if position.id == family.position_id), None)


def _new_token(call: Call, family: SessionFamily) -> tuple[str, RefreshToken]:
    """The token for the client, and what is kept of it."""
    text = secrets.token_urlsafe(32)
    rule = _resources(call).session_rule
    return text, family.issue(_digest(text), now=call.real_now(), rule=rule)


def _view(
    call: Call, family: SessionFamily, position: Position, text: str, token: RefreshToken
) -> c.SessionView:
    resources, now = _resources(call), call.real_now()
    me = queries.me_view(call.session, position.id, call.today())
    bound, acting_for = me.must_change_password, family.acting_for
    capacity = actor_of(call.session, position, call.today(), bound=bound, acting_for=acting_for)
    relies_on = (ReliesOn(Basis.SESSION, family.id, 0), *capacity.relies_on)
    actor = replace(capacity, session_id=family.id, relies_on=relies_on)
    lifetime = min(resources.token_lifetime, family.ends_at - now, of_this_day(call.now()))
    return c.SessionView(
        grant=sign_token(resources.private_jwk, actor, now, lifetime),
        expires_at=now + lifetime,
        refresh_token=text,
        refresh_expires_at=token.expires_at,
        me=show(call.session, me, actor),
    )


def _end(call: Call, family: SessionFamily, because: Ended, answer: Refusal) -> Refusal:
    SessionRepository(call.session).end(family, because, call.real_now())
    leave(call, family.account_id, because.value, session=family)
    return answer


def leave(
    call: Call,
    subject_id: UUID,
    outcome: str,
    *,
    session: SessionFamily | None = None,
    agency_id: UUID | None = None,
) -> None:
    after: dict[str, Any] = {"outcome": outcome}
    if session is not None:
        after |= {"session_id": session.id, "position_id": session.position_id}
        if session.acting_for is not None:
            after["acting_for"] = session.acting_for
    call.leave_trail(subject_type="Account", subject_id=subject_id, agency_id=agency_id, after=after)


def subject_of(username: str) -> UUID:
    """What the trail calls a name that may have no account: never the text itself, which may be a secret."""
    return uuid5(NAMESPACE_URL, f"eiso:username:{username}")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
