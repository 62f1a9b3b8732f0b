"""What lies on this machine is its owner's: all is made closed, and what is open is named or closed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from deploy.local.account import servers_folder
from deploy.local.instance import Instance
from deploy.platform.names import CLOSED

PASSED = 0o711
"""Folders on the way to the servers' data: their account goes through and lists nothing."""


def close(instance: Instance) -> None:
    """Take from others what an earlier release, or an odd umask, left open to them."""
    passed = (instance.folder, servers_folder(instance))
    for path in too_open(instance):
        left = PASSED if path in passed else ~CLOSED
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & left)


def too_open(instance: Instance) -> Iterator[Path]:
    """Files and folders of the instance that others may read, list or write."""
    ours = servers_folder(instance)
    passed = {instance.folder, ours}
    for top in (instance.folder, *(() if ours.is_relative_to(instance.folder) else (ours,))):
        if top.exists():
            yield from _under(top, passed)


def _under(top: Path, passed: set[Path]) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        here = Path(folder)
        mode = stat.S_IMODE(here.lstat().st_mode)
        if here in passed:
            if mode & CLOSED & ~PASSED:
                yield here
        elif not mode & CLOSED:
            names.clear()  # nobody gets below it
            continue
        else:
            yield here
        for name in files:
            file = here / name
            try:
                found = file.lstat()
            except FileNotFoundError:
                continue  # servers come and go with theirs
            if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) & CLOSED:
                yield file
