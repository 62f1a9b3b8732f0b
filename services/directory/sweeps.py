"""Forgetting what is of no use any more: old wrong tries and sessions long over."""

from datetime import timedelta

from kernel.call import Call
from services.directory.repository import forget_guards, forget_sessions
from services.directory.tools import Tools

AT_ONCE = 500


def forget(call: Call) -> int:
    """Delete a batch of each; how many rows went."""
    tools: Tools = call.tools
    now = call.real_now()
    keep = timedelta(seconds=tools.session_rule.keep_ended_seconds)
    guards = forget_guards(call.session, now - tools.lock_out.forget_after, AT_ONCE)
    return guards + forget_sessions(call.session, now - keep, AT_ONCE)
