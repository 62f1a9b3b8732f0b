"""What the directory does by itself: forgets what is of no use, disables accounts that nobody uses."""

from datetime import timedelta

from contracts.directory.accounts import DisabledBecause
from kernel.work.call import Call
from services.directory.access.devices import forget_devices
from services.directory.access.domain.session import Ended
from services.directory.access.guards import forget_guards
from services.directory.access.repository import SessionRepository, forget_sessions
from services.directory.access.signed_in import next_idle
from services.directory.imports.queries import forget_rows
from services.directory.resources import Resources

AT_ONCE = 500
IMPORTS_KEPT = timedelta(days=30)
"""How long the rows of an import can be looked up; they hold personal data."""


def forget(call: Call) -> int:
    """Delete a batch of each; how many rows went."""
    resources: Resources = call.resources
    now, rules = call.real_now(), resources.lock_outs
    keep = timedelta(seconds=resources.session_rule.keep_ended_seconds)
    guards = forget_guards(call.session, now - rules.forget_after, rules.most_kept, AT_ONCE)
    devices = forget_devices(call.session, now - timedelta(days=rules.device_days), AT_ONCE)
    rows = forget_rows(call.session, now - IMPORTS_KEPT, AT_ONCE)
    return guards + devices + rows + forget_sessions(call.session, now - keep, AT_ONCE)


def disable_idle(call: Call) -> int:
    """Disable a batch of accounts that nobody has used for longer than the rule says; how many."""
    resources: Resources = call.resources
    now, sessions = call.real_now(), SessionRepository(call.session)
    found = next_idle(call.session, resources.idle.counts_from(now), call.today(), AT_ONCE)
    for account in found:
        account.disable(DisabledBecause.IDLE, now)
        sessions.end_all_of(account.id, Ended.ACCOUNT_DISABLED, now)
    return len(found)
