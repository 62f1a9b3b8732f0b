"""The private PostgreSQL: one database per service, its owner, its application and a reader."""

import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.account import own, servers_folder
from deploy.local.platform import Platform
from deploy.local.process import Process, run_tool
from deploy.platform import databases
from deploy.platform.answering import postgres_answers
from deploy.platform.databases import SILENT

BINARIES = Path("/usr/lib/postgresql/15/bin")


def process(platform: Platform) -> Process:
    """The server's postmaster."""
    files = platform.instance
    return Process(
        name="postgres",
        pid_file=files.pids / "postgres.pid",
        log_file=files.logs / "postgres.log",
    )


def is_ready(platform: Platform) -> bool:
    """Whether the superuser can connect."""
    return postgres_answers(platform.postgres_admin_url)


def start(platform: Platform) -> None:
    """Start it, make it first if there is none, and see that every database and role is there."""
    server = process(platform)
    if not (server.pid() and is_ready(platform)):
        server.stop(how=signal.SIGINT)
        folder = servers_folder(platform.instance) / "postgres"
        if not (folder / "made").exists():
            _make(platform, folder)
        own(folder)
        # Left by a kill -9; if a stranger has its pid by now the server would refuse to start.
        (folder / "data/postmaster.pid").unlink(missing_ok=True)
        server.start(_command(platform, folder / "data"), environment={"LC_ALL": "C.UTF-8"})
        server.wait(lambda: is_ready(platform), seconds=60)
    databases.prepare(platform)


def stop(platform: Platform) -> None:
    """Fast shutdown: ends sessions, writes a checkpoint."""
    process(platform).stop(how=signal.SIGINT, seconds=60)


def _make(platform: Platform, folder: Path) -> None:
    """initdb; a folder left half made by a crash is made again."""
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True)
    password = folder / "password"
    password.write_text(platform.passwords["postgres_postgres"])
    own(folder)
    command = [str(BINARIES / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password}"]
    command += ["--no-sync", "--no-instructions"]
    run_tool(command)
    password.unlink()
    (folder / "made").touch()


def _command(platform: Platform, data: Path) -> list[str]:
    command = [str(BINARIES / "postgres"), "-D", str(data)]
    for name, value in settings(platform.ports["postgres"], platform.instance.name).items():
        command += ["-c", f"{name}={value}"]
    return command


def settings(port: int, instance: str) -> dict[str, str]:
    """Small, and durable except for the tests' own instance. TCP only: a socket's path has a limit."""
    durable = "off" if instance == "test" else "on"
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_connections": "250",
        "max_wal_size": "512MB",
        "wal_compression": "on",
        "jit": "off",
        "synchronous_commit": "on",
        "fsync": durable,
        "full_page_writes": durable,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "password_encryption": "scram-sha-256",
        "log_min_duration_statement": "1000",
        **SILENT,
        "idle_in_transaction_session_timeout": "5min",
    }


def address(platform: Platform) -> str:
    """Host and port, for a person."""
    return urlsplit(platform.postgres_admin_url).netloc.rpartition("@")[2]
