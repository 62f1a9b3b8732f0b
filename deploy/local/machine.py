"""The machine: programs, libraries, disk, memory, ports."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from deploy.local import ceph, ports, postgres, private, rabbitmq, supervision
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import Platform
from ops.doctor.finding import Finding, well, wrong

PROGRAMS = {
    str(postgres.BINARIES / "postgres"): "postgresql-15",
    rabbitmq.SERVER: "rabbitmq-server",
    "radosgw": "radosgw",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "ceph": "ceph-common",
}
LEAST_DISK = 3 * 2**30
LEAST_MEMORY = 2 * 2**30


def findings(instance: Instance) -> Iterator[Finding]:
    """What can be said without a platform."""
    yield _programs()
    yield _libraries()
    yield _disk(instance)
    yield _memory()
    if instance.folder.exists():
        yield _open_files(instance)


def _programs() -> Finding:
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    if missing:
        return wrong("ops_packages_missing", packages=" ".join(missing))
    return well("ops_packages")


def _libraries() -> Finding:
    """As `bin/setup` left word of what it installed."""
    stamp = ROOT / ".venv/.eiso-lock"
    version = subprocess.run([sys.executable, "-V"], capture_output=True, check=True).stdout
    wanted = sha256((ROOT / "requirements.lock").read_bytes() + version).hexdigest()
    if not stamp.exists() or stamp.read_text().split()[:1] != [wanted]:
        return wrong("ops_libraries_differ")
    return well("ops_libraries")


def _disk(instance: Instance) -> Finding:
    free = shutil.disk_usage(instance.folder if instance.folder.exists() else ROOT).free
    facts = {"free": f"{free / 2**30:.1f}", "least": f"{LEAST_DISK / 2**30:.0f}"}
    return well("ops_disk", **facts) if free >= LEAST_DISK else wrong("ops_disk_low", **facts)


def _memory() -> Finding:
    lines = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("MemTotal:"))
    facts = {"total": f"{kilobytes / 2**20:.1f}", "least": f"{LEAST_MEMORY / 2**30:.0f}"}
    is_enough = kilobytes * 1024 >= LEAST_MEMORY
    return well("ops_memory", **facts) if is_enough else wrong("ops_memory_low", **facts)


def _open_files(instance: Instance) -> Finding:
    """Keys, logs and data that others on this machine may read."""
    found = sorted(str(path) for path in private.too_open(instance))
    if found:
        return wrong(
            "ops_files_open", count=str(len(found)), first=", ".join(found[:3]), instance=instance.name
        )
    return well("ops_files_closed")


def findings_of_ports(platform: Platform) -> Iterator[Finding]:
    """A port of ours that is taken although nothing of ours that would listen there runs."""
    taken = [
        f"{name} {platform.ports[name]}"
        for name in ports.OFFSETS
        if not _is_ours(platform, name) and not ports.is_free(platform.ports[name])
    ]
    yield wrong("ops_ports_taken", ports=", ".join(taken)) if taken else well("ops_ports")


def _is_ours(platform: Platform, port: str) -> bool:
    epmd, broker = rabbitmq.processes(platform)
    mon, osd, gateway = ceph.processes(platform)
    owners = {
        "postgres": postgres.process(platform),
        "amqp": broker,
        "amqp_distribution": broker,
        "epmd": epmd,
        "ceph_mon": mon,
        "ceph_osd": osd,
        "s3": gateway,
    }
    owner = owners.get(port, supervision.supervisor(platform.instance))
    return owner.pid() is not None
