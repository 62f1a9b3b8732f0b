"""The private RabbitMQ: own node, own epmd, loopback only, definitions loaded at start."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.account import own, servers_folder
from deploy.local.platform import Platform
from deploy.local.process import DidNotStart, Process, run_tool
from deploy.platform import broker
from deploy.platform.answering import broker_answers, lacking

# Debian's own wrapper in /usr/sbin refuses every account but root's and its own.
SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


def processes(platform: Platform) -> tuple[Process, Process]:
    """The name daemon and the broker, in the order of their start."""
    files = platform.instance
    epmd, node = (
        Process(name=n, pid_file=files.pids / f"{n}.pid", log_file=files.logs / f"{n}.log")
        for n in ("epmd", "rabbitmq")
    )
    return epmd, node


def is_ready(platform: Platform) -> bool:
    """Whether the broker takes the administrator's connection."""
    return broker_answers(platform.amqp_uri("admin"))


def start(platform: Platform) -> None:
    """Start what is not running and wait until it answers."""
    epmd, node = processes(platform)
    folder = servers_folder(platform.instance) / "rabbitmq"
    if node.pid() and epmd.pid() and is_ready(platform):
        _apply_changes(platform, folder)
        return
    stop(platform)
    _write_configuration(platform, folder)
    own(folder)
    environment = _environment(platform, folder)
    port = str(platform.ports["epmd"])
    epmd.start(["epmd", "-address", "127.0.0.1", "-port", port], environment=environment)
    node.start([SERVER], environment=environment, folder=folder)
    node.wait(lambda: is_ready(platform), seconds=90)


def stop(platform: Platform) -> None:
    """The broker writes its queues to disk before it goes."""
    epmd, node = processes(platform)
    node.stop(seconds=60)
    epmd.stop()


def control(platform: Platform, *words: str) -> str:
    """What RabbitMQ's own tool says to a command."""
    folder = servers_folder(platform.instance) / "rabbitmq"
    return run_tool([CONTROL, "--quiet", *words], folder=folder, **_environment(platform, folder))


def _write_configuration(platform: Platform, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    loaded = folder / "definitions.json"
    _write_definitions(platform, loaded)
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text(configuration(platform.ports["amqp"], loaded))


def _apply_changes(platform: Platform, folder: Path) -> None:
    """A broker that an earlier release left running is given this one's users, rights and exchanges."""
    loaded = written(platform)
    before = loaded.read_text()
    _write_definitions(platform, loaded)
    if loaded.read_text() != before:
        own(folder)
        try:
            control(platform, "import_definitions", str(loaded))
        except BaseException:
            loaded.write_text(before)
            raise


def _write_definitions(platform: Platform, file: Path) -> None:
    file.write_text(json.dumps(broker.definitions(platform.passwords, platform.vhosts), indent=1))
    file.chmod(0o600)


def configuration(port: int, definitions: Path) -> str:
    """rabbitmq.conf. Memory is capped in absolute terms: a share of the machine would be gigabytes."""
    return "\n".join(
        [
            f"listeners.tcp.local = 127.0.0.1:{port}",
            "definitions.import_backend = local_filesystem",
            f"definitions.local.path = {definitions}",
            "definitions.skip_if_unchanged = true",
            "vm_memory_high_watermark.absolute = 512MB",
            "disk_free_limit.absolute = 500MB",
            "heartbeat = 60",
            "max_message_size = 16777216",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            "",
        ]
    )


def _environment(platform: Platform, folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(platform.ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "eiso@localhost",
        "RABBITMQ_NODE_PORT": str(platform.ports["amqp"]),
        "RABBITMQ_DIST_PORT": str(platform.ports["amqp_distribution"]),
        "RABBITMQ_ERLANG_COOKIE": platform.passwords["erlang_cookie"],
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG": "-color",
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"),
        # Makes the start script become the broker instead of waiting beside it.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def prepare_existing(platform: Platform) -> None:
    """On a broker that is not ours its operator makes the users, from the file this writes."""
    loaded = written(platform)
    _write_definitions(platform, loaded)
    if not is_ready(platform) or lacking(platform.amqp_uri("admin")):
        raise DidNotStart(
            f"RabbitMQ {urlsplit(platform.amqp_uri('admin')).netloc.rpartition('@')[2]}: "
            f"rabbitmqctl import_definitions {loaded}"
        )


def written(platform: Platform) -> Path:
    """The file of definitions, for private servers and for others' alike."""
    if "amqp" in platform.existing:
        return platform.instance.folder / "definitions.json"
    return servers_folder(platform.instance) / "rabbitmq" / "definitions.json"
