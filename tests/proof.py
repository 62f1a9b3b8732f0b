"""The long proofs: tests marked `proof` at full length, and their report in docs/proof/report.md.

python -m tests.proof [pytest options, for instance -k plans]
KILLS: how often each point and each victim is killed (50). AWAY: seconds without the broker (1,800).
Groups of one lane run one after the other, lanes side by side: what waits leaves the processors to others.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kernel.base import clock
from tests import upgrade
from tests.mutation import __main__ as mutation
from tests.run import ROOT, servers

REPORT = ROOT / "docs" / "proof" / "report.md"
KILLING = ("tests/faults/test_crash_points.py", "tests/faults/test_servers.py")
AWAY = "tests/faults/test_outages.py"
OTHERS = ["tests/faults", *(f"--ignore={each}" for each in (*KILLING, AWAY))]
# Service tests patch sockets for eventlet; what needs no servers runs by itself.
LANES = {
    "services": (["tests/unit"], ["tests/integration"], OTHERS),
    "kills": ([*KILLING],),
    "away": ([AWAY],),
}


@dataclass(frozen=True)
class Proof:
    """One test as it ran: the place it stands, its sentence, and the figures it noted."""

    where: str
    sentence: str
    seconds: float
    figures: str
    outcome: str


def main(arguments: Sequence[str]) -> int:
    """Zero if everything held. The report is written by whole runs only."""
    proofs, codes = [], []
    with servers() as are_up, tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(LANES)) as pool:
        lanes = LANES if are_up else {}
        running = [
            pool.submit(_lane, name, groups, Path(folder), arguments) for name, groups in lanes.items()
        ]
        for lane in running:
            for code, found in lane.result():
                codes.append(code)
                proofs += list(_read(found)) if found.exists() else []
    if not arguments:
        # The quick tests themselves: whether they notice that a rule became another.
        codes.append(mutation.main([]))
        proofs.append(_upgraded())
        codes.append(int(proofs[-1].outcome != "held"))
    if proofs and not arguments:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(_report(proofs), "utf-8")
    print(f"{len(proofs)} proofs, {sum(each.outcome != 'held' for each in proofs)} failed", flush=True)
    # 5: a group in which the options left nothing
    return 0 if all(code in (0, 5) for code in codes) and proofs else 1


def _upgraded() -> Proof:
    """The release before fills a platform, this one takes it over."""
    began, outcome = time.monotonic(), "held"
    try:
        took = upgrade.upgraded(upgrade.BEFORE)
    except Exception as failure:  # whatever it is, the report of all the others is written
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        took, outcome = {}, "failed"
    return Proof(
        where="upgrade",
        sentence="a platform that the release before filled is taken over with all it holds",
        seconds=time.monotonic() - began,
        figures=", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()),
        outcome=outcome,
    )


def _lane(
    name: str, groups: Sequence[list[str]], folder: Path, arguments: Sequence[str]
) -> list[tuple[int, Path]]:
    """The exit code and the report of each of its groups."""
    found = [folder / f"{name}-{place}.xml" for place in range(len(groups))]
    return [
        (_run(name, group, report, arguments), report) for group, report in zip(groups, found, strict=True)
    ]


def _run(lane: str, group: list[str], found: Path, arguments: Sequence[str]) -> int:
    own = {"EISO_PROOF": "1", "EISO_FAULTS_INSTANCE": f"faults-{lane}"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-m",
        "proof",
        "-o",
        "junit_family=xunit1",
        f"--junitxml={found}",
        *group,
        *arguments,
    ]
    return subprocess.run(command, cwd=ROOT, env=os.environ | own, check=False).returncode


def _read(found: Path) -> Iterator[Proof]:
    for case in ET.parse(found).iter("testcase"):
        noted = [f"{each.get('name')} {each.get('value')}" for each in case.iter("property")]
        failed = case.find("failure") is not None or case.find("error") is not None
        yield Proof(
            where=(case.get("classname") or "").removeprefix("tests."),
            sentence=(case.get("name") or "").removeprefix("test_").replace("_", " "),
            seconds=float(case.get("time") or 0),
            figures=", ".join(noted),
            outcome="skipped" if case.find("skipped") is not None else "failed" if failed else "held",
        )


def _report(proofs: list[Proof]) -> str:
    head = f"""# Các phép thử dài / Long proofs

`make proof` chạy các phép thử này ở độ dài đầy đủ và ghi trang này; `make test` chạy bản ngắn của chúng.
`make proof` runs these at full length and writes this page; `make test` runs them short.
Lần chạy / Run: {clock.today():%d/%m/%Y}, {_machine()}.

| phép thử / proof | số liệu / figures | giây / seconds | kết quả / outcome |
|---|---|---:|---|
"""
    rows = (
        f"| {each.sentence} (`{each.where}`) | {each.figures} | {each.seconds:.1f} | {each.outcome} |"
        for each in sorted(proofs, key=lambda each: (each.where, each.sentence))
    )
    return head + "\n".join(rows) + "\n"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} CPU, {memory:.0f} GiB, {system}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
