"""How long the platform takes to stand, and the memory of everything in it; beside nothing."""

from collections.abc import Iterator

from bench.report import Measurement
from bench.stage import Stage
from deploy.local import ceph, memory, postgres, rabbitmq, supervision


def run(stage: Stage) -> Iterator[Measurement]:
    """Each server with all it started, counted as PSS: shared pages once."""
    note = "first start: new clusters, migrations, first data; without the demonstration"
    yield Measurement(
        row="footprint", what="đến khi sẵn sàng / to ready", unit="s", ours=stage.ready_seconds, note=note
    )
    platform = stage.platform
    servers = {
        "các tiến trình eISO / eISO's processes": (supervision.supervisor(platform.instance),),
        "PostgreSQL": (postgres.process(platform),),
        "RabbitMQ": rabbitmq.processes(platform),
        "Ceph": ceph.processes(platform),
    }
    sizes = {name: _size([each.pid() for each in processes]) for name, processes in servers.items()}
    for name, size in (sizes | {"tất cả / everything": sum(sizes.values())}).items():
        yield Measurement(row="footprint", what=f"PSS: {name}", unit="MiB", ours=size / 2**20)


def _size(roots: list[int | None]) -> int:
    return memory.pss(set().union(*(memory.family(pid) for pid in roots if pid)))
