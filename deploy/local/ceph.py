"""The private object store: one Ceph monitor, one OSD and the S3 gateway, as plain processes."""

import base64
import json
import os
import struct
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.account import own, servers_folder
from deploy.local.platform import STORE_USERS, Platform
from deploy.local.process import DidNotStart, Process, run_tool
from deploy.platform import store_rights
from deploy.platform.answering import store_answers

CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *", "mgr": "allow profile osd"},
    "client.rgw": {"mon": "allow rw", "osd": "allow rwx"},
}


def processes(platform: Platform) -> tuple[Process, Process, Process]:
    """Monitor, OSD and gateway, in the order of their start."""
    files = platform.instance
    mon, osd, rgw = (
        Process(name=n, pid_file=files.pids / f"{n}.pid", log_file=files.logs / f"{n}.log")
        for n in ("ceph-mon", "ceph-osd", "radosgw")
    )
    return mon, osd, rgw


def is_ready(platform: Platform) -> bool:
    """Whether the S3 port answers HTTP."""
    return store_answers(platform.s3_endpoint)


def start(platform: Platform) -> None:
    """Start what is not running, make it first if there is none, wait until S3 answers."""
    if all(process.pid() for process in processes(platform)) and is_ready(platform):
        return
    stop(platform)
    folder = servers_folder(platform.instance) / "ceph"
    is_new = not (folder / "made").exists()
    if is_new:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    _write_configuration(platform, folder, is_new=is_new)
    if is_new:
        _make(platform, folder)
    else:
        own(folder)
        _start_store(platform, folder)
    _start_gateway(platform, folder)
    (folder / "made").touch()


def stop(platform: Platform) -> None:
    """The gateway first, the monitor last."""
    for process in reversed(processes(platform)):
        process.stop()


def _write_configuration(platform: Platform, folder: Path, *, is_new: bool) -> None:
    for name in ("keys", "mon", "osd", "rgw", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    fsid = folder / "fsid"
    if is_new:
        fsid.write_text(str(uuid.uuid4()))
        for name in CAPABILITIES:
            (folder / f"keys/{name}.keyring").write_text(keyring([name]))
    configured = configuration(platform.ports, folder, fsid.read_text())
    (folder / "ceph.conf").write_text(configured)


def new_key() -> str:
    """A cephx key: type 1 (AES), time made, length, sixteen random bytes."""
    head = struct.pack("<HIIH", 1, int(time.time()), 0, 16)
    return base64.b64encode(head + os.urandom(16)).decode()


def keyring(names: list[str]) -> str:
    """A keyring file with fresh keys for the given entities."""
    lines = []
    for name in names:
        lines += [f"[{name}]", f"\tkey = {new_key()}"]
        lines += [f'\tcaps {who} = "{what}"' for who, what in CAPABILITIES[name].items()]
    return "\n".join(lines) + "\n"


def configuration(ports: dict[str, int], folder: Path, fsid: str) -> str:
    """ceph.conf: one copy of everything, loopback only, and as little memory as it runs in.

    By default the monitor gathers changes for a second before each step (`paxos`), clients wait up
    to 15 s before they try a restarted OSD again (`backoff`), a killed OSD's successor serves no
    read for 16 s (`lease`), and a killed gateway's watch delays the next by 30 s. At its usual level the
    gateway writes every address it was asked, with the signatures of presigned links (`debug rgw`; the second
    figure is what it keeps in memory to write when it crashes).
    """
    return f"""[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{ports["ceph_mon"]}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = {ports["ceph_osd"]}
ms bind port max = {ports["ceph_osd"] + 15}
ms async op threads = 2
ms initial backoff = 0.05
ms max backoff = 1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keys/$name.keyring
run dir = {folder}/run
log to file = false
log to stderr = true
err to stderr = true
admin socket =
pid file =
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon max pg per osd = 1000
[mon]
mon data = {folder}/mon
mon data avail crit = 1
mon cluster log to file = false
paxos propose interval = 0.05
paxos min wait = 0.01
auth allow insecure global id reclaim = false
mon initial members = a
[osd]
osd data = {folder}/osd
osd objectstore = bluestore
bluestore block create = true
bluestore block size = 17179869184
bluestore block db create = false
bluestore block wal create = false
bluestore cache autotune = false
bluestore cache size = 67108864
osd memory target = 939524096
osd op num shards = 2
osd op num threads per shard = 1
osd client watch timeout = 10
osd pool default read lease ratio = 0.1
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{ports["s3"]} tcp_nodelay=1
rgw data = {folder}/rgw
rgw enable apis = s3
rgw dns name = localhost
rgw thread pool size = 32
rgw run sync thread = false
rgw enable lc threads = false
rgw rados pool autoscale bias = 1
rgw enable ops log = false
debug rgw = 0/0
debug ms = 0/0
rgw dynamic resharding = false
rgw max concurrent requests = 256
"""


def _tool(folder: Path, *command: str) -> str:
    return run_tool(command, folder=folder, CEPH_CONF=str(folder / "ceph.conf"), HOME=str(folder))


def control(platform: Platform, *words: str) -> str:
    """What the cluster's monitor says to a command."""
    return _tool(servers_folder(platform.instance) / "ceph", "ceph", "--connect-timeout", "30", *words)


def _make(platform: Platform, folder: Path) -> None:
    """A new cluster. The OSD's disk is laid out while the monitor comes up: half the time."""
    fsid, osd_id = (folder / "fsid").read_text(), str(uuid.uuid4())
    address = f"[v2:127.0.0.1:{platform.ports['ceph_mon']}]"
    monmap = str(folder / "monmap")
    everybody = folder / "keys/everybody"
    everybody.write_text("".join(p.read_text() for p in folder.glob("keys/*.keyring")))
    own(folder)
    _tool(folder, "monmaptool", "--create", "--fsid", fsid, "--addv", "a", address, monmap)
    _tool(folder, "ceph-mon", "--mkfs", "-i", "a", "--keyring", str(everybody), "--monmap", monmap)
    everybody.unlink()
    conf = ["-c", str(folder / "ceph.conf")]
    mon, osd, _ = processes(platform)
    mon.start(["ceph-mon", "-f", "-i", "a", *conf], folder=folder)
    layout = _Background(
        lambda: _tool(folder, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd_id, "--monmap", monmap)
    )
    _tool(folder, "ceph", "--connect-timeout", "30", "osd", "new", osd_id)
    layout.join()
    osd.start(["ceph-osd", "-f", "-i", "0", *conf], folder=folder)
    _make_user(platform, folder)


class _Background:
    """A step on a thread of its own whose failure is raised where it is joined."""

    def __init__(self, step: Callable[[], object]) -> None:
        self._failure: BaseException | None = None
        self._step = step
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._step()
        except BaseException as failure:
            self._failure = failure

    def join(self) -> None:
        self._thread.join()
        if self._failure:
            raise self._failure


def _make_user(platform: Platform, folder: Path) -> None:
    """The buckets' owner. The tool makes the zone and its pools too and waits for the OSD."""
    keys = ["--access-key", platform.passwords["s3_access_key"]]
    keys += ["--secret-key", platform.passwords["s3_secret_key"]]
    tool = ["radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=eiso"]
    _tool(folder, *tool, "--display-name=eISO", *keys)


def make_users(platform: Platform) -> None:
    """A user for each service and purpose; what stands in the file was made already."""
    folder = servers_folder(platform.instance) / "ceph"
    done = folder / "users.json"
    there = json.loads(done.read_text()) if done.exists() else {}
    wanted = {user: platform.store_keys(user)[0] for user in STORE_USERS}
    for user in (user for user, access in wanted.items() if there.get(user) != access):
        _make_one(platform, folder, user)
    if wanted != there:
        done.write_text(json.dumps(wanted))


def _make_one(platform: Platform, folder: Path, user: str) -> None:
    access, secret = platform.store_keys(user)
    about = [f"--uid={store_rights.uid(user)}", f"--access-key={access}", f"--secret-key={secret}"]
    tool = ["radosgw-admin", "-n", "client.rgw", "user"]
    try:
        # No buckets of its own: a key that got out makes nobody a place to keep things in.
        _tool(folder, *tool, "create", f"--display-name=eISO {user}", "--max-buckets=-1", *about)
    except DidNotStart:
        _tool(folder, *tool, "modify", *about)


@contextmanager
def naming_versions(platform: Platform) -> Iterator[None]:
    """Meanwhile the buckets' owner may say under which id a version is kept, as Ceph's own replication
    does: a restored object must be found where its row says.
    """
    folder = servers_folder(platform.instance) / "ceph"
    modify = ["radosgw-admin", "-n", "client.rgw", "user", "modify", "--uid=eiso"]
    _tool(folder, *modify, "--system=true")
    try:
        yield
    finally:
        _tool(folder, *modify, "--system=false")


def _start_store(platform: Platform, folder: Path) -> None:
    conf = ["-c", str(folder / "ceph.conf")]
    mon, osd, _ = processes(platform)
    mon.start(["ceph-mon", "-f", "-i", "a", *conf], folder=folder)
    osd.start(["ceph-osd", "-f", "-i", "0", *conf], folder=folder)


def _start_gateway(platform: Platform, folder: Path) -> None:
    gateway = processes(platform)[2]
    conf = ["-c", str(folder / "ceph.conf")]
    gateway.start(["radosgw", "-f", "-n", "client.rgw", *conf], folder=folder)
    gateway.wait(lambda: is_ready(platform), seconds=120)
