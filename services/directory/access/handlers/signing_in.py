"""Signing in with a password: who is known, who must wait, and what a wrong try costs whom."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from contracts.directory import access as c
from kernel.base.errors import Forbidden, Refusal
from kernel.life.metrics import STRANGERS
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.access.devices import Devices
from services.directory.access.domain.lockout import (
    LockOut,
    SignInGuard,
    as_username,
    key_of_device,
    keys_of_strangers,
)
from services.directory.access.guards import Guards
from services.directory.access.handlers.sessions import begin, leave, subject_of
from services.directory.access.refusals import disabled, locked_out
from services.directory.access.repository import AccountRepository
from services.directory.resources import Resources

NOWHERE = "?"
"""The address of a call that does not come through the gateway."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Under which keys a try counts by which rules, and in whose turn it waits for its hash."""

    rules: dict[str, LockOut]
    lane: str | None

    def lock(self, guards: Guards, now: datetime) -> SignInGuard | None:
        """The one that lasts longest of those in force."""
        found = [each for each in guards.of(self.rules) if each.is_locked(now)]
        return max(found, key=lambda each: each.locked_until or now, default=None)


@command(c.SignIn, once=False)
def sign_in(call: Call, command: c.SignIn) -> c.SessionView | Refusal:
    """Open a session; a name without an account costs the same time and gets the same answer."""
    resources, guards = _resources(call), Guards(call.session)
    username = as_username(command.username)
    accounts, devices = AccountRepository(call.session), Devices(call.session, resources.lock_outs)
    tried = accounts.password_of(username)
    device = _digest(command.device_token) if command.device_token else None
    if device is not None and not (tried and devices.is_known(device, tried.id, call.real_now())):
        device = None
    counted = _counted(resources, username, call.address or NOWHERE, device)
    if (lock := counted.lock(guards, call.real_now())) is not None:
        return _locked(lock)
    # Nothing is written yet. A call that waits for a hash keeps no connection from those that need none.
    call.session.rollback()
    verdict = resources.hasher.verify(tried.password_hash if tried else None, command.password, counted.lane)
    now = call.real_now()
    account = accounts.called(username, lock=True) if tried else None
    fits = verdict.fits and account is not None and tried and account.password_hash == tried.password_hash
    # Only now the guards: a name that many try at once must not hold up as many connections. Among those who
    # guess side by side, also the one who is right is bound by what the others have used up.
    held = guards.held(counted.rules, make=not fits)
    if (lock := counted.lock(guards, now)) is not None:
        leave(call, account.id if account else subject_of(username), "locked")
        return locked_out(lock)
    if account is None or not fits:
        for guard in held:
            guard.count_wrong(now, counted.rules[guard.username])
        leave(call, account.id if account else subject_of(username), "wrong_password")
        return Forbidden("sign_in_refused", tries=resources.lock_outs.name_at_address.free_tries)
    for guard in held:
        # An address that guesses at many names does not begin anew with each that it has a password of.
        if counted.rules[guard.username] not in (resources.lock_outs.address, resources.lock_outs.name):
            guard.clear()
    if account.disabled_at is not None:
        # Said only to one who knows the password: to everybody else the name answers as it always did.
        leave(call, account.id, "account_disabled")
        return disabled(account)
    if verdict.outdated:
        account.rehash(resources.hasher.hash(command.password, counted.lane))
    session = begin(call, account, command.position_id, command.acting_for)
    if isinstance(session, c.SessionView):
        session.device_token = command.device_token if device else secrets.token_urlsafe(32)
        devices.remember(_digest(session.device_token or ""), account.id, now)
    return session


def _counted(resources: Resources, username: str, address: str, device: bytes | None) -> Counted:
    rules = resources.lock_outs
    if device is not None:
        return Counted(rules={key_of_device(device): rules.known_device}, lane=None)
    keys = keys_of_strangers(username, address)
    return Counted(rules={key: getattr(rules, rule) for rule, key in keys.items()}, lane=address)


def _locked(lock: SignInGuard) -> Refusal:
    # Counted and not kept: it is cheap to send, and the tries that led to it are in the trail.
    STRANGERS.labels("locked").inc()
    return locked_out(lock)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
