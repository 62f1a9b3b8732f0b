"""`python -m bench`: measure, show the table, write the report. `make bench` runs all of it.

The platform of its own is started on the loopback, stopped and removed afterwards.
"""

import argparse
import fcntl
import json
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import machine
from bench.report import Measurement, Report
from bench.stage import Stage

INSTANCE = "bench"
ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "proof" / "bench.md"
DEMO = ("--without-documents", "--small")
# What only reads goes first: reactions to what was written go on for a while, and would be measured with it.
ROWS = {
    "deadlines": "hạn mỗi giây và số đúng / deadlines per second, and how many are right",
    "rpc": "gọi qua bus, 16 cùng lúc / calls with 16 in flight",
    "graphql": "danh sách 20 × 4 qua cổng / a list of 20 × 4 through the gateway",
    "uploads": "tải lên 1 MB và 25 MB / uploads of 1 MB and 25 MB",
    "lists": "200.000 hồ sơ, 250 cơ quan / 200,000 dossiers of 250 agencies",
    "country": "nạp một tỉnh, danh sách của người thường / loading a province, an ordinary user's lists",
    "sweep": "quét 3.000 và 300.000 đồng hồ / a sweep over 3,000 and 300,000 clocks",
    "events": "từ ghi đến phản ứng đã ghi / from commit to the consumer's commit",
    "write": "một lệnh trọn vẹn / a whole command",
    "footprint": "thời gian khởi động, bộ nhớ / time to ready, memory",
}
MODULES = {"rpc": "calls", "write": "writes"}
WITHOUT_PLATFORM = {"deadlines"}
HEAD = """# Đo hiệu năng / benchmarks

`make bench` đo lại, ghi đè tệp này. / `make bench` measures again and overwrites this file.

Tỉ lệ = eISO chia cho mốc, cùng một lần chạy: với `/s` lớn hơn là nhanh hơn, với `ms` nhỏ hơn là nhanh hơn.
Máy khách, mọi dịch vụ và máy chủ chung các nhân CPU dưới đây. / The ratio is eISO divided by the baseline of
the same run: for `/s` more is faster, for `ms` less is. Client, services and servers share the processors
named here, one process per service.

"""


def main() -> int:
    """Measure what is asked for; 1 when a row failed, with the others still shown."""
    asked = _parser().parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore", DeprecationWarning)
    wanted = [name for name in ROWS if name in asked.rows]
    described = machine.described()
    measurements, failed = _measured(wanted)
    absent = {name: "không chạy / not asked for" for name in ROWS if name not in wanted} | failed
    report = Report(machine=described, measurements=measurements, absent=absent)
    _show(report, as_json=asked.json)
    if wanted == list(ROWS) and not failed:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(HEAD + report.as_markdown(), "utf-8")
        _print(f"→ {REPORT.relative_to(ROOT)}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    known = "\n".join(f"  {name:<10} {what}" for name, what in ROWS.items())
    parser = argparse.ArgumentParser(
        prog="bench",
        description="Đo eISO bên cạnh thứ thay thế / measure eISO beside what one would use instead",
        epilog=f"hàng / rows:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=_names, default=list(ROWS), help="chỉ các hàng này / only these: a,b")
    parser.add_argument("--json", action="store_true", help="in JSON ra stdout / print JSON")
    return parser


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in ROWS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: có / known: {', '.join(ROWS)}")
    return names


def _measured(wanted: Sequence[str]) -> tuple[list[Measurement], dict[str, str]]:
    measurements: list[Measurement] = []
    failed: dict[str, str] = {}

    def measure(names: Sequence[str], stage: Stage | None) -> None:
        for name in names:
            try:
                measurements.extend(_one(name, stage))
            except Exception as error:
                failed[name] = f"hỏng / failed: {type(error).__name__}: {str(error)[:300]}"
                _print(f"  {name}: {failed[name]}")

    measure([name for name in wanted if name in WITHOUT_PLATFORM], None)
    if standing := [name for name in wanted if name not in WITHOUT_PLATFORM]:
        with _stage() as stage:
            measure(standing, stage)
    return measurements, failed


def _one(name: str, stage: Stage | None) -> list[Measurement]:
    run: Callable[[Any], Iterator[Measurement]] = import_module(f"bench.rows.{MODULES.get(name, name)}").run
    began = time.monotonic()
    _print(f"  {name}: {ROWS[name]} …")
    found = list(run(stage))
    _print(f"  {name}: {time.monotonic() - began:.0f} s")
    return found


@contextmanager
def _stage() -> Iterator[Stage]:
    """A new platform, timed from nothing to ready, and gone afterwards."""
    from deploy.local import servers, up

    with _alone(), _stdout_to_stderr():
        servers.remove(INSTANCE)
        try:
            began = time.monotonic()
            with up.running(INSTANCE, demo=None) as platform:
                seconds = time.monotonic() - began
                _load_demo()
                yield Stage(platform=platform, ready_seconds=seconds)
        finally:
            servers.remove(INSTANCE)


def _load_demo() -> None:
    command = [sys.executable, "-m", "demo.province.load", "--instance", INSTANCE, *DEMO]
    subprocess.run(command, cwd=ROOT, check=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Two at once would measure each other, and the second would remove what the first stands on."""
    folder = ROOT / ".local"
    folder.mkdir(exist_ok=True)
    with (folder / "bench.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("đang đo rồi / another measurement is going on") from None
        yield


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Also for the processes started meanwhile, so that `--json` prints nothing but JSON."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_data(), ensure_ascii=False, indent=1))
    else:
        print(f"\n{report.as_text()}\n")


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
