"""`eiso backup-key`: the key pair of the backups. The platform knows the public half and never the other.

`make FILE` runs on the machine where restores are prepared, which needs no platform; `use KEY …` on the
platform.
"""

import argparse
import json
import os
from pathlib import Path

from pyrage.x25519 import Identity

from deploy.platform.names import ROOT
from deploy.speech import both, complain, said, say
from ops.archive import age
from ops.archive.unusable import Unusable
from ops.chosen_platform import platform_of


def arguments(parser: argparse.ArgumentParser) -> None:
    """make FILE; use KEY [KEY]; show."""
    parser.add_argument("act", choices=["make", "use", "show"], help=both("ops_help_backup_key_act"))
    parser.add_argument("what", nargs="*", help=both("ops_help_backup_key_what"))


def run(asked: argparse.Namespace) -> int:
    """0: done; 2: not, and why."""
    try:
        if asked.act == "make":
            return _make(asked)
        return _use(asked) if asked.act == "use" else _show(asked)
    except Unusable as no:
        return no.complain()


def _make(asked: argparse.Namespace) -> int:
    """A new pair: the private half into a file that is readable by its owner alone, the public one shown."""
    if len(asked.what) != 1:
        raise Unusable("backup_key_file_wanted")
    path = Path(asked.what[0])
    if path.resolve().is_relative_to(ROOT):
        raise Unusable("backup_key_apart", folder=ROOT)
    identity = Identity.generate()
    public = str(identity.to_public())
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"# {said('backup_key_keep')}\n# public key: {public}\n{identity}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Unusable("backup_key_exists", file=path) from None
    if asked.json:
        print(json.dumps({"public": public, "file": str(path)}))
    else:
        say("backup_key_made", file=path, key=public)
    return 0


def _use(asked: argparse.Namespace) -> int:
    """From now on backups are for these keys, and for no other."""
    platform = platform_of(asked)
    if not asked.what:
        raise Unusable("backup_key_public_wanted")
    for key in asked.what:
        if key.startswith(age.SECRET):
            raise Unusable("backup_key_private_given")
        age.recipient(key)
    path = age.file_of(platform)
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write("".join(f"{key}\n" for key in asked.what))
    new.replace(path)
    return _show(asked)


def _show(asked: argparse.Namespace) -> int:
    platform = platform_of(asked)
    keys = age.recipients_of(platform)
    if asked.json:
        print(json.dumps({"keys": keys}))
    elif keys:
        say("backup_key_used", keys="\n  ".join(keys))
    else:
        complain("backup_no_key", instance=platform.name)
    return 0
