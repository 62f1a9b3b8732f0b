"""`eiso restore`: an archive into an instance that holds nothing, and the proof that it is right."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
import psycopg
from pika.exceptions import ChannelClosedByBroker
from sqlalchemy.exc import SQLAlchemyError

from deploy.local import ceph, servers, up
from deploy.local.account import account, servers_folder
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import SERVICES, Platform, existing_servers
from deploy.local.process import DidNotStart
from ops import queues, upkeep
from ops.archive import age, belongings, databases, manifest, objects, sealing
from ops.archive.belongings import Belongings
from ops.archive.manifest import Manifest, Opening
from ops.archive.objects import Unpacker
from ops.archive.unusable import Broken, Unusable
from ops.asking import who
from ops.backup import RELIED_ON, add_passphrase, check_free, facts_of
from ops.moments import local
from ops.progress import Bar
from ops.scrub import MEGABYTE
from ops.speech import both, complain, say

NAME = "restore"
PROOFS = (("reconcile",), ("trail", "verify"), ("scrub",))
FAILURES = (OSError, DidNotStart, up.StepFailed, subprocess.SubprocessError)


@dataclass(kw_only=True)
class Restored:
    """What was done, how long each part took, and how each proof ended."""

    manifest: Manifest
    seconds: dict[str, float] = field(default_factory=dict)
    proofs: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - began, 2)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which archive, whether only to look at it, and whether the proof may be left for later."""
    parser.add_argument("archive", type=Path, help=both("ops_help_restore_archive"))
    parser.add_argument("--check", action="store_true", help=both("ops_help_restore_check"))
    parser.add_argument("--no-proof", action="store_true", help=both("ops_help_restore_no_proof"))
    parser.add_argument("--reason", help=both("ops_help_reason"))
    parser.add_argument("--as", dest="who", default=who(), help=both("ops_help_as"))
    parser.add_argument("--key-file", type=Path, help=both("ops_help_restore_key"))
    add_passphrase(parser)


def run(asked: argparse.Namespace) -> int:
    """0: restored and proved, or whole; 1: the archive is broken, or a proof found something; 2: not done."""
    try:
        restored = _carry_out(asked)
    except Unusable as no:
        return no.complain()
    except (SQLAlchemyError, psycopg.Error) as away:
        complain("ops_database_away", what=str(getattr(away, "orig", away)).splitlines()[0])
        return 2
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    except up.AlreadyRunning:
        complain("deploy_already_running", instance=asked.instance)
        return 2
    except FAILURES as failure:
        complain("restore_failed", what=_told(failure))
        return 2
    _print_json(restored) if asked.json else _print(restored, asked)
    return 1 if any(restored.proofs.values()) else 0


def _told(failure: Exception) -> str:
    """A command that took too long is named by its first words: passwords may stand among its last."""
    if not isinstance(failure, subprocess.TimeoutExpired):
        return str(failure)
    words = [word for word in failure.cmd if word not in account().prefix]
    return f"{' '.join(words[:4])}: > {failure.timeout:g} s"


def _carry_out(asked: argparse.Namespace) -> Restored:
    instance, found = Instance.named(asked.instance), manifest.read(asked.archive)
    databases.check_heads(found.services)
    if not asked.check:
        _must_hold_nothing(instance)
    restored, archive = Restored(manifest=found), _opening(asked, found)
    passphrase = sealing.asked_for(asked.passphrase_file, twice=False)
    with restored.timed("check"):
        kept = _verified(archive, found, passphrase)
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


def _opening(asked: argparse.Namespace, found: Manifest) -> Opening:
    """The keys to it, asked for before anything is read: only who wants to look may do without."""
    if not found.recipients or (asked.check and asked.key_file is None):
        return Opening(folder=asked.archive)
    if asked.key_file is None:
        raise Unusable("backup_key_needed", needed=", ".join(found.recipients))
    identities = age.fitting(age.identities_in(asked.key_file), found.recipients)
    return Opening(folder=asked.archive, identities=identities)


def _verified(archive: Opening, found: Manifest, passphrase: str) -> Belongings:
    """Every part as it was written, and as the sealed list has it: anybody could rewrite the manifest."""
    folder = archive.folder
    with Bar(found.bytes, "MB", MEGABYTE) as bar:
        manifest.verify(folder, found, bar.more)
    sealed = (folder / manifest.SECRETS).read_bytes()
    opened = sealing.unseal(sealed, passphrase, found.id)
    kept = manifest.load(Belongings, opened, manifest.SECRETS)
    listed = {part.name: part.sha256 for part in found.parts if part.name != manifest.SECRETS}
    if listed != kept.parts:
        [first, *_] = sorted(name for name, _ in listed.items() ^ kept.parts.items())
        raise Broken("archive_part_changed", part=first, why=manifest.NAME)
    if found.facts_hash != kept.facts:
        raise Broken("archive_part_changed", part=manifest.NAME, why="SHA-256")
    if archive.identities:
        # That the key opens what it is said to open, tried on a small part.
        with archive.part(RELIED_ON):
            pass
    return kept


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
    """Whether there is more than what whoever asks for the keeper's lock makes: it and empty folders."""
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
    found = restored.manifest
    try:
        with restored.timed("servers"):
            platform = servers.ensure(instance.name)
            _broker_must_be_new(platform)
        with restored.timed("databases"):
            for service in databases.order():
                databases.restore(platform, service, archive)
            _compare(platform, found)
        with restored.timed("objects"), _keeping_version_ids(platform):
            _put_objects_back(platform, archive, found)
        platform = belongings.put_back(platform, kept)
        with restored.timed("upgrade"):
            up.migrate(platform)
            _leave_word(platform, asked, found)
    finally:
        servers.stop(instance.name)
    instance.half_restored.unlink()


def _broker_must_be_new(platform: Platform) -> None:
    """Messages of another past would tell restored consumers of what their sources never knew."""
    if "amqp" not in platform.existing:
        return
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("ops"))) as connection:
        for name in queues.expected():
            channel = connection.channel()
            try:
                channel.queue_declare(name, passive=True)
            except ChannelClosedByBroker:
                continue
            where = f"RabbitMQ: {name}"
            raise Unusable("restore_not_empty", where=where, instance=platform.instance.name)


def _compare(platform: Platform, found: Manifest) -> None:
    for service, kept in found.services.items():
        now = databases.seen(platform, service)
        if (now.head, now.log_head, now.sealed) != (kept.head, kept.log_head, kept.sealed):
            raise Broken("restore_counts_differ", service=service, expected=kept, found=now)


@contextmanager
def _keeping_version_ids(platform: Platform) -> Iterator[None]:
    """A private store lets our user name versions meanwhile; elsewhere its operator must have done so."""
    if "s3" in platform.existing:
        yield
        return
    with ceph.naming_versions(platform):
        yield


def _put_objects_back(platform: Platform, archive: Opening, found: Manifest) -> None:
    with Bar(found.object_bytes, "MB", MEGABYTE) as bar:
        count = Unpacker(platform, archive, bar.more).run(found.parts)
    if count != found.objects:
        raise Broken("archive_part_changed", part="objects", why=f"{count} ≠ {found.objects}")


def _leave_word(platform: Platform, asked: argparse.Namespace, found: Manifest) -> None:
    """In every service's trail: what follows this row does not follow from the rows before it alone."""
    facts = {"archive": str(found.id), "taken_at": found.taken_at.isoformat(), "from": found.instance}
    order = {"who": asked.who, "reason": asked.reason, "facts": facts}

    def note(service: str) -> None:
        for _ in upkeep.tell(platform, service, "restored", order):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(note, SERVICES))


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
        complain("restore_proof_broke_off", instance=instance.name, what=_told(failure))


@contextmanager
def _up(instance: Instance, restored: Restored) -> Iterator[None]:
    began = time.monotonic()
    with up.running(instance.name, demo=None):
        restored.seconds["start"] = round(time.monotonic() - began, 2)
        yield


def _eiso(instance: Instance, *words: str) -> int:
    command = [sys.executable, "-W", "ignore", "-m", "ops", *words, "--instance", instance.name]
    return subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False).returncode


def _print_json(restored: Restored) -> None:
    told: dict[str, Any] = {"seconds": restored.seconds, "proofs": restored.proofs}
    print(json.dumps(facts_of(restored.manifest) | told, ensure_ascii=False, indent=1))


def _print(restored: Restored, asked: argparse.Namespace) -> None:
    found = restored.manifest
    facts = {"instance": asked.instance, "moment": local(found.taken_at), "folder": asked.archive}
    sizes = {"megabytes": f"{found.bytes / MEGABYTE:,.1f}", "objects": f"{found.objects:,}"}
    say("restore_checked" if asked.check else "restore_done", **facts, **sizes)
    for phase, seconds in restored.seconds.items():
        say("restore_seconds", phase=f"{phase:<18}", seconds=f"{seconds:8.1f}")
    failed = [name for name, code in restored.proofs.items() if code]
    if failed:
        complain("restore_proof_failed", proofs=", ".join(failed), instance=asked.instance)
    elif not asked.check:
        say("restore_next", instance=asked.instance)
