"""Start a server in a process group of its own, know it again after a crash, and stop only that."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import account

# The shell writes its own pid and becomes the server, so that no moment exists in which the
# server runs and its pid is not on file, even if its parent is killed meanwhile.
LAUNCH = 'echo $$ > "$0" && exec "$@"'
TOOL_SECONDS = 120
EXEC_SECONDS = 2
"""How long a program may take to become another; one of the system itself has no environment ever."""
MARK = "EISO_LOCAL_PROCESS"
_children: dict[Path, subprocess.Popen[bytes]] = {}


class DidNotStart(Exception):
    """A server did not come up; the message ends with the last lines of its log."""


def run_tool(command: Sequence[str], *, folder: Path | str = "/", **environment: str) -> str:
    """Run one of a server's own tools as the servers' account and return what it printed."""
    done = subprocess.run(
        [*account().prefix, *command],
        env={**os.environ, **environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TOOL_SECONDS,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise DidNotStart(f"{' '.join(command[:4])}: {said}")
    return done.stdout


def _environment_of(pid: int) -> Sequence[bytes]:
    """What a living program was given; nothing of one that has ended and was not buried yet."""
    limit = time.monotonic() + EXEC_SECONDS
    while True:
        known = Path(f"/proc/{pid}/environ").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            return ()
        # While a program becomes another (exec), its environment reads as empty, though it lives.
        if known or time.monotonic() > limit:
            return known.split(b"\0")
        time.sleep(0.001)


@dataclass(frozen=True, kw_only=True)
class Process:
    """One long-running program of an instance; `mark` distinguishes it from a stranger with its old pid."""

    name: str
    pid_file: Path
    log_file: Path

    @property
    def mark(self) -> str:
        return f"{MARK}={self.pid_file}"

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        as_account: bool = True,
    ) -> None:
        """Run the command detached; the caller waits for it to be ready."""
        known = {**os.environ, **(environment or {}), MARK: str(self.pid_file)}
        prefix = account().prefix if as_account else ()
        with self.log_file.open("ab") as log:
            _children[self.pid_file] = subprocess.Popen(
                ["/bin/sh", "-c", LAUNCH, str(self.pid_file), *prefix, *command],
                env=known,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def pid(self) -> int | None:
        """The pid, if it is alive and still the program that was started."""
        if child := _children.get(self.pid_file):
            child.poll()  # buries it if it has ended, else it stays in the table as a zombie
        try:
            pid = int(self.pid_file.read_text())
            known = _environment_of(pid)
        except (OSError, ValueError):
            return None
        return pid if self.mark.encode() in known else None

    def wait(self, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """Poll until ready; a program that ended meanwhile is reported at once, not at the limit."""
        limit = time.monotonic() + seconds
        while not is_ready():
            if self._has_ended():
                raise DidNotStart(f"{self.name} ended while starting\n{self.last_lines()}")
            if time.monotonic() > limit:
                raise DidNotStart(f"{self.name}: not ready after {seconds:g} s\n{self.last_lines()}")
            time.sleep(0.1)

    def _has_ended(self) -> bool:
        """A child says so itself; its pid file may not be written yet in its first moments."""
        child = _children.get(self.pid_file)
        return child.poll() is not None if child else self.pid() is None

    def stop(self, *, how: int = signal.SIGTERM, seconds: float = 30) -> None:
        """End the program and its group, kindly first; one that is not there is no error."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, how)
            if not self._gone(seconds):
                os.killpg(pid, signal.SIGKILL)
                self._gone(10)
        self.pid_file.unlink(missing_ok=True)

    def _gone(self, seconds: float) -> bool:
        limit = time.monotonic() + seconds
        while self.pid() is not None:
            if time.monotonic() > limit:
                return False
            time.sleep(0.05)
        return True

    def last_lines(self, count: int = 15) -> str:
        if not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-count:])
