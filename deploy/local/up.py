"""The whole platform of an instance: servers, migrations, processes, first data; and its end."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local import environment, observe, servers, supervision
from deploy.local.following import Follower
from deploy.local.instance import ROOT, Instance, is_observed
from deploy.local.platform import Platform
from deploy.local.process import DidNotStart
from deploy.local.year_of_work import YearOfWork
from deploy.platform import migrating
from deploy.platform.answering import process_answers
from deploy.platform.migrating import StepFailed
from deploy.speech import complain, say

READY_WITHIN = 90


class AlreadyRunning(Exception):
    """Another command keeps this instance up."""


class HalfRestored(Exception):
    """What is there was put back from an archive only in part."""


@contextmanager
def running(name: str, *, demo: Sequence[str] | None = ()) -> Iterator[Platform]:
    """A platform that is up and ready inside the block and stopped after it.

    `demo`: options for the demonstration's loader on the first start; None loads nothing.
    """
    instance = Instance.named(name)
    with the_only_keeper(instance):
        if instance.half_restored.exists():
            raise HalfRestored(instance.name)
        try:
            yield _start(instance, demo)
        finally:
            servers.stop(name)


@contextmanager
def the_only_keeper(instance: Instance) -> Iterator[None]:
    """Held as long as the platform is kept up; the system lets go of it if the keeper is killed."""
    instance.make()
    with (instance.folder / "keeper").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(instance.name) from None
        yield


def _start(instance: Instance, demo: Sequence[str] | None) -> Platform:
    say("deploy_servers_starting", instance=instance.name)
    with _timed("deploy_phase_servers"):
        platform = servers.ensure(instance.name, _said, once_postgres=migrate)
    with _timed("deploy_phase_processes"):
        supervision.start(platform)
        wait_until_ready(platform)
    if is_observed():
        observe.start(platform)
    if demo is not None:
        _load_demo(platform, demo)
    return platform


def _said(server: str, seconds: float) -> None:
    say("deploy_server_ready", server=server, seconds=seconds)


@contextmanager
def _timed(code: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(code, seconds=time.monotonic() - began)


def migrate(platform: Platform) -> None:
    """Each service's database to its head; then the directory's first records."""
    _log(platform, *migrating.migrate(platform))
    done = platform.instance.folder / "bootstrapped"
    if not done.exists():
        values = environment.of_bootstrap(platform)
        _log(platform, migrating.one_shot(values, "services.directory.bootstrap"))
        done.touch()


def _log(platform: Platform, *said: str) -> None:
    with (platform.instance.logs / "one-shots.log").open("a") as log:
        log.writelines(said)


def wait_until_ready(platform: Platform) -> None:
    """Until every process says it is ready; else the log of one that is not."""
    limit = time.monotonic() + READY_WITHIN
    waiting = platform.ready_addresses
    while waiting:
        waiting = {name: url for name, url in waiting.items() if not process_answers(url)}
        if not supervision.supervisor(platform.instance).pid() and time.monotonic() > limit - 80:
            raise DidNotStart(supervision.supervisor(platform.instance).last_lines())
        if waiting and time.monotonic() > limit:
            name = next(iter(waiting))
            log = supervision.log_file(platform.instance, name)
            raise DidNotStart(f"{', '.join(waiting)}\n{_tail(log)}")
        time.sleep(0.1)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""


def _load_demo(platform: Platform, options: Sequence[str]) -> None:
    """The demonstration province through the gateway, once; its own progress is shown."""
    done = platform.instance.folder / "demo-loaded"
    if done.exists():
        return
    with _timed("deploy_phase_demo"):
        command = [sys.executable, "-m", "demo.province.load", "--platform", str(platform.file)]
        if subprocess.run([*command, *options], cwd=ROOT, check=False).returncode:
            raise StepFailed("demo.province.load")
    done.touch()


def run(instance: Instance, *, with_year: bool = True) -> int:
    """`make run`: up until Ctrl-C, SIGTERM, a closed terminal, or until somebody stops it.

    `with_year`: then lay a year of work out over the demonstration province, beside the running platform.
    """
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt(told_to_stop))
    began = time.monotonic()
    try:
        with running(instance.name) as platform:
            say("deploy_ready", seconds=time.monotonic() - began)
            _show_addresses(platform)
            code = _keep(platform, told_to_stop, YearOfWork(platform.instance), with_year=with_year)
    except KeyboardInterrupt:
        code = 130
    except AlreadyRunning:
        complain("deploy_already_running", instance=instance.name)
        return 1
    except HalfRestored:
        complain("deploy_half_restored", instance=instance.name)
        return 1
    except StepFailed as failure:
        complain("deploy_step_failed", what=failure)
        code = 1
    say("deploy_stopped", instance=instance.name)
    return code


def _interrupt(told_to_stop: threading.Event) -> None:
    """The first asks to stop, also in the middle of starting; more do not disturb the stopping."""
    if not told_to_stop.is_set():
        told_to_stop.set()
        raise KeyboardInterrupt


def _keep(platform: Platform, told_to_stop: threading.Event, year: YearOfWork, *, with_year: bool) -> int:
    """Load the year of work if wanted, then show the logs until the end; Ctrl-C is how it is meant to end.

    The logs wait for the load: its thousands of commands would bury how far it is.
    """
    follower: Follower | None = None
    try:
        if with_year and year.is_needed:
            year.start()
        else:
            year.leave_out()
        while not told_to_stop.wait(1):
            if not supervision.supervisor(platform.instance).pid():
                complain("deploy_stopped_elsewhere", instance=platform.instance.name)
                return 1
            if not year.goes_on() and follower is None:
                follower = _follow(platform)
    except KeyboardInterrupt:
        pass
    finally:
        year.stop()
        if follower is not None:
            follower.stop()
        say("deploy_stopping", instance=platform.instance.name)
    return 0


def _follow(platform: Platform) -> Follower:
    names = supervision.commands()
    follower = Follower({name: supervision.log_file(platform.instance, name) for name in names})
    follower.start()
    return follower


def _show_addresses(platform: Platform) -> None:
    rows = {
        "deploy_address_gateway": f"{platform.gateway_url}/",
        "deploy_address_graphql": f"{platform.gateway_url}/graphql",
        "deploy_address_mail": f"{platform.mail_url}/",
    }
    if is_observed():
        rows["deploy_address_prometheus"] = f"{observe.address(platform)}/alerts"
        rows["deploy_traces"] = (
            f"{sys.executable} -m deploy.observe.trace --instance {platform.instance.name}"
        )
    for code, address in rows.items():
        say(code, address=address)
    if platform.instance.accounts_file.exists():
        say("deploy_accounts")
        accounts = json.loads(platform.instance.accounts_file.read_text())
        for account in accounts:
            who = f"{account['title']}, {account['agency']} ({account['name']})"
            print(f"  {account['username']:<12} {account['password']:<16} {who}", flush=True)
    say("deploy_until_interrupt", pid=os.getpid())
