"""Who may know whom (docs/architecture.md): a stray import fails here, not in a review."""

import re
import subprocess
import sys

import pytest

from tests.architecture.source import OURS, ROOT, SERVICES, files, imported, starts

BUS = {"nameko", "eventlet", "kombu", "amqp", "pika"}
DATA = {"sqlalchemy", "psycopg", "alembic"}

MAY_KNOW_OF_OURS = {
    "contracts": {"contracts"},
    "worktime": {"worktime", "contracts"},
    "kernel": {"kernel", "contracts", "worktime"},
    "gateway": {
        "gateway",
        "contracts",
        "kernel.base.wire",
        "kernel.base.errors",
        "kernel.base.text",
        "kernel.life",
        "kernel.base.clock",
    },
    "org": {"org", "kernel", "contracts", "worktime"},
    **{
        f"services/{name}": {f"services.{name}", "contracts", "kernel", "org", "worktime"}
        for name in SERVICES
    },
}
DOMAINS = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("services/*/*/domain*"))]
DOMAIN_MAY_KNOW = {
    "contracts",
    "worktime",
    "kernel.base.aggregate",
    "kernel.base.errors",
    "kernel.base.text",
    "org.acted",
}


@pytest.mark.parametrize("layer", MAY_KNOW_OF_OURS)
def test_a_layer_imports_only_what_it_may(layer):
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(layer)
        for name in imported(path)
        if name.partition(".")[0] in OURS and not starts(name, MAY_KNOW_OF_OURS[layer])
    }
    # The launcher is the one place that finds a service by its name.
    assert not strays


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_is_pure_and_knows_domains_of_its_own_service_only(domain):
    own = ".".join(domain.split("/")[:2])
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(domain)
        for name in imported(path)
        if name.partition(".")[0] in OURS
        and not starts(name, DOMAIN_MAY_KNOW)
        and not re.match(rf"{re.escape(own)}\.\w+\.domain\b", name)
    }
    assert list(files(domain))
    assert not strays


MAY_NOT_KNOW = {
    "contracts": BUS | DATA | {"strawberry"},
    "gateway": {"nameko", "eventlet", "kombu", "amqp", *DATA},
    "org": BUS,
    "services/*/*/domain*": BUS | DATA | {"kernel.base.clock", "datetime.datetime.now"},
    "services/*/policy.py": BUS | DATA,
    "services/*/service.py": BUS | DATA,
    "services": {"kombu", "amqp", "pika", "nameko"},
    "ops": {"nameko", "eventlet", "kombu"},
}


@pytest.mark.parametrize("layer", MAY_NOT_KNOW)
def test_a_layer_keeps_away_from_what_is_not_its_business(layer):
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(layer)
        for name in imported(path)
        if starts(name, MAY_NOT_KNOW[layer])
    }
    assert not strays


@pytest.mark.parametrize("module", ["gateway.app", "ops.cli"])
def test_what_is_not_green_loads_no_eventlet(module):
    code = f"import sys, {module}; print([m for m in ('eventlet', 'nameko', 'kombu') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_clock_asks_what_time_it_is():
    strays = {
        str(path.relative_to(ROOT))
        for path in files("kernel", "services", "gateway")
        if path != ROOT / "kernel" / "base" / "clock.py"
        and any(
            f in path.read_text("utf-8") for f in ("datetime.now(", "date.today(", "time.time(", "utcnow(")
        )
    }
    assert not strays


def test_no_file_is_longer_than_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files(*OURS)
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long


def test_every_module_says_what_it_is_for():
    import ast

    silent = {
        str(path.relative_to(ROOT))
        for path in files("contracts", "worktime", "kernel", "org", "services", "gateway", "ops", "deploy")
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    }
    assert not silent


AT_THE_ROOT = {
    "__init__.py",
    "service.py",
    "settings.py",
    "policy.py",
    "metadata.py",
    "resources.py",
    "bootstrap.py",
}
ROOMS = {"domain", "handlers", "queries", "repository", "tables", "reactions", "sweeps"}
"""What the files of a subject are called after; a subject may have more, named after what they do."""


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_sorted_by_subject(name):
    root = ROOT / "services" / name
    assert {path.name for path in root.glob("*.py")} <= AT_THE_ROOT
    assert {"service.py", "policy.py", "metadata.py"} <= {path.name for path in root.glob("*.py")}
    folders = (path for path in root.iterdir() if path.is_dir() and path.name not in NO_SUBJECT)
    subjects = [path for path in folders if any(path.rglob("*.py"))]
    assert len(subjects) >= 5
    for subject in subjects:
        files = {path.stem for path in subject.iterdir()} - {"__init__", "__pycache__"}
        assert files & ROOMS, f"{subject.name} has none of the rooms"
        assert not files & {"utils", "helpers", "common", "misc"}


NO_SUBJECT = {"migrations", "rules", "__pycache__"}
