"""The command line: `.venv/bin/python -m deploy.local <command> --instance NAME`."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress

import ops.doctor
import ops.status
import ops.store
from deploy.local import ceph, doctor, environment, restore, servers, staging, status, supervision, up
from deploy.local.following import Follower
from deploy.local.instance import Instance
from deploy.local.platform import Platform, UnknownFormat, load, load_or_create
from deploy.local.process import DidNotStart
from deploy.platform.migrating import StepFailed
from deploy.platform.names import CLOSED
from deploy.speech import both, complain, say
from ops.chosen_platform import NoPlatform
from ops.cli import ended


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
    for process, values in environment.all_environments(_known(instance)).items():
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
    with suppress(KeyboardInterrupt):
        follower.follow()
    return 0


def _known(instance: Instance) -> Platform:
    """The platform of an instance that was started before; `NoPlatform` where it never was."""
    try:
        return load(instance)
    except FileNotFoundError:
        raise NoPlatform("ops_never_started", instance=instance.name) from None


def _store(instance: Instance) -> int:
    """As `eiso store`, by the servers that the environment names now: the settings file is written anew."""
    _known(instance)
    with servers.only_one(instance):
        platform = load_or_create(instance)
        environment.write(platform)
    if "s3" not in platform.existing:
        ceph.make_users(platform)
    return ops.store.prepare(platform, instance.platform_file)


def _status(instance: Instance, *, as_json: bool = False) -> int:
    platform = _known(instance)
    return ops.status.show(platform, status.states_of(platform), as_json=as_json)


def _doctor(instance: Instance, *, as_json: bool = False) -> int:
    code = ops.doctor.show(doctor.examine(instance), as_json=as_json)
    return code if instance.platform_file.exists() else 2


ASKING: dict[str, Callable[..., int]] = {"status": _status, "doctor": _doctor}
"""Commands that answer machines too; what they ask of the servers is `ops`'s."""

COMMANDS: dict[str, tuple[Callable[[Instance], int], str]] = {
    "up": (up.run, "chạy cả nền tảng đến khi Ctrl-C / run the whole platform until Ctrl-C"),
    "servers": (_servers, "khởi động PostgreSQL, RabbitMQ, Ceph RGW / start the three servers"),
    "story": (staging.run, "diễn câu chuyện trên nền tảng mới / play the story on a fresh platform"),
    "down": (_down, "dừng mọi thứ / stop everything"),
    "clean": (_clean, "dừng và xóa dữ liệu / stop and remove the data"),
    "migrate": (_migrate, "nâng cơ sở dữ liệu lên bản mới nhất / upgrade the databases"),
    "store": (_store, "tạo bucket, quyền, người dùng của kho tệp / the store's buckets, rights and users"),
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
        chosen = "story" if name == "story" else "run"
        command.add_argument("--instance", default=chosen, help=f"run, story, test … ({chosen})")
        if name == "up":
            command.add_argument("--plain", action="store_true", help=both("lived_plain_help"))
    for name in ASKING:
        explained = both(f"ops_help_{name}")
        command = commands.add_parser(name, help=explained, description=explained)
        command.add_argument("--instance", default="run", help=both("ops_help_instance"))
        command.add_argument("--json", action="store_true", help=both("ops_help_json"))
    command = commands.add_parser("restore", help=both("ops_help_restore"))
    command.add_argument("--instance", default="run", help=both("ops_help_instance"))
    restore.arguments(command)
    return parser


def main() -> int:
    """Run one command; what a person can mend is said plainly, without a stack trace."""
    os.umask(CLOSED)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    asked = _parser().parse_args()
    try:
        instance = Instance.named(asked.instance)
    except ValueError:
        complain("ops_bad_instance", instance=asked.instance)
        return 2
    try:
        if asked.command == "up":
            return up.run(instance, with_year=not asked.plain)
        if asked.command == "restore":
            return ended(lambda: restore.run(asked))
        if asked.command in ASKING:
            return ended(lambda: ASKING[asked.command](instance, as_json=asked.json))
        return COMMANDS[asked.command][0](instance)
    except NoPlatform as failure:
        complain(failure.code, **failure.facts)
        return 2
    except DidNotStart as failure:
        complain("deploy_did_not_start", what=failure, logs=instance.logs)
    except StepFailed as failure:
        complain("deploy_step_failed", what=failure)
    except UnknownFormat as failure:
        complain("deploy_unknown_format", what=failure)
    return 1


if __name__ == "__main__":
    sys.exit(main())
