"""The committed client is what the schema and the operations make, and runs with httpx alone."""

import subprocess
import sys

import pytest
from graphql import parse

from client.generator import files
from client.generator.shapes import NotSupported
from tests.architecture.source import ROOT


def test_the_committed_client_is_current():
    written = files.written()
    kept = {path.name: path.read_text("utf-8") for path in files.INTO.glob("*.py")}
    assert kept.keys() == written.keys(), "make client"
    assert [name for name in written if written[name] != kept[name]] == [], "make client"


def test_every_operation_is_used_by_somebody():
    operations = {
        each.name.value
        for path in files.OPERATIONS.glob("*.graphql")
        for each in parse(path.read_text("utf-8")).definitions
        if each.kind == "operation_definition"
    }
    users = [path for name in ("demo", "ops", "client") for path in (ROOT / name).rglob("*.py")]
    texts = [path.read_text("utf-8") for path in users if "generated" not in path.parts]
    unused = {name for name in operations if not any(f".{files.snake(name)}" in text for text in texts)}
    assert unused == set()


WRONG = {
    "query Nothing { agencies(first: 1) { edges { node { kode } } } }": "kode",
    "query Given($id: Int!) { agency(id: $id) { id } }": "UUID",
    "mutation X($input: SignOutInput!) { signOut(input: $input) { ... on Agency { id } } }": "Agency",
    "subscription Heard { noticePosted { number } }": "subscription",
}


@pytest.mark.parametrize(("operation", "named"), WRONG.items())
def test_what_the_schema_does_not_have_is_refused_by_name(operation, named, tmp_path, monkeypatch):
    (tmp_path / "wrong.graphql").write_text(operation)
    monkeypatch.setattr(files, "OPERATIONS", tmp_path)
    with pytest.raises(NotSupported, match=named):
        files.written()


def test_where_it_runs_it_needs_httpx_and_nothing_of_the_platform():
    code = """
import sys
import httpx
known = {name.partition(".")[0] for name in sys.modules}
import client.gateway
print(sorted({name.partition(".")[0] for name in sys.modules} - known - set(sys.stdlib_module_names)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['client']"
