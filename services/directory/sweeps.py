"""Forgetting what is of no use any more: old wrong tries, sessions long over, rows of old imports."""

from datetime import timedelta

from kernel.call import Call
from services.directory.repository import forget_guards, forget_sessions
from services.directory.staff_imports import forget_rows
from services.directory.tools import Tools

AT_ONCE = 500
IMPORTS_KEPT = timedelta(days=30)
"""How long the rows of an import can be looked up; they hold personal data."""


def forget(call: Call) -> int:
    """Delete a batch of each; how many rows went."""
    tools: Tools = call.tools
    now = call.real_now()
    keep = timedelta(seconds=tools.session_rule.keep_ended_seconds)
    guards = forget_guards(call.session, now - tools.lock_out.forget_after, AT_ONCE)
    rows = forget_rows(call.session, now - IMPORTS_KEPT, AT_ONCE)
    return guards + rows + forget_sessions(call.session, now - keep, AT_ONCE)
