"""An archive into an instance that holds nothing, from its servers to the proof that it is right."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path

import psycopg

from deploy.local import ceph, environment, servers, up
from deploy.local.account import account, servers_folder
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import Platform, existing_servers
from deploy.local.process import DidNotStart
from deploy.platform.migrating import StepFailed
from deploy.speech import both, complain
from ops import restore
from ops.archive import belongings, databases, objects
from ops.archive.belongings import Belongings
from ops.archive.manifest import Manifest, Opening
from ops.archive.unusable import Unusable
from ops.backup import check_free
from ops.restore import Restored, begun, checked, opening

PROOFS = (("reconcile",), ("trail", "verify"), ("scrub",))
FAILURES = (OSError, DidNotStart, StepFailed, subprocess.SubprocessError)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `eiso restore` is given, and whether the proof may be left for later."""
    parser.add_argument("--no-proof", action="store_true", help=both("ops_help_restore_no_proof"))
    parser.add_argument("--json", action="store_true", help=both("ops_help_json"))
    parser.set_defaults(platform=None)
    restore.arguments(parser)


def run(asked: argparse.Namespace) -> int:
    """0: restored and proved, or whole; 1: the archive is broken, or a proof found something; 2: not done."""
    return restore.ended(asked, lambda: _restored(asked))


def _restored(asked: argparse.Namespace) -> Restored:
    """What a private server's failure is called: `ended` knows servers that are there already."""
    try:
        return _carry_out(asked)
    except up.AlreadyRunning:
        raise Unusable("deploy_already_running", instance=asked.instance) from None
    except (DidNotStart, subprocess.SubprocessError) as failure:
        raise OSError(_words(failure)) from failure


def _words(failure: Exception) -> str:
    """A command that took too long is named by its first words: passwords may stand among its last."""
    if not isinstance(failure, subprocess.TimeoutExpired):
        return str(failure)
    words = [word for word in failure.cmd if word not in account().prefix]
    return f"{' '.join(words[:4])}: > {failure.timeout:g} s"


def _carry_out(asked: argparse.Namespace) -> Restored:
    instance, found = Instance.named(asked.instance), begun(asked)
    if not asked.check:
        _must_hold_nothing(instance)
    restored, archive = Restored(manifest=found, is_local=True), opening(asked, found)
    kept = checked(asked, restored, archive)
    if asked.check:
        return restored
    with up.the_only_keeper(instance):
        # Asked again: somebody may have filled it while the archive was read.
        _must_hold_nothing(instance)
        _must_fit(instance, found)
        _put_back(instance, asked, restored, kept, archive)
    if not asked.no_proof:
        _prove(instance, restored)
    return restored


def _must_hold_nothing(instance: Instance) -> None:
    """Nothing of ours in the folder, and nothing on servers that the environment names."""
    if instance.half_restored.exists():
        raise Unusable("deploy_half_restored", instance=instance.name)
    if _holds_files(instance.folder):
        raise Unusable("restore_not_empty", where=instance.folder, instance=instance.name)
    existing = existing_servers(os.environ)
    # Ports and passwords for looking only: nothing is saved before it is known that nothing is there.
    looking = Platform(instance=instance, ports={}, passwords={}, existing=existing)
    if "postgres" in existing and (full := databases.full(looking)):
        where = f"PostgreSQL: {', '.join(full)}"
        raise Unusable("restore_not_empty", where=where, instance=instance.name)
    if "s3" in existing and not objects.is_empty(looking):
        raise Unusable("restore_not_empty", where=f"S3: {looking.s3_bucket}", instance=instance.name)


def _holds_files(folder: Path) -> bool:
    """Whether there is more than the keeper's lock and empty folders, which asking for the lock makes."""
    there = folder.iterdir() if folder.exists() else ()
    return any(each.name != "keeper" and (not each.is_dir() or any(each.iterdir())) for each in there)


def _must_fit(instance: Instance, found: Manifest) -> None:
    """On the disk of the private servers; what goes to a server that is there already takes none of it."""
    existing = existing_servers(os.environ)
    databases_ = 0 if "postgres" in existing else sum(kept.size for kept in found.services.values())
    objects_ = 0 if "s3" in existing else found.object_bytes
    check_free(servers_folder(instance), databases_ + objects_)


def _put_back(
    instance: Instance,
    asked: argparse.Namespace,
    restored: Restored,
    kept: Belongings,
    archive: Opening,
) -> None:
    """Servers, databases, objects, keys; the mark that it is not whole goes last."""
    instance.half_restored.touch()
    try:
        with restored.timed("servers"):
            platform = servers.ensure(instance.name)
            if "amqp" in platform.existing:
                restore.broker_must_be_new(platform)
        # A store that is there already lets its owner name versions by its operator's doing.
        naming = nullcontext() if "s3" in platform.existing else ceph.naming_versions(platform)
        restore.put_back(platform, restored, archive, naming)
        platform = _belongings_back(platform, kept)
        with restored.timed("upgrade"):
            up.migrate(platform)
            restore.leave_word(platform, asked, restored.manifest)
    finally:
        servers.stop(instance.name)
    instance.half_restored.unlink()


def _belongings_back(platform: Platform, kept: Belongings) -> Platform:
    """An instance's platform whose servers are new, with the people's passwords of the archive."""
    belongings.put_back(platform, kept)
    mine = {name: secret for name, secret in kept.passwords.items() if name in platform.passwords}
    restored = replace(platform, passwords={**platform.passwords, **mine})
    restored.save()
    environment.write(restored)
    return restored


def _prove(instance: Instance, restored: Restored) -> None:
    """The platform up, everybody caught up, and then the operators' own commands."""
    try:
        # Machines read our output: what the start says goes where people look.
        with redirect_stdout(sys.stderr), restored.timed("start and proofs"), _up(instance, restored):
            for words in PROOFS:
                with restored.timed(words[0]):
                    restored.proofs[words[0]] = _eiso(instance, *words)
    except (*FAILURES, up.AlreadyRunning, psycopg.Error) as failure:
        # Nothing is half done any more: what was put back must not be taken for what broke off.
        restored.proofs["start"] = 2
        complain("restore_proof_broke_off", instance=instance.name, what=_words(failure))


@contextmanager
def _up(instance: Instance, restored: Restored) -> Iterator[None]:
    began = time.monotonic()
    with up.running(instance.name, demo=None):
        restored.seconds["start"] = round(time.monotonic() - began, 2)
        yield


def _eiso(instance: Instance, *words: str) -> int:
    command = [sys.executable, "-W", "ignore", "-m", "ops", *words, "--instance", instance.name]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode
