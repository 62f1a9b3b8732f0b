"""What a run was measured on: processor, memory, versions and the day, and nothing that names the machine."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("nameko", "kombu", "pika", "strawberry-graphql", "uvicorn", "sqlalchemy", "psycopg", "msgspec")


def described() -> dict[str, str]:
    """Name to value, for people and programs alike."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpus": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{_memory_gib():.0f} GiB",
        "load before": f"{os.getloadavg()[0]:.1f} (1 min)",
        "python": platform.python_version(),
        "kernel": platform.release().partition("-")[0],
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
