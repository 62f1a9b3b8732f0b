"""The command line: `.venv/bin/python -m deploy.local <command> --instance NAME`."""

import argparse
import logging
import os
import sys
from collections.abc import Callable

from deploy.local import environment, private, servers, supervision, up
from deploy.local.following import Follower
from deploy.local.instance import Instance
from deploy.local.platform import UnknownFormat, load
from deploy.local.process import DidNotStart
from deploy.local.up import StepFailed
from ops.speech import both, complain, say


def _servers(instance: Instance) -> int:
    say("deploy_servers_starting", instance=instance.name)
    servers.ensure(instance.name, lambda server, s: say("deploy_server_ready", server=server, seconds=s))
    return 0


def _down(instance: Instance) -> int:
    servers.stop(instance.name)
    say("deploy_stopped", instance=instance.name)
    return 0


def _clean(instance: Instance) -> int:
    servers.remove(instance.name)
    say("deploy_cleaned", instance=instance.name)
    return 0


def _env(instance: Instance) -> int:
    for process, values in environment.all_environments(load(instance)).items():
        print(f"# {process}")
        print("\n".join(f"{name}={value}" for name, value in values.items()), end="\n\n")
    return 0


def _migrate(instance: Instance) -> int:
    servers.ensure(instance.name, once_postgres=up.migrate)
    say("deploy_migrated", instance=instance.name)
    return 0


def _logs(instance: Instance) -> int:
    names = supervision.commands()
    follower = Follower({name: supervision.log_file(instance, name) for name in names})
    try:
        follower.follow()
    except KeyboardInterrupt:
        return 0


COMMANDS: dict[str, tuple[Callable[[Instance], int], str]] = {
    "up": (up.run, "chạy cả nền tảng đến khi Ctrl-C / run the whole platform until Ctrl-C"),
    "servers": (_servers, "khởi động PostgreSQL, RabbitMQ, Ceph RGW / start the three servers"),
    "down": (_down, "dừng mọi thứ / stop everything"),
    "clean": (_clean, "dừng và xóa dữ liệu / stop and remove the data"),
    "migrate": (_migrate, "nâng cơ sở dữ liệu lên bản mới nhất / upgrade the databases"),
    "logs": (_logs, "xem nhật ký đến khi Ctrl-C / follow the logs until Ctrl-C"),
    "env": (_env, "in biến môi trường của từng tiến trình / print each process's environment"),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy.local",
        description="Nền tảng eISO trên một máy / the whole platform on one machine",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, explained) in COMMANDS.items():
        command = commands.add_parser(name, help=explained, description=explained)
        command.add_argument("--instance", default="run", help="run, story, test … (run)")
        if name == "up":
            command.add_argument("--plain", action="store_true", help=both("lived_plain_help"))
    return parser


def main() -> int:
    """Run one command; what a person can mend is said plainly, without a stack trace."""
    os.umask(private.CLOSED)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    asked = _parser().parse_args()
    instance = Instance.named(asked.instance)
    try:
        if asked.command == "up":
            return up.run(instance, with_year=not asked.plain)
        return COMMANDS[asked.command][0](instance)
    except DidNotStart as failure:
        complain("deploy_did_not_start", what=failure, logs=instance.logs)
    except StepFailed as failure:
        complain("deploy_step_failed", what=failure)
    except UnknownFormat as failure:
        complain("deploy_unknown_format", what=failure)
    return 1


if __name__ == "__main__":
    sys.exit(main())
