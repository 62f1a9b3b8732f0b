"""`eiso backup`: the whole platform into an archive while it runs, from one moment of all its databases."""

import argparse
import fcntl
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from deploy.platform.names import ROOT
from deploy.platform.platform import Platform
from deploy.speech import both, complain, said, say
from kernel.base import clock, wire
from kernel.base.errors import Unavailable
from kernel.base.ids import new_id
from kernel.data.store import Placed
from kernel.work.anchor import FOLDER as ANCHORS
from ops import queues, upkeep
from ops.archive import age, belongings, databases, manifest, objects, sealing
from ops.archive.databases import Cut
from ops.archive.manifest import Manifest, Part
from ops.archive.objects import Group, Packer, Packing
from ops.archive.unusable import Unusable
from ops.chosen_platform import platform_of
from ops.moments import local
from ops.progress import Bar
from ops.scrub import MEGABYTE, Fault, bytes_kept, side_by_side
from ops.trail import store_of

RELIED_ON = "objects/relied-on.jsonl"
# What a dump and its parts' indexes need over the bare data, and what must be left on the disk.
SPARE = 256 * MEGABYTE
# A folder that changed since is at work: its lock is not there yet, or not any more.
YOUNG = timedelta(minutes=1)


@dataclass(kw_only=True)
class Taken:
    """A finished archive, and what the store was found to lack while its objects were read."""

    folder: Path
    manifest: Manifest
    faults: list[Fault] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where the archive's folder is made, and under which passphrase its secrets go."""
    parser.add_argument("into", type=Path, help=both("ops_help_backup_into"))
    parser.add_argument("--unencrypted", action="store_true", help=both("ops_help_backup_unencrypted"))
    add_passphrase(parser)


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", help=both("ops_help_passphrase_file"))


def run(asked: argparse.Namespace) -> int:
    """0: the archive is there and whole; 1: it is, but the store lacks objects; 2: there is none."""
    platform = platform_of(asked)
    try:
        recipients = _for_whom(platform, unencrypted=asked.unencrypted)
        passphrase = sealing.asked_for(asked.passphrase_file, twice=True)
        taken = take(platform, asked.into, passphrase, recipients)
    except Unusable as no:
        return no.complain()
    except Unavailable as away:
        complain(away.code)
        return 2
    except (SQLAlchemyError, psycopg.Error) as away:
        complain("ops_database_away", what=str(getattr(away, "orig", away)).splitlines()[0])
        return 2
    except upkeep.UpkeepFailed as failure:
        return upkeep.complain_of(failure)
    except OSError as failure:
        complain("backup_not_written", what=failure)
        return 2
    _print_json(taken) if asked.json else _print(taken)
    return 1 if taken.faults else 0


def _for_whom(platform: Platform, *, unencrypted: bool) -> list[str]:
    """The public keys of this platform's backups; without one a backup must be asked for as it is."""
    if unencrypted:
        return []
    if recipients := age.recipients_of(platform):
        return recipients
    raise Unusable("backup_no_key", instance=platform.name)


def take(platform: Platform, into: Path, passphrase: str, recipients: Sequence[str] = ()) -> Taken:
    """An archive of its own name in `into`; a backup that breaks off leaves none."""
    if platform.half_restored.exists():
        raise Unusable("deploy_half_restored", instance=platform.name)
    name = f"{platform.name}-{clock.now():%Y%m%dT%H%M%SZ}"
    with _partial(into, name, platform.name) as partial:
        _check_space(platform, partial)
        taken = _Taking(platform, partial, passphrase, recipients).run()
        (partial / "lock").unlink()
        manifest.finish(partial, taken.manifest, into / name)
    taken.folder = (into / name).resolve()
    return taken


@contextmanager
def _partial(into: Path, name: str, instance: str) -> Iterator[Path]:
    """A hidden folder while it grows; those that killed backups left are removed."""
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in into.glob(f".{instance}-*.partial"):
        _remove_if_nobody_writes(left)
    partial = into / f".{name}.partial"
    if partial.exists() or (into / name).exists():
        raise Unusable("backup_exists", folder=into / name)
    partial.mkdir(mode=0o700)
    with (partial / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield partial
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _remove_if_nobody_writes(left: Path) -> None:
    try:
        if left.stat().st_mtime > (clock.now() - YOUNG).timestamp():
            return
        with (left / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
    except (BlockingIOError, FileNotFoundError):
        return


def _check_space(platform: Platform, partial: Path) -> None:
    """As if nothing could be compressed, so that it is never found out at the end."""
    with psycopg.connect(platform.postgres_url("ops", databases.order()[0]), connect_timeout=5) as server:
        sizes = server.execute(
            "select sum(pg_database_size(datname)) from pg_database where datname = any(%s)",
            (databases.order(),),
        ).fetchone()
    assert sizes
    needed = int(sizes[0]) + bytes_kept(platform, queues.storing()) + SPARE
    check_free(partial, needed)


def check_free(folder: Path, needed: int) -> None:
    """Refuse what would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Unusable("archive_disk", needed=needed // MEGABYTE, free=free // MEGABYTE, folder=folder)


class _Taking:
    """One backup: belongings, the list of anchors, the cut, the dumps, the objects, the seal."""

    def __init__(
        self, platform: Platform, partial: Path, passphrase: str, recipients: Sequence[str] = ()
    ) -> None:
        self.platform, self.partial, self.passphrase = platform, partial, passphrase
        self.recipients = list(recipients)
        self.store = store_of(platform)
        self.parts: list[Part] = []
        self.seconds: dict[str, float] = {}
        # Read again while the objects are packed, and what is encrypted cannot be: without a name, beside it.
        self.relied_on: IO[bytes] = tempfile.TemporaryFile(dir=partial)  # noqa: SIM115

    def run(self) -> Taken:
        kept = belongings.collect(self.platform)
        anchors = {(each.key, each.version_id) for each in self.store.listing(f"{ANCHORS}/")}
        with databases.cut(self.platform) as cut:
            with self._timed("databases"):
                self._dump(cut)
            self._note_what_rows_rely_on(cut)
        with self._timed("objects"):
            packed = self._pack(anchors, cut)
        self.parts += packed.parts
        done = self._manifest(cut, packed)
        kept.parts, kept.facts = {part.name: part.sha256 for part in self.parts}, done.facts_hash
        sealed = sealing.seal(wire.encode(kept), self.passphrase, done.id)
        done.parts.append(manifest.put(self.partial, manifest.SECRETS, sealed))
        return Taken(folder=self.partial, manifest=done, faults=packed.faults)

    def _dump(self, cut: Cut) -> None:
        """Two at a time: each is a process that compresses."""

        def dump(service: str) -> Part:
            snapshot = cut.snapshots[service]
            return databases.dump(self.platform, service, snapshot, self.partial, self.recipients)

        with ThreadPoolExecutor(2) as pool:
            self.parts += pool.map(dump, cut.snapshots)

    def _note_what_rows_rely_on(self, cut: Cut) -> None:
        """Into a file, so that no transaction waits for the objects."""
        lists = [
            upkeep.run_act(self.platform, service, "objects", {"snapshot": cut.snapshots[service]})
            for service in queues.storing()
        ]
        writing = manifest.Writing(self.partial, RELIED_ON, self.recipients)
        for row in merge(*lists, key=lambda row: row["key"]):
            line = wire.encode(row) + b"\n"
            writing.write(line)
            self.relied_on.write(line)
        self.parts.append(writing.end())

    def _pack(self, anchors: set[tuple[str, str]], cut: Cut) -> Packing:
        total = bytes_kept(self.platform, queues.storing())
        self.relied_on.seek(0)
        with self.relied_on as lines, Bar(total, "MB", MEGABYTE) as bar:
            rows = groupby(map(json.loads, lines), key=lambda row: row["key"])
            placed = groupby(self.store.listing(), key=_key)
            groups: Iterator[Group] = side_by_side(rows, placed)
            chosen = objects.worth_keeping(groups, anchors, cut.taken_at)
            return Packer(self.platform, self.partial, chosen, bar.more, self.recipients).run()

    def _manifest(self, cut: Cut, packed: Packing) -> Manifest:
        return Manifest(
            id=new_id(),
            instance=self.platform.name,
            release=release(),
            taken_at=cut.taken_at,
            finished_at=clock.now(),
            services=cut.services,
            objects=packed.objects,
            object_bytes=packed.size,
            faults=len(packed.faults),
            parts=self.parts,
            seconds=self.seconds,
            recipients=self.recipients,
        )

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - began, 2)


def _key(placed: Placed) -> str:
    return placed.key


def release() -> str:
    """Which code took it: the commit, with a mark where files differ from it; empty outside of git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def facts_of(found: Manifest) -> dict[str, Any]:
    """What is printed of an archive, for machines and people."""
    said: dict[str, Any] = wire.dump(found)
    del said["parts"]
    return said | {"bytes": found.bytes, "files": len(found.parts)}


def _print_json(taken: Taken) -> None:
    said = facts_of(taken.manifest) | {"faults": [asdict(each) for each in taken.faults]}
    print(json.dumps({"archive": str(taken.folder), **said}, ensure_ascii=False, indent=1))


def _print(taken: Taken) -> None:
    found = taken.manifest
    sizes = {"megabytes": f"{found.bytes / MEGABYTE:,.1f}", "objects": f"{found.objects:,}"}
    say("backup_taken", folder=taken.folder, moment=local(found.taken_at), **sizes)
    for service, kept in found.services.items():
        say("backup_service", service=f"{service:<10}", events=kept.log_head, sealed=kept.sealed)
    seconds = {f"{phase}_seconds": f"{found.seconds[phase]:.1f}" for phase in ("databases", "objects")}
    say("backup_seconds", **seconds)
    if found.recipients:
        say("backup_encrypted", count=len(found.recipients))
    else:
        complain("backup_unencrypted")
    say("backup_private")
    for fault in taken.faults[:20]:
        named = {"key": fault.key, "version": fault.version_id, "about": fault.about}
        print(f"  ✗ {said(fault.code, **named, **fault.facts)}")
    if taken.faults:
        complain("backup_store_faults", count=len(taken.faults))
