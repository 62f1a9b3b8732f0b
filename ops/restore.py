"""`eiso restore`: an archive into a platform that holds nothing, whose servers are up and processes are not.

`python -m deploy.local restore` does the same to an instance of this machine, from its servers to the proof.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
import psycopg
from pika.exceptions import ChannelClosedByBroker
from sqlalchemy.exc import SQLAlchemyError

from deploy.platform import bucket, migrating, settings
from deploy.platform import databases as roles_and_databases
from deploy.platform.names import SERVICES
from deploy.platform.platform import Platform
from deploy.speech import both, complain, say
from ops import queues, upkeep
from ops.archive import age, belongings, databases, manifest, objects, sealing
from ops.archive.belongings import Belongings
from ops.archive.manifest import Manifest, Opening
from ops.archive.objects import Unpacker
from ops.archive.unusable import Broken, Unusable
from ops.asking import who
from ops.backup import RELIED_ON, add_passphrase, facts_of
from ops.chosen_platform import platform_of
from ops.moments import local
from ops.progress import Bar
from ops.scrub import MEGABYTE


@dataclass(kw_only=True)
class Restored:
    """What was done, how long each part took, and how each proof ended."""

    manifest: Manifest
    seconds: dict[str, float] = field(default_factory=dict)
    proofs: dict[str, int] = field(default_factory=dict)
    is_local: bool = False

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - began, 2)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which archive, whether only to look at it, and who leaves which word in the trail."""
    parser.add_argument("archive", type=Path, help=both("ops_help_restore_archive"))
    parser.add_argument("--check", action="store_true", help=both("ops_help_restore_check"))
    parser.add_argument("--reason", help=both("ops_help_reason"))
    parser.add_argument("--as", dest="who", default=who(), help=both("ops_help_as"))
    parser.add_argument("--key-file", type=Path, help=both("ops_help_restore_key"))
    add_passphrase(parser)


def run(asked: argparse.Namespace) -> int:
    """0: put back, or whole; 1: the archive is broken; 2: not done."""
    return ended(asked, lambda: _carry_out(asked))


def ended(asked: argparse.Namespace, work: Callable[[], Restored]) -> int:
    """What the work comes to: how far it got said in words, and the exit code."""
    try:
        restored = work()
    except Unusable as no:
        return no.complain()
    except (SQLAlchemyError, psycopg.Error) as away:
        complain("ops_database_away", what=str(getattr(away, "orig", away)).splitlines()[0])
        return 2
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    except (OSError, migrating.StepFailed) as failure:
        complain("restore_failed", what=failure)
        return 2
    _print_json(restored) if asked.json else _print(restored, asked)
    return 1 if any(restored.proofs.values()) else 0


def _carry_out(asked: argparse.Namespace) -> Restored:
    found = begun(asked)
    restored, archive = Restored(manifest=found), opening(asked, found)
    if asked.check:
        checked(asked, restored, archive)
        return restored
    platform = platform_of(asked)
    _must_hold_nothing(platform)
    kept = checked(asked, restored, archive)
    # Asked again: somebody may have filled it while the archive was read.
    _must_hold_nothing(platform)
    platform.half_restored.touch()
    with restored.timed("servers"):
        roles_and_databases.prepare(platform)
        bucket.prepare(platform)
    put_back(platform, restored, archive)
    belongings.put_back(platform, kept)
    settings.keep_passwords(platform.file, kept.passwords)
    with restored.timed("upgrade"):
        migrating.migrate(platform)
        leave_word(platform, asked, found)
    platform.half_restored.unlink()
    return restored


def begun(asked: argparse.Namespace) -> Manifest:
    """What the archive says of itself, if this code can read its databases."""
    found = manifest.read(asked.archive)
    databases.check_heads(found.services)
    return found


def checked(asked: argparse.Namespace, restored: Restored, archive: Opening) -> Belongings:
    """What is under the seal of an archive whose every part is as it was written."""
    passphrase = sealing.asked_for(asked.passphrase_file, twice=False)
    with restored.timed("check"):
        return verified(archive, restored.manifest, passphrase)


def opening(asked: argparse.Namespace, found: Manifest) -> Opening:
    """The keys to it, asked for before anything is read: only who wants to look may do without."""
    if not found.recipients or (asked.check and asked.key_file is None):
        return Opening(folder=asked.archive)
    if asked.key_file is None:
        raise Unusable("backup_key_needed", needed=", ".join(found.recipients))
    identities = age.fitting(age.identities_in(asked.key_file), found.recipients)
    return Opening(folder=asked.archive, identities=identities)


def verified(archive: Opening, found: Manifest, passphrase: str) -> Belongings:
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


def _must_hold_nothing(platform: Platform) -> None:
    """Nothing in the databases, the bucket and the queues, and no restore that broke off."""
    if platform.half_restored.exists():
        raise Unusable("deploy_half_restored", instance=platform.name)
    if full := databases.full(platform):
        where = f"PostgreSQL: {', '.join(full)}"
        raise Unusable("restore_not_empty", where=where, instance=platform.name)
    if not objects.is_empty(platform):
        raise Unusable("restore_not_empty", where=f"S3: {platform.s3_bucket}", instance=platform.name)
    broker_must_be_new(platform)


def broker_must_be_new(platform: Platform) -> None:
    """Messages of another past would bring restored consumers what their sources never knew."""
    with pika.BlockingConnection(pika.URLParameters(platform.amqp_uri("ops"))) as connection:
        for name in queues.expected():
            channel = connection.channel()
            try:
                channel.queue_declare(name, passive=True)
            except ChannelClosedByBroker:
                continue
            where = f"RabbitMQ: {name}"
            raise Unusable("restore_not_empty", where=where, instance=platform.name)


def put_back(
    platform: Platform,
    restored: Restored,
    archive: Opening,
    naming_versions: AbstractContextManager[None] | None = None,
) -> None:
    """Databases and objects. Meanwhile the store must let its owner name versions (`naming_versions`)."""
    found = restored.manifest
    with restored.timed("databases"):
        for service in databases.order():
            databases.restore(platform, service, archive)
        _compare(platform, found)
    with restored.timed("objects"), naming_versions or nullcontext():
        _put_objects_back(platform, archive, found)


def _compare(platform: Platform, found: Manifest) -> None:
    for service, kept in found.services.items():
        now = databases.seen(platform, service)
        if (now.head, now.log_head, now.sealed) != (kept.head, kept.log_head, kept.sealed):
            raise Broken("restore_counts_differ", service=service, expected=kept, found=now)


def _put_objects_back(platform: Platform, archive: Opening, found: Manifest) -> None:
    with Bar(found.object_bytes, "MB", MEGABYTE) as bar:
        count = Unpacker(platform, archive, bar.more).run(found.parts)
    if count != found.objects:
        raise Broken("archive_part_changed", part="objects", why=f"{count} ≠ {found.objects}")


def leave_word(platform: Platform, asked: argparse.Namespace, found: Manifest) -> None:
    """In every service's trail: what follows this row does not follow from the rows before it alone."""
    facts = {"archive": str(found.id), "taken_at": found.taken_at.isoformat(), "from": found.instance}
    order = {"who": asked.who, "reason": asked.reason, "facts": facts}

    def note(service: str) -> None:
        for _ in upkeep.run_act(platform, service, "restored", order):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(note, SERVICES))


def _print_json(restored: Restored) -> None:
    said: dict[str, Any] = {"seconds": restored.seconds, "proofs": restored.proofs}
    print(json.dumps(facts_of(restored.manifest) | said, ensure_ascii=False, indent=1))


def _print(restored: Restored, asked: argparse.Namespace) -> None:
    found, name = restored.manifest, "–" if asked.check else platform_of(asked).name
    facts = {"instance": name, "moment": local(found.taken_at), "folder": asked.archive}
    sizes = {"megabytes": f"{found.bytes / MEGABYTE:,.1f}", "objects": f"{found.objects:,}"}
    say("restore_checked" if asked.check else "restore_done", **facts, **sizes)
    for phase, seconds in restored.seconds.items():
        say("restore_seconds", phase=f"{phase:<18}", seconds=f"{seconds:8.1f}")
    failed = [proof for proof, code in restored.proofs.items() if code]
    if failed:
        complain("restore_proof_failed", proofs=", ".join(failed), instance=name)
    elif not asked.check:
        say("restore_next" if restored.is_local else "restore_next_elsewhere", instance=name)
