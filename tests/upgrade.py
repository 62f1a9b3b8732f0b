"""Upgrades a platform as operators do: the release before fills it with the story, this one takes it over.

python -m tests.upgrade [--before COMMIT] [--json]
In a clone of its own: `make story` of the release before; then this commit over it, `make setup`,
all processes up on the same data, the operators' proofs, a write, and the proofs anew. Bounded in time.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.platform import settings
from deploy.platform.platform import Platform
from tests.e2e.asking import a_draft
from tests.e2e.conftest import DEPARTMENT, enter

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "5d5465f"
"""The newest release whose files stand otherwise: each issue that changes what is kept names a later one."""
INSTANCE = "story"
PROOFS = (("doctor",), ("reconcile",), ("scrub",))
TAMPERED = {"documents": 1}
"""The story changes one sealed row by hand, to show that it is found: that one is named, and no other."""
UP_WITHIN = 180
STEP = 900


class Failed(Exception):
    """A step did not end well; the message says which, and its last words."""


def main(arguments: Sequence[str]) -> int:
    """Zero if every proof held before and after the write."""
    asked = _parser().parse_args(arguments)
    try:
        took = upgraded(asked.before)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(took) if asked.json else "\n".join(f"{name:<32}{s:>8.1f} s" for name, s in took.items()))
    return 0


def upgraded(before: str) -> dict[str, float]:
    """The seconds of each step."""
    took: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="eiso-upgrade-") as folder:
        # PostgreSQL's and Ceph's own accounts must pass through.
        Path(folder).chmod(0o711)
        clone, here = Path(folder) / "eiso", _git(ROOT, "rev-parse", "HEAD")
        _git(ROOT, "clone", "--quiet", "--no-checkout", str(ROOT), str(clone))
        _git(clone, "checkout", "--quiet", before)
        try:
            _step(took, f"make story ({before})", clone, "make", "story")
            _git(clone, "checkout", "--quiet", here)
            _step(took, "make setup", clone, "make", "setup")
            with _running(took, clone) as platform:
                _prove(took, clone, "taken over")
                asyncio.run(_write(platform))
                _prove(took, clone, "after a write")
        finally:
            _clean(clone)
    return took


def _clean(clone: Path) -> None:
    """Stop and remove what the clone started; nothing where it never got so far as to have an environment."""
    python = clone / ".venv" / "bin" / "python"
    if python.exists():
        command = [str(python), "-m", "deploy.local", "clean", "--instance", INSTANCE]
        subprocess.run(command, cwd=clone, check=False)


def _prove(took: dict[str, float], clone: Path, when: str) -> None:
    for words in PROOFS:
        _step(took, f"{' '.join(words)}, {when}", clone, "bin/eiso", *words, "--instance", INSTANCE)
    verify = ("bin/eiso", "trail", "verify", "--json", "--instance", INSTANCE)
    said = json.loads(_step(took, f"trail verify, {when}", clone, *verify, code=1))
    broken = {service: len(each["breaks"]) for service, each in said.items() if each["breaks"]}
    if broken != TAMPERED:
        raise Failed(f"trail verify, {when}: {broken}, expected {TAMPERED}")


async def _write(platform: Platform) -> None:
    """A new document by somebody whom the release before entered."""
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=30) as http:
        await a_draft(await enter(platform, http, DEPARTMENT, "secretary"))


@contextmanager
def _running(took: dict[str, float], clone: Path) -> Iterator[Platform]:
    began = time.monotonic()
    command = [".venv/bin/python", "-m", "deploy.local", "up", "--plain", "--instance", INSTANCE]
    running = subprocess.Popen(command, cwd=clone, stdout=subprocess.DEVNULL)
    try:
        _until_ready(clone, running, began + UP_WITHIN)
        took["migrations and start"] = time.monotonic() - began
        yield settings.load(clone / ".local" / INSTANCE / "platform.json")
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(timeout=120)
        except subprocess.TimeoutExpired:
            running.kill()


def _until_ready(clone: Path, running: subprocess.Popen[bytes], limit: float) -> None:
    status = [str(clone / "bin" / "eiso"), "status", "--instance", INSTANCE]
    while subprocess.run(status, cwd=clone, capture_output=True, check=False).returncode:
        if running.poll() is not None or time.monotonic() > limit:
            raise Failed("the new release did not come up on the data of the one before")
        time.sleep(1)


def _step(took: dict[str, float], name: str, clone: Path, *command: str, code: int = 0) -> str:
    """What the command says on its output; it must end with `code`."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=clone,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=os.environ | {"LANG": "C.UTF-8"},
        timeout=STEP,
        check=False,
    )
    took[name] = time.monotonic() - began
    if done.returncode != code:
        raise Failed(f"{name}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    print(f"{name}: {took[name]:.1f} s", file=sys.stderr, flush=True)
    return done.stdout


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.upgrade", description=__doc__)
    parser.add_argument("--before", default=BEFORE, help=f"the release that fills the platform ({BEFORE})")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
