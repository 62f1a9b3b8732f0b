"""Memory of processes as PSS: shared pages are counted once, divided among those that share them."""

from collections import defaultdict
from pathlib import Path


def family(root: int) -> set[int]:
    """A process and everything it started."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children[int(after_name[1])].append(int(stat.parent.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children[pid]
    return found


def pss(pids: set[int]) -> int:
    """Bytes; a process that ended meanwhile counts nothing."""
    return sum(_pss_of(pid) for pid in pids)


def _pss_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
