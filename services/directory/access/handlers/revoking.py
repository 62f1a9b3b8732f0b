"""Sessions listed and revoked, accounts disabled and enabled, by their owner or an administrator."""

from uuid import UUID

from contracts.directory import accounts as c
from kernel.base.errors import Forbidden, NotFound
from kernel.base.ids import NOBODY
from kernel.work.call import Call
from kernel.work.operations import command, query
from services.directory.access.domain.account import Account
from services.directory.access.domain.session import Ended
from services.directory.access.guards import Guards
from services.directory.access.repository import AccountRepository, SessionRepository
from services.directory.access.signed_in import end_own, open_sessions, state_of
from services.directory.staff.guarding import require_over, require_to_change


@query(c.MySessions)
def my_sessions(call: Call, question: c.MySessions) -> list[c.OpenSessionView]:
    """The caller's own."""
    return open_sessions(call.session, _self(call), call.real_now(), call.actor.session_id)


@query(c.SessionsOf)
def sessions_of(call: Call, question: c.SessionsOf) -> list[c.OpenSessionView]:
    """The open sessions of a person in reach."""
    require_over(call, question.person_id)
    return open_sessions(call.session, question.person_id, call.real_now(), call.actor.session_id)


@query(c.AccountOf)
def account_of(call: Call, question: c.AccountOf) -> c.AccountStateView:
    """The account of somebody in reach."""
    require_over(call, question.person_id)
    return _state(call, question.person_id)


@command(c.RevokeSession)
def revoke_session(call: Call, command: c.RevokeSession) -> c.SessionsRevoked:
    """One of one's own; anybody else's, and one that has ended, is answered like none."""
    ended = end_own(call.session, _self(call), call.real_now(), one=command.session_id)
    if not ended:
        raise NotFound("session_not_found", "sessionId")
    return _revoked(call, ended)


@command(c.RevokeOtherSessions)
def revoke_other_sessions(call: Call, command: c.RevokeOtherSessions) -> c.SessionsRevoked:
    """All of one's own but this one."""
    if call.actor.session_id is None:
        raise Forbidden("session_not_known")
    ended = end_own(call.session, _self(call), call.real_now(), but=call.actor.session_id)
    return _revoked(call, ended)


@command(c.RevokeSessionsOf)
def revoke_sessions_of(call: Call, command: c.RevokeSessionsOf) -> c.SessionsRevoked:
    """All of somebody in reach."""
    require_to_change(call, command.person_id)
    account = _account(call, command.person_id)
    call.because(command.reason)
    known = open_sessions(call.session, command.person_id, call.real_now())
    SessionRepository(call.session).end_all_of(account.id, Ended.REVOKED_BY_ADMINISTRATOR, call.real_now())
    _leave(call, account, Ended.REVOKED_BY_ADMINISTRATOR, [each.id for each in known])
    return c.SessionsRevoked(revoked=len(known))


@command(c.DisableAccount)
def disable_account(call: Call, command: c.DisableAccount) -> c.AccountStateView:
    """By an administrator, who cannot shut themselves out."""
    require_to_change(call, command.person_id)
    if command.person_id == call.actor.person_id:
        raise Forbidden("own_account", "personId")
    account = _account(call, command.person_id)
    call.because(command.reason)
    account.disable(c.DisabledBecause.ADMINISTRATOR, call.real_now())
    SessionRepository(call.session).end_all_of(account.id, Ended.ACCOUNT_DISABLED, call.real_now())
    call.session.flush()
    return _state(call, command.person_id)


@command(c.EnableAccount)
def enable_account(call: Call, command: c.EnableAccount) -> c.AccountStateView:
    """By an administrator, whatever it was disabled for."""
    require_to_change(call, command.person_id)
    account = _account(call, command.person_id)
    call.because(command.reason)
    account.enable(call.real_now())
    call.session.flush()
    return _state(call, command.person_id)


@command(c.UnlockAccount)
def unlock_account(call: Call, command: c.UnlockAccount) -> c.AccountStateView:
    """By an administrator; nothing to forget is as good as forgotten."""
    require_to_change(call, command.person_id)
    account = _account(call, command.person_id)
    call.because(command.reason)
    forgotten = Guards(call.session).forget(account.username, account.id)
    call.leave_trail(
        subject_type="Account",
        subject_id=account.id,
        agency_id=call.actor.agency_id,
        after={"outcome": "unlocked", "forgotten": forgotten},
    )
    return _state(call, command.person_id)


def _self(call: Call) -> UUID:
    return call.actor.person_id or NOBODY


def _account(call: Call, person_id: UUID) -> Account:
    account = AccountRepository(call.session).of(person_id)
    if account is None:
        raise NotFound("account_not_found", "personId")
    return account


def _state(call: Call, person_id: UUID) -> c.AccountStateView:
    state = state_of(call.session, person_id)
    if state is None:
        raise NotFound("account_not_found", "personId")
    state.locked_until = Guards(call.session).latest_lock(state.username, call.real_now())
    return state


def _revoked(call: Call, ended: list[UUID]) -> c.SessionsRevoked:
    # Also where there was none: that somebody wanted others out is worth a row.
    _leave(call, _account(call, _self(call)), Ended.REVOKED, ended)
    return c.SessionsRevoked(revoked=len(ended))


def _leave(call: Call, account: Account, outcome: Ended, sessions: list[UUID]) -> None:
    call.leave_trail(
        subject_type="Account",
        subject_id=account.id,
        agency_id=call.actor.agency_id,
        after={"outcome": outcome.value, "sessions": sessions},
    )
