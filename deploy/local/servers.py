"""The three private servers together: started side by side, stopped in order, found again."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from deploy.local import (
    ceph,
    environment,
    observe,
    postgres,
    private,
    rabbitmq,
    supervision,
)
from deploy.local.account import account, servers_folder
from deploy.local.instance import Instance
from deploy.local.platform import Platform, load, load_or_create
from deploy.platform import bucket, databases, identity_keys, session_token_keys
from deploy.platform.names import CLOSED

Said = Callable[[str, float], None]
Then = Callable[[Platform], None]


def _silent(_server: str, _seconds: float) -> None:
    pass


@contextmanager
def only_one(instance: Instance) -> Iterator[None]:
    """Keep others from starting or stopping the same instance meanwhile; ends with its holder."""
    instance.make()
    with (instance.folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(
    name: str, said: Said = _silent, *, once_postgres: Then | None = None, only: str | None = None
) -> Platform:
    """The running servers of an instance, started if they are not; tests begin with this.

    `once_postgres` is done as soon as the databases are there, while the others still come up. `only`: one
    server, for tests that need no more.
    """
    instance = Instance.named(name)
    os.umask(CLOSED)
    with only_one(instance):
        private.close(instance)
        if not instance.platform_file.exists():
            # Left by a clone that was deleted: the passwords to it are gone, and nothing can open it.
            shutil.rmtree(servers_folder(instance))
        platform = load_or_create(instance)
        session_token_keys.prepare(instance.keys)
        identity_keys.prepare(instance.keys)
        environment.write(platform)
        _start_all(platform, said, once_postgres, only)
    return platform


def _start_all(platform: Platform, said: Said, once_postgres: Then | None, only: str | None) -> None:
    """Each server on a thread; the first failure is raised when all have come to an end."""
    account()  # decided before there are threads, which would each make the system account
    began = time.monotonic()

    def run(server: str, step: Then) -> None:
        step(platform)
        said(server, time.monotonic() - began)
        if server == "PostgreSQL" and once_postgres:
            once_postgres(platform)

    with ThreadPoolExecutor(max_workers=3) as pool:
        steps = {name: step for name, step in _steps(platform).items() if only in (None, name)}
        waiting = [pool.submit(run, server, step) for server, step in steps.items()]
    for step in waiting:
        step.result()


def _steps(platform: Platform) -> dict[str, Then]:
    existing = platform.existing
    return {
        "PostgreSQL": databases.prepare if "postgres" in existing else postgres.start,
        "RabbitMQ": rabbitmq.prepare_existing if "amqp" in existing else rabbitmq.start,
        "Ceph RGW": bucket.prepare if "s3" in existing else _start_store,
    }


def _start_store(platform: Platform) -> None:
    ceph.start(platform)
    ceph.make_users(platform)
    bucket.prepare(platform)


def stop(name: str) -> None:
    """End everything of an instance, processes first; one that never ran is no error."""
    instance = Instance.named(name)
    if not instance.folder.exists():
        return
    with only_one(instance):
        supervision.stop(instance)
        try:
            platform = load(instance, environ={})
        except FileNotFoundError:
            return
        with ThreadPoolExecutor(max_workers=4) as pool:
            waiting = [pool.submit(s.stop, platform) for s in (observe, rabbitmq, ceph, postgres)]
        for step in waiting:
            step.result()


def remove(name: str) -> None:
    """Stop an instance and remove all it kept."""
    stop(name)
    instance = Instance.named(name)
    if instance.folder.exists():
        shutil.rmtree(servers_folder(instance))
        shutil.rmtree(instance.folder)


def are_running(name: str) -> bool:
    """Whether any server of the instance is up."""
    try:
        platform = load(Instance.named(name), environ=os.environ)
    except FileNotFoundError:
        return False
    every = [*rabbitmq.processes(platform), *ceph.processes(platform), postgres.process(platform)]
    return any(process.pid() for process in every)
