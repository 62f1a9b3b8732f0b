"""What the supervisor says of its processes, asked over its socket."""

from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from deploy.local import supervision
from deploy.local.instance import Instance


def processes(instance: Instance) -> dict[str, dict[str, Any]]:
    """Each process's pid, state and how long it has been up; empty where no supervisor answers."""
    socket = supervision.socket_path(instance)
    transport = SupervisorTransport(None, None, serverurl=f"unix://{socket}")
    try:
        known: Any = ServerProxy("http://127.0.0.1", transport=transport).supervisor.getAllProcessInfo()
    except (OSError, Fault):
        return {}
    return {row["name"]: row for row in known}
