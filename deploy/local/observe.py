"""Prometheus and the machine's own figures beside a private platform, where `EISO_OBSERVE=1` asks."""

import json
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local.account import own, servers_folder
from deploy.local.instance import ROOT
from deploy.local.platform import SERVICES, Platform
from deploy.local.process import Process

ALERTS = ROOT / "deploy" / "observe" / "alerts.yml"
EVERY, KEPT, KEPT_SIZE = "5s", "15d", "1GB"
# All mounted disks, and not what only looks like one.
NO_DISK = (
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|mqueue|nsfs|proc|"
    "pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$"
)


def processes(platform: Platform) -> tuple[Process, Process]:
    """The exporter of the machine's figures and Prometheus."""
    files = platform.instance
    exporter, prometheus = (
        Process(name=n, pid_file=files.pids / f"{n}.pid", log_file=files.logs / f"{n}.log")
        for n in ("node-exporter", "prometheus")
    )
    return exporter, prometheus


def address(platform: Platform) -> str:
    return f"http://127.0.0.1:{platform.ports['prometheus']}"


def is_ready(platform: Platform) -> bool:
    """Whether Prometheus has read its data and answers."""
    try:
        with urllib.request.urlopen(f"{address(platform)}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start(platform: Platform) -> None:
    """Start both servers, as the servers' account, on the loopback, with a data folder of their own."""
    exporter, prometheus = processes(platform)
    if prometheus.pid() and exporter.pid() and is_ready(platform):
        return
    stop(platform)
    folder = servers_folder(platform.instance) / "prometheus"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alerts.yml").write_bytes(ALERTS.read_bytes())
    written = folder / "prometheus.json"
    written.write_text(configuration(platform))
    own(folder)
    exporter.start(_exporter(platform), folder=folder)
    prometheus.start(_prometheus(platform, folder), folder=folder)
    prometheus.wait(lambda: is_ready(platform), seconds=30)


def stop(platform: Platform) -> None:
    """Prometheus first: it writes down what it holds."""
    exporter, prometheus = processes(platform)
    prometheus.stop()
    exporter.stop()


def configuration(platform: Platform) -> str:
    """prometheus.yml as JSON, which is YAML; a target for each process, by the name it has everywhere."""
    ports = {name: platform.ports[f"health_{name}"] for name in SERVICES}
    ports |= {"gateway": platform.ports["gateway"]}
    targets = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"process": name}} for name, port in ports.items()
    ]
    machine = [{"targets": [f"127.0.0.1:{platform.ports['node_exporter']}"]}]
    itself = [{"targets": [f"127.0.0.1:{platform.ports['prometheus']}"]}]
    configured = {
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [
            {"job_name": "eiso", "static_configs": targets},
            {"job_name": "machine", "static_configs": machine},
            {"job_name": "prometheus", "static_configs": itself},
        ],
    }
    return json.dumps(configured, indent=1)


def _exporter(platform: Platform) -> list[str]:
    return [
        "/usr/bin/prometheus-node-exporter",
        f"--web.listen-address=127.0.0.1:{platform.ports['node_exporter']}",
        "--collector.disable-defaults",
        "--collector.filesystem",
        "--collector.meminfo",
        "--collector.loadavg",
        f"--collector.filesystem.fs-types-exclude={NO_DISK}",
    ]


def _prometheus(platform: Platform, folder: Path) -> list[str]:
    return [
        "/usr/bin/prometheus",
        f"--config.file={folder / 'prometheus.json'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--storage.tsdb.retention.time={KEPT}",
        f"--storage.tsdb.retention.size={KEPT_SIZE}",
        f"--web.listen-address=127.0.0.1:{platform.ports['prometheus']}",
        "--log.level=warn",
    ]
