"""The names of what every platform has: services, users of broker and store, roles of the databases."""

from pathlib import Path

from contracts import every

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the code, from which its processes are started."""

CLOSED = 0o077
"""The umask of every command: keys, archives and lists of people are for the operator who asked."""
SERVICES = every.SERVICES
PROCESSES = {**dict.fromkeys(SERVICES, ("rpc", "reactions", "relay", "sweep", "jobs")), "gateway": ()}
"""The processes and the roles each is run with: all in one process, or each in as many as it needs."""
BROKER_USERS = (*SERVICES, "gateway", "ops", "admin")
STORE_USERS = (*SERVICES, "ops", "locks", "links")
"""Users of the object store beside its owner (`store_rights.py`)."""
VHOST = "eiso"
BUCKET = "eiso"


def database_roles() -> list[str]:
    """Every role of the databases that is made: two a service, and the operators who only read."""
    return ["ops", *(f"{service}_{kind}" for service in SERVICES for kind in ("owner", "app"))]


def server_passwords() -> list[str]:
    """What the secrets are called by which the platform's own processes and operators sign in to servers."""
    names = [f"postgres_{role}" for role in database_roles()]
    names += [f"amqp_{user}" for user in BROKER_USERS]
    return names + [f"s3_{user}_{key}" for user in STORE_USERS for key in ("access_key", "secret_key")]
