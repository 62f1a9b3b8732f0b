"""The processes of eISO under supervisord: restarted when they die, stopped together, logs kept."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local import environment
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import SERVICES, Platform
from deploy.local.process import Process
from deploy.platform.environment import CLEAN

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes


def commands() -> dict[str, list[str]]:
    """What is run, in the order of starting."""
    python = [sys.executable, "-m"]
    services = {name: [*python, "kernel.run", name, "--role", "all"] for name in SERVICES}
    sink = {"mailsink": [*python, "deploy.local.mailsink"]}
    return sink | services | {"gateway": [*python, "gateway"]}


def log_file(instance: Instance, process: str) -> Path:
    return instance.logs / f"{process}.log"


def supervisor(instance: Instance) -> Process:
    """supervisord itself."""
    return Process(
        name="supervisord",
        pid_file=instance.pids / "supervisord.pid",
        log_file=instance.logs / "supervisord.out",
    )


def start(platform: Platform) -> None:
    """Start all processes anew; those of a run that was killed are ended first."""
    stop(platform.instance)
    written = platform.instance.folder / "supervisord.conf"
    with os.fdopen(os.open(written, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(configuration(platform))
    daemon = [sys.executable, "-m", "supervisor.supervisord", "-c", str(written)]
    supervisor(platform.instance).start(daemon, environment=CLEAN, folder=ROOT, as_account=False)


def stop(instance: Instance) -> None:
    """supervisord ends its processes, the gateway first, and then itself."""
    if instance.pids.exists():
        supervisor(instance).stop(seconds=60)


def socket_path(instance: Instance) -> Path:
    """Where supervisord is spoken to: in the instance, or in a private folder with a short name."""
    inside = instance.folder / "supervisor.sock"
    if len(str(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    short = Path(tempfile.gettempdir()) / f"eiso-{os.getuid()}-{instance.digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError(f"{short} belongs to somebody else")
    return short / "supervisor.sock"


def configuration(platform: Platform) -> str:
    """supervisord.conf; it holds the processes' secrets, so only its owner may read it."""
    environments = environment.all_environments(platform)
    programs = [
        _program(platform.instance, name, command, environments[name], priority)
        for priority, (name, command) in enumerate(commands().items(), start=1)
    ]
    return _daemon(platform.instance) + "".join(programs)


def _daemon(instance: Instance) -> str:
    socket = _escaped(str(socket_path(instance)))
    runs_as = "user=root\n" if os.geteuid() == 0 else ""
    return f"""[supervisord]
nodaemon=true
silent=true
{runs_as}logfile={_escaped(str(instance.logs / "supervisord.log"))}
pidfile={_escaped(str(instance.pids / "supervisord.own.pid"))}
childlogdir={_escaped(str(instance.logs))}
[unix_http_server]
file={socket}
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{socket}
"""


def _program(
    instance: Instance, name: str, command: list[str], values: Mapping[str, str], priority: int
) -> str:
    # Two arenas: with eventlet and thread pools glibc would keep one per core and thread.
    more = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
    given = ",".join(f'{key}="{_escaped(value)}"' for key, value in {**values, **more}.items())
    # Whatever ran for a second has started, and no one is given up: who dies again and again waits a second
    # longer each time, and needs no hands once the cause is gone.
    return f"""[program:{name}]
command={_escaped(" ".join(command))}
directory={_escaped(str(ROOT))}
environment={given}
priority={priority}
autorestart=true
startsecs=1
startretries=100000
stopwaitsecs=20
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={_escaped(str(log_file(instance, name)))}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


def _escaped(value: str) -> str:
    """supervisord reads `%` as a reference."""
    return value.replace("%", "%%")
