"""Signing in, renewing the session, signing out; each leaves a row in the trail, also when refused."""

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts import directory as c
from kernel.call import Call
from kernel.data.ids import new_id
from kernel.errors import Forbidden, Refusal
from kernel.life.metrics import STRANGERS
from kernel.trust.identity import PUBLIC, sign_grant
from services.directory import queries
from services.directory.delegations import DelegationRepository
from services.directory.domain.account import Account
from services.directory.domain.position import Position
from services.directory.domain.session import (
    Ended,
    RefreshToken,
    Renewal,
    SessionFamily,
    use_up,
)
from services.directory.handlers.capacity import actor_of, lent_to, show
from services.directory.handlers.guarding import disabled, locked_out
from services.directory.repository import (
    AccountRepository,
    PositionRepository,
    SessionRepository,
)
from services.directory.signed_in import note_sign_in
from services.directory.tools import Tools


def sign_in(call: Call, command: c.SignIn) -> c.SessionView | Refusal:
    """Open a session; a name without an account costs the same time and gets the same answer."""
    accounts, tools, now = AccountRepository(call.session), _tools(call), call.real_now()
    guard = accounts.guard(command.username)
    if guard is not None and guard.is_locked(now):
        _leave(call, _subject(command.username), "locked")
        return locked_out(guard)
    account = accounts.called(command.username)
    tried = account.password_hash if account else None
    verdict = tools.hasher.verify(tried, command.password)
    # Only now the lock: a name that many try at once must not hold up as many connections.
    guard = accounts.locked_guard(command.username)
    if guard.is_locked(now := call.real_now()):
        _leave(call, _subject(command.username), "locked")
        return locked_out(guard)
    changed = account is not None and accounts.reread(account).password_hash != tried
    if account is None or changed or not verdict.fits:
        guard.count_wrong(now, tools.lock_out)
        _leave(call, account.id if account else _subject(command.username), "wrong_password")
        return Forbidden("sign_in_refused", tries=tools.lock_out.free_tries)
    guard.clear()
    if account.disabled_at is not None:
        # Told only to whoever knows the password: to everybody else the name answers as it always did.
        _leave(call, account.id, "account_disabled")
        return disabled(account)
    if verdict.outdated:
        account.rehash(tools.hasher.hash(command.password))
    return _begin(call, account, command.position_id, command.acting_for)


def refresh_session(call: Call, command: c.RefreshSession) -> c.SessionView | Refusal:
    """Exchange a refresh token for a new one; presenting a used one ends the session for everybody."""
    sessions = SessionRepository(call.session)
    digest = _digest(command.refresh_token)
    found = sessions.locked(digest)
    if found is None:
        # Counted and not kept: anybody may send any number of them, and a row of each says nothing.
        STRANGERS.labels("refresh_token").inc()
        return Forbidden("session_ended")
    family, token = found
    successor = sessions.token(token.replaced_by)
    renewal = family.judge(token, successor, request_id=command.request_id, now=call.real_now())
    if renewal is Renewal.REUSED:
        return _end(call, family, Ended.TOKEN_REUSED, Forbidden("session_revoked"))
    if renewal in (Renewal.ENDED, Renewal.EXPIRED):
        _leave(call, family.account_id, f"session_{renewal.value}", session=family)
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
        _leave(call, family.account_id, no.code, session=family)
        return no
    family.acting_for = acting_for
    text, new = _new_token(call, family)
    for old in (token, successor if renewal is Renewal.REPEATED else None):
        if old is not None:
            use_up(old, replaced_by=new.digest, request_id=command.request_id, now=call.real_now())
    sessions.add_token(new)
    _leave(call, family.account_id, "renewed", session=family)
    return _view(call, family, position, text, new)


def sign_out(call: Call, command: c.SignOut) -> None:
    """End the session; one that ended already, or never was, is as good as ended."""
    found = SessionRepository(call.session).locked(_digest(command.refresh_token))
    if found is None or found[0].ended_at is not None:
        return
    family, _ = found
    family.end(Ended.SIGNED_OUT, call.real_now())
    _leave(call, family.account_id, Ended.SIGNED_OUT.value, session=family)


def public_grant(call: Call, question: c.PublicGrant) -> c.PublicGrantView:
    """What callers carry who have not signed in."""
    tools, now = _tools(call), call.real_now()
    grant = sign_grant(tools.private_jwk, PUBLIC, now, tools.grant_lifetime)
    return c.PublicGrantView(grant=grant, expires_at=now + tools.grant_lifetime)


def _begin(
    call: Call, account: Account, wanted: UUID | None, acting_for: UUID | None
) -> c.SessionView | Refusal:
    """A new session as the position wanted, or else the one held longest."""
    held = PositionRepository(call.session).held_by(account.person_id, call.today())
    if acting_for is not None and wanted is None:
        wanted = _receiving(call, acting_for)
    fitting = [position for position in held if wanted in (None, position.id)]
    if not fitting:
        _leave(call, account.id, "no_position")
        no_such = Forbidden("position_not_held", "positionId")
        return no_such if held else Forbidden("no_current_position")
    position = fitting[0]
    if acting_for is not None and (no := _may_not_act(call, position, acting_for)):
        _leave(call, account.id, no.code)
        return no
    family = SessionFamily.open(
        id=new_id(),
        account_id=account.id,
        person_id=account.person_id,
        position_id=position.id,
        now=call.real_now(),
        rule=_tools(call).session_rule,
        acting_for=acting_for,
    )
    text, token = _new_token(call, family)
    SessionRepository(call.session).add(family, token)
    _leave(call, account.id, "signed_in", session=family, agency_id=position.agency_id)
    note_sign_in(call.session, account.id, call.real_now())
    return _view(call, family, position, text, token)


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
    rule = _tools(call).session_rule
    return text, family.issue(_digest(text), now=call.real_now(), rule=rule)


def _view(
    call: Call, family: SessionFamily, position: Position, text: str, token: RefreshToken
) -> c.SessionView:
    tools, now = _tools(call), call.real_now()
    me = queries.me_view(call.session, position.id, call.today())
    bound, acting_for = me.must_change_password, family.acting_for
    capacity = actor_of(call.session, position, call.today(), bound=bound, acting_for=acting_for)
    actor = replace(capacity, session_id=family.id)
    return c.SessionView(
        grant=sign_grant(tools.private_jwk, actor, now, tools.grant_lifetime),
        expires_at=now + tools.grant_lifetime,
        refresh_token=text,
        refresh_expires_at=token.expires_at,
        me=show(call.session, me, actor),
    )


def _end(call: Call, family: SessionFamily, because: Ended, answer: Refusal) -> Refusal:
    family.end(because, call.real_now())
    _leave(call, family.account_id, because.value, session=family)
    return answer


def _leave(
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


def _subject(username: str) -> UUID:
    """What the trail calls a name that may have no account: never the text itself, which may be a secret."""
    return uuid5(NAMESPACE_URL, f"eiso:username:{username}")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _tools(call: Call) -> Tools:
    tools: Tools = call.tools
    return tools
