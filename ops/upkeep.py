"""Having a service do something to itself: a process of its own, with the service's environment and rights.

Operators read everywhere and write nowhere. What changes a service's data, its queues or its trail is
done by the service's own code under its own users, as in any other process of it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from deploy.platform import environment
from deploy.platform.names import ROOT
from deploy.platform.platform import Platform
from deploy.speech import complain, language, said


class UpkeepFailed(Exception):
    """The act could not be done; what it said is `said`."""

    def __init__(self, service: str, words: str) -> None:
        self.service, self.words = service, words
        super().__init__(f"{service}: {words}")


def run_act(platform: Platform, service: str, act: str, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each thing the act reports, as it reports; `UpkeepFailed` when the act could not be done to its end."""
    refused = None
    # Its log goes into a file: through a pipe that nobody reads meanwhile, a long one would stop it.
    with tempfile.TemporaryFile() as log:
        with _process(platform, service, act, log) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(dict(given)).encode())
            process.stdin.close()
            for line in process.stdout:
                answer: dict[str, Any] = json.loads(line)
                if "refused" in answer:
                    refused = answer["refused"]
                else:
                    yield answer
        log.seek(0)
        last = log.read().decode(errors="replace").strip().splitlines()[-1:]
    if refused is not None:
        raise UpkeepFailed(service, _words(refused))
    if process.returncode:
        raise UpkeepFailed(service, " ".join(last) or f"exit {process.returncode}")


def _process(platform: Platform, service: str, act: str, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "kernel.upkeep", service, act],
        env={**environment.CLEAN, **environment.of_service(platform, service)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
    )


def _words(refused: Mapping[str, Any]) -> str:
    """A refusal in the operator's language, with what to do about it; else what the machine said."""
    if "message" not in refused:
        return str(refused.get("detail"))
    remedy = (refused.get("remedy") or {}).get(language())
    return f"{refused['message'][language()]}" + (f" {remedy}" if remedy else "")


def complain_of(failure: UpkeepFailed) -> int:
    """Say that it could not be asked or done; the exit code for that."""
    complain("ops_upkeep_failed", service=failure.service, what=failure.words)
    return 2


def agreed(asked: Any) -> bool:
    """Whether the operator really means it: `--yes`, or the word itself where somebody sits there."""
    if asked.yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(said("ops_really"), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("có", "co", "yes")
