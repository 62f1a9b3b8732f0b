"""Who the private servers run as: never root, since PostgreSQL refuses it.

An ordinary user runs them as they are. Root runs them in a user namespace, where the data still
belongs to root outside; where namespaces are refused (a chroot, most containers), as an
unprivileged system account.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from deploy.local.instance import Instance

SYSTEM_ACCOUNT = "eiso-local"
NAMESPACE = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
ELSEWHERE = Path("/var/lib/eiso-local")
_making = Lock()


@dataclass(frozen=True, kw_only=True)
class Account:
    """What to put before a server's command, and who owns its files outside."""

    prefix: tuple[str, ...]
    uid: int
    gid: int


@cache
def account() -> Account:
    """The one way for all three servers on this machine."""
    if os.geteuid() != 0:
        return Account(prefix=(), uid=os.geteuid(), gid=os.getegid())
    if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0:
        return Account(prefix=NAMESPACE, uid=0, gid=0)
    return _system_account()


def _system_account() -> Account:
    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT], check=True)
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    prefix = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    return Account(prefix=(*prefix, "--"), uid=entry.pw_uid, gid=entry.pw_gid)


def servers_folder(instance: Instance) -> Path:
    """Where the servers' data lies: inside the instance if the account can get there.

    A clone in root's home is closed to a system account; its servers then keep their data under
    the machine's own folder for such things, named after the instance's path.
    """
    inside = instance.folder / "servers"
    folder = inside if _may_reach(inside) else ELSEWHERE / instance.digest
    # The three servers ask for it side by side; none may get it half made.
    with _making:
        if not folder.exists():
            _make_passable(folder)
    return folder


def _make_passable(folder: Path) -> None:
    """The servers' account passes through the folder and lists nothing, whatever the umask."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True)
    for each in made:
        each.chmod(0o711)


def _may_reach(folder: Path) -> bool:
    who = account()
    if who.uid == os.geteuid():
        return True
    return all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())


def own(folder: Path) -> None:
    """Give a folder and all in it to the account; data made in another way before is taken over."""
    who = account()
    if os.geteuid() != 0 or (who.uid == 0 and folder.stat().st_uid == 0):
        return
    subprocess.run(["chown", "-R", f"{who.uid}:{who.gid}", str(folder)], check=True)
