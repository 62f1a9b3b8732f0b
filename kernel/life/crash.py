"""Named points where a test may kill the process, to see that nothing is lost there.

`CRASH_AT` names the point for the whole life of a process. `CRASH_FILE` names a file that may come later: the
process that reaches the point written in it takes the file away and dies, so that one file ends one process.
"""

import os
import signal

_AT = os.environ.get("CRASH_AT", "")
_FILE = os.environ.get("CRASH_FILE", "")
_MAY_DIE = bool(_AT or _FILE) and os.environ.get("EISO_MODE") != "production"


def crash_point(name: str) -> None:
    """Die here at once, without cleaning up, if the environment names this point; never in production."""
    if _MAY_DIE and (name == _AT or _is_armed(name)):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_armed(name: str) -> bool:
    """Whether the file is there and names this point; then it is ours and gone."""
    try:
        with open(_FILE) as file:
            if file.read().strip() != name:
                return False
        os.unlink(_FILE)
    except FileNotFoundError:
        return False
    return True
