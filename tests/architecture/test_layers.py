"""Who may know whom (docs/architecture.md): a stray import fails here, not in a review."""

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
    **{
        f"services/{name}/domain": {
            f"services.{name}.domain",
            "contracts",
            "worktime",
            "kernel.base.aggregate",
            "kernel.base.errors",
            "kernel.base.text",
        }
        for name in SERVICES
    },
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


MAY_NOT_KNOW = {
    "contracts": BUS | DATA | {"strawberry"},
    "gateway": {"nameko", "eventlet", "kombu", "amqp", *DATA},
    "services/*/domain": BUS | DATA | {"kernel.base.clock", "datetime.datetime.now"},
    "services/*/handlers": BUS,
    "services/*/handlers.py": BUS,
    "services/*/queries.py": BUS,
    "services/*/reactions.py": BUS,
    "services/*/projections.py": BUS,
    "services/*/policy.py": BUS | DATA,
    "services/*/tables.py": BUS,
    "services/*/service.py": DATA | {"nameko", "kombu"},
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
        for path in files("contracts", "worktime", "kernel", "services", "gateway", "ops", "deploy")
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    }
    assert not silent


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_the_same_rooms(name):
    rooms = {"domain", "policy.py", "queries.py", "service.py", "tables.py", "migrations"}
    present = {path.name for path in (ROOT / "services" / name).iterdir()}
    assert rooms <= present
    assert {"handlers", "handlers.py"} & present
    assert not {"utils.py", "helpers.py", "common.py", "misc.py"} & present
