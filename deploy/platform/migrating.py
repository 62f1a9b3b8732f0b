"""Each service's database to the head that this code needs, by a one-shot with its owner's rights."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.platform import environment
from deploy.platform.names import ROOT, SERVICES
from deploy.platform.platform import Platform


class StepFailed(Exception):
    """A one-shot (migrations, bootstrap, first data) ended badly; the message is what it said."""


def migrate(platform: Platform) -> list[str]:
    """All services side by side; what each one-shot said."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        waiting = [pool.submit(_upgrade, platform, service) for service in SERVICES]
    return [step.result() for step in waiting]


def _upgrade(platform: Platform, service: str) -> str:
    values = environment.of_migrations(platform, service)
    return one_shot(values, "kernel.data.migrations", "upgrade", service)


def one_shot(values: Mapping[str, str], *module: str) -> str:
    """Run a module with this environment and no other, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", *module],
        env={**environment.CLEAN, **values},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode:
        raise StepFailed(f"{_named(module)}\n{said.strip()[-2000:]}")
    return f"== {_named(module)}: {done.returncode}\n{said}"


def _named(module: Sequence[str]) -> str:
    return " ".join(module)
