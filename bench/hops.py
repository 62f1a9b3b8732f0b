"""Where the time of one request goes: the processor time that each process on its way spent meanwhile."""

import os
import resource

from bench.stage import Stage
from deploy.local import ceph, memory, postgres, rabbitmq, supervised

TICKS = os.sysconf("SC_CLK_TCK")
SMALLEST = 0.05
"""Milliseconds; what spends less a request is not named: services that only look whether there is work."""


class Hops:
    """Begins to count when made. What runs beside the request is counted too: reactions, relay, sealer."""

    def __init__(self, stage: Stage) -> None:
        self.platform = stage.platform
        self.before = self._spent()

    def each(self, count: int) -> str:
        """Milliseconds of processor a request, by process, the dearest first."""
        after = self._spent()
        spent = {name: 1000 * (after[name] - self.before.get(name, 0)) / max(count, 1) for name in after}
        dear = sorted((item for item in spent.items() if item[1] >= SMALLEST), key=lambda item: -item[1])
        return " · ".join(f"{name} {value:.2g}" for name, value in dear)

    def _spent(self) -> dict[str, float]:
        """Seconds of processor since each process began."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        roots: dict[str, list[int | None]] = {
            name: [each["pid"]] for name, each in supervised.processes(self.platform.instance).items()
        }
        roots["PostgreSQL"] = [postgres.process(self.platform).pid()]
        roots["RabbitMQ"] = [each.pid() for each in rabbitmq.processes(self.platform)]
        roots["Ceph"] = [each.pid() for each in ceph.processes(self.platform)]
        families = {
            name: set[int]().union(*(memory.family(pid) for pid in pids if pid))
            for name, pids in roots.items()
        }
        spent = {name: sum(map(_seconds, pids)) for name, pids in families.items()}
        return spent | {"client": own.ru_utime + own.ru_stime}


def _seconds(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            after_name = stat.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / TICKS
