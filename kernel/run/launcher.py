"""The launcher: `python -m kernel.run documents --role all` starts a process of a service.

It patches the standard library before anything else is imported, has psycopg wait in the hub, and asserts
both: a process that would block its hub does not start.
"""

import os

os.environ.setdefault("PSYCOPG_IMPL", "binary")

import eventlet

eventlet.monkey_patch()

import argparse  # noqa: E402
import signal  # noqa: E402
from importlib import import_module  # noqa: E402

import psycopg  # noqa: E402
from eventlet import patcher  # noqa: E402

from kernel.base import clock  # noqa: E402
from kernel.data import green  # noqa: E402
from kernel.life import garbage, traces  # noqa: E402
from kernel.life import log as lines  # noqa: E402
from kernel.life.settings import from_environ  # noqa: E402
from kernel.run.process import ROLES, Process, means_of  # noqa: E402

green.install()


def assert_green() -> None:
    """Raise unless waiting for the database or the network lets other green threads run."""
    if not all(map(patcher.is_monkey_patched, ("socket", "select", "time", "thread"))):
        raise SystemExit("eventlet has not patched the standard library")
    if not green.is_installed():
        raise SystemExit("psycopg would block the hub: it does not wait as kernel.data.green does")
    if psycopg.pq.__impl__ != "binary":
        raise SystemExit(f"psycopg runs as {psycopg.pq.__impl__}, not as its binary build")


def service_class(name: str) -> type:
    """The service of that name, by the rule that all services follow."""
    module = import_module(f"services.{name}.service")
    found: type = getattr(module, f"{name.title()}Service")
    return found


def main(arguments: list[str]) -> None:
    """Read settings, start the roles, stay until a signal, stop in order."""
    parser = argparse.ArgumentParser(prog="kernel.run", description="Start a process of a service.")
    parser.add_argument("service", help="directory, documents, cases, notify …")
    parser.add_argument("--role", choices=[*ROLES, "all"], default="all")
    given = parser.parse_args(arguments)
    assert_green()
    service = service_class(given.service)
    settings = from_environ(service.settings)  # type: ignore[attr-defined]
    clock.configure(settings.eiso_mode, settings.business_clock_file)
    lines.configure(given.service, settings.log_level, settings.log_format)
    traces.start(given.service, settings.traces_to, settings.traces_share)
    roles = ROLES if given.role == "all" else (given.role,)
    process = Process(service, means_of(service, settings), roles)
    garbage.spare()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: eventlet.spawn_n(process.stop))
    process.start()
    process.wait()
