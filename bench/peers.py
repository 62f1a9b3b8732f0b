"""The libraries that only a comparison needs: pinned by hash, kept apart from the product's own."""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(sys.prefix) / "bench-peers"


class NoPeers(Exception):
    """The peers could not be installed, so there is nothing to compare with."""


def ready() -> None:
    """Install them unless they are there, and let them be imported after our own packages."""
    done, wanted = FOLDER / "complete", sha256((HERE / "peers.lock").read_bytes()).hexdigest()
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
        _install()
        done.write_text(wanted)
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))


def _install() -> None:
    target = ["pip", "install", "--quiet", "--target", str(FOLDER), "--require-hashes"]
    command = [sys.executable, "-m", "uv", *target, "-r", str(HERE / "peers.lock")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise NoPeers(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "uv")
