"""Local accounts: opening one and changing its password.

Both commands hold a password, so the kernel keeps neither their hash nor their answer; the account itself
remembers the request that set its password, which makes a repeat harmless.
"""

from contracts.directory.accounts import AccountView, ChangePassword, OpenAccount
from kernel.base.errors import Conflict, Forbidden, Refusal
from kernel.base.ids import NOBODY, new_id
from kernel.work.call import Call
from kernel.work.operations import command
from services.directory.access.domain.account import Account
from services.directory.access.domain.lockout import key_of_own
from services.directory.access.domain.passwords import check_password
from services.directory.access.domain.session import Ended
from services.directory.access.guards import Guards
from services.directory.access.refusals import locked_out
from services.directory.access.repository import AccountRepository, SessionRepository
from services.directory.resources import Resources
from services.directory.staff.guarding import require_to_change
from services.directory.staff.repository import PersonRepository


@command(OpenAccount, once=False)
def open_account(call: Call, command: OpenAccount) -> AccountView:
    """Give a person an account; the one who opens it must reach every agency the person works in."""
    require_to_change(call, command.person_id)
    person = PersonRepository(call.session).get(command.person_id, lock=True)
    accounts = AccountRepository(call.session)
    if (known := accounts.of(command.person_id)) is not None:
        return _opened_already(known, command)
    if accounts.called(command.username) is not None:
        raise Conflict("username_taken", "username")
    resources: Resources = call.resources
    about = [person.full_name, person.email or ""]
    check_password(resources.passwords, command.username, command.password, field="password", about=about)
    account = Account.open(
        id=new_id(),
        person_id=command.person_id,
        username=command.username,
        password_hash=resources.hasher.hash(command.password),
        must_change_password=command.must_change_password,
        request_id=command.request_id,
        now=call.real_now(),
    )
    accounts.add(account)
    return _view(account)


@command(ChangePassword, once=False)
def change_password(call: Call, command: ChangePassword) -> AccountView | Refusal:
    """Replace one's own password; every session that the old one opened ends."""
    accounts = AccountRepository(call.session)
    account = accounts.of(call.actor.person_id or NOBODY)
    if account is None:
        raise Forbidden("no_local_account")
    if account.set_by_request == command.request_id:
        return _view(account)
    resources, now = _resources(call), call.real_now()
    # By a session that is open: what is tried there locks nobody out who signs in.
    [guard] = Guards(call.session).held([key_of_own(account.id)], make=True)
    if guard.is_locked(now):
        _leave(call, account, "locked")
        return locked_out(guard)
    account = accounts.of(account.person_id, lock=True) or account
    if not resources.hasher.verify(account.password_hash, command.current_password).fits:
        guard.count_wrong(now, resources.lock_outs.name_at_address)
        _leave(call, account, "wrong_password")
        return Forbidden("current_password_wrong", "currentPassword")
    new, current = command.new_password, command.current_password
    person = PersonRepository(call.session).get(account.person_id)
    about = [person.full_name, person.email or ""]
    check_password(
        resources.passwords, account.username, new, field="newPassword", about=about, current=current
    )
    guard.clear()
    account.set_password(resources.hasher.hash(new), request_id=command.request_id, now=now)
    SessionRepository(call.session).end_all_of(account.id, Ended.PASSWORD_CHANGED, now)
    call.session.flush()
    return _view(account)


def _opened_already(known: Account, command: OpenAccount) -> AccountView:
    if (known.set_by_request, known.username) != (command.request_id, command.username):
        raise Conflict("account_exists", "personId")
    return _view(known)


def _leave(call: Call, account: Account, outcome: str) -> None:
    call.leave_trail(
        subject_type="Account",
        subject_id=account.id,
        agency_id=call.actor.agency_id,
        after={"outcome": outcome},
    )


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources


def _view(account: Account) -> AccountView:
    return AccountView(
        id=account.id,
        person_id=account.person_id,
        username=account.username,
        must_change_password=account.must_change_password,
    )
