"""Has a file judged by a process of its own, few at a time, while other calls go on."""

import json
import logging
import sys
from pathlib import Path
from typing import BinaryIO

from eventlet.green import subprocess
from eventlet.semaphore import Semaphore

from kernel.data.judging.rules import CODES, UNREADABLE, Against, rules

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = Semaphore(rules()["process"]["at_once"])


def judged(file: BinaryIO, media_type: str) -> Against | None:
    """What stands against this file; a judge that ran out of time or memory, or broke, could not judge it.

    The process knows nothing of ours: no setting and no secret is in its environment.
    """
    file.seek(0)
    command = [sys.executable, "-P", "-m", "kernel.data.judging.child", media_type]
    surroundings = {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    with AT_ONCE:
        child = subprocess.Popen(
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=surroundings,
            close_fds=True,
        )
        try:
            said, complained = child.communicate(timeout=rules()["process"]["wall_seconds"])
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return Against(UNREADABLE, "time")
    if child.returncode:
        log.warning("judge ended with %s: %s", child.returncode, complained[-500:].decode(errors="replace"))
        return Against(UNREADABLE, f"judge {child.returncode}")
    found = json.loads(said)
    if found is None:
        return None
    return Against(found["code"] if found["code"] in CODES else UNREADABLE, found["where"])
