"""Where the tests' databases lie: in memory if there is room, since a clone is hundreds of files.

A clone takes 25 ms in memory and up to 900 on a disk that others write to.
"""

import fcntl
import os
import shutil
from pathlib import Path

import psycopg

from deploy.local.account import own
from deploy.local.platform import Platform

SHARED_MEMORY = Path("/dev/shm")
ROOM = 2**30
NAME = "in_memory"


def tablespace(platform: Platform) -> str:
    """The name of the tablespace for the databases of tests, made if it is not there."""
    with (platform.instance.folder / "memory.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return _made(platform)


def _made(platform: Platform) -> str:
    folder = _folder(platform)
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        is_known = server.execute("select 1 from pg_tablespace where spcname = %s", (NAME,)).fetchone()
        if is_known and any(folder.glob("PG_*")):
            return NAME
        if is_known:
            _forget(server)  # the machine was started anew
        if not _has_room():
            return "pg_default"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        own(folder)
        server.execute(f"create tablespace {NAME} location '{folder}'")
    return NAME


def clear(platform: Platform) -> None:
    """Give the memory back."""
    with psycopg.connect(platform.postgres_admin_url, autocommit=True) as server:
        _forget(server)
    shutil.rmtree(_folder(platform), ignore_errors=True)


def _forget(server: psycopg.Connection) -> None:
    asked = "select datname from pg_database join pg_tablespace t on t.oid = dattablespace where spcname = %s"
    for (name,) in server.execute(asked, (NAME,)).fetchall():
        server.execute(f'drop database "{name}" with (force)')
    server.execute(f"drop tablespace if exists {NAME}")


def _has_room() -> bool:
    """The long proofs fill databases that belong on a disk."""
    if os.environ.get("EISO_PROOF") or not SHARED_MEMORY.is_dir():
        return False
    return shutil.disk_usage(SHARED_MEMORY).free > ROOM


def _folder(platform: Platform) -> Path:
    return SHARED_MEMORY / f"eiso-{platform.instance.digest}"
