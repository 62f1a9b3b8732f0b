"""The walls around the platform's own code: what deploys it, operates it and shows it."""

import re
import subprocess
import sys

import pytest

from tests.architecture.house import circle
from tests.architecture.source import OURS, ROOT, files, imported, starts

LEAVES = {"deploy.speech", "deploy.units"}
"""The operators' words and the country's communes: they know nobody and anybody may use them."""
TOLD = {"contracts", "worktime", "kernel.base"}
"""The shared language, and what may be known of the kernel outside of it."""

MAY_KNOW_OF_OURS = {
    "deploy/speech.py": {"contracts.messages"},
    "deploy/units": set(),
    "deploy/platform": {"deploy.platform", "contracts", "kernel.base"},
    "deploy/observe": {"deploy.observe", "deploy.platform", *LEAVES},
    "deploy/local": {"deploy.local", "deploy.platform", "ops", *TOLD, *LEAVES},
    "ops": {
        "ops",
        "client",
        "deploy.platform",
        "contracts",
        "kernel",
        "org",
        *LEAVES,
    },
    "client": {"client"},
    "demo": {"demo", "client", "deploy.platform", *TOLD, *LEAVES},
}
PACKAGES = ("deploy", "ops", "client", "demo")


@pytest.mark.parametrize("package", MAY_KNOW_OF_OURS)
def test_a_package_imports_only_what_it_may(package):
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(package)
        for name in imported(path)
        if name.partition(".")[0] in OURS and not starts(name, MAY_KNOW_OF_OURS[package])
    }
    assert not strays


def test_no_package_knows_another_that_knows_it():
    """A folder is one thing here: two that need each other are one room with two names."""
    names = {path.parent for package in PACKAGES for path in files(package)}
    packages = {".".join(path.relative_to(ROOT).parts) for path in names}
    graph = {package: set() for package in packages}
    for package in PACKAGES:
        for path in files(package):
            here = ".".join(path.parent.relative_to(ROOT).parts)
            for name in imported(path):
                there = name
                while there and there not in packages:
                    there = there.rpartition(".")[0]
                # What lies inside a package is its own to use, and may use what it lies in.
                if there and not starts(there, {here}) and not starts(here, {there}):
                    graph[here].add(there)
    assert not circle(graph)


def test_the_operators_command_loads_nothing_of_one_machine_and_no_demonstration():
    strange = ("deploy.local", "demo")
    code = f"import sys, ops.cli; print([m for m in sys.modules if m.startswith({strange!r})])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


BUILDS = {"ops/archive/databases.py", "ops/doctor/stores.py"}
"""A restore writes, and the doctor tries every role; all else only reads."""


def test_operators_read_databases_by_the_role_that_only_reads():
    stronger = re.compile(r"admin_url|owner_url|database_url|_app\b|_owner\b")
    found = {str(path.relative_to(ROOT)) for path in files("ops") if stronger.search(path.read_text("utf-8"))}
    assert found == BUILDS
