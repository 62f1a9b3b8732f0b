"""What docs/sync.md and its JSON Schema say of a line is what the reader of lines does."""

import json
import re

import pytest

from contracts.cases.sync import LARGEST_LINES, MOST_LINES
from gateway.graphql.limits import Limits
from services.cases.sync.lines import BadLine, ReadLine, read
from tests.contract import line_schema
from tests.contract.line_schema import COMMITTED

PAGE = (COMMITTED.parent / "sync.md").read_text("utf-8")
EXAMPLES = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1].strip().splitlines()
SHAPE = json.loads(COMMITTED.read_text("utf-8"))["$defs"]["SyncedDossier"]


def read_one(line):
    [found] = read(json.dumps(line))
    return found


def an_example():
    return json.loads(EXAMPLES[0])


def test_the_committed_schema_is_current():
    assert line_schema.main(["--check"]) == 0, "make schema"


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_page_are_read(line):
    [found] = read(line)
    assert isinstance(found, ReadLine)
    assert set(json.loads(line)) <= set(SHAPE["properties"])


def test_the_page_names_every_field_of_the_schema_and_the_sizes():
    for name in SHAPE["properties"]:
        assert f"`{name}`" in PAGE
    assert f"{MOST_LINES:,} lines and {LARGEST_LINES:,} characters" in PAGE


@pytest.mark.parametrize("name", SHAPE["required"])
def test_a_required_field_is_missed_by_its_name(name):
    lacking = {key: value for key, value in an_example().items() if key != name}
    found = read_one(lacking)
    assert isinstance(found, BadLine)
    assert (found.no.code, found.no.field) == ("field_missing", name)


def test_nothing_beyond_the_schema_is_taken():
    assert SHAPE["additionalProperties"] is False
    found = read_one(an_example() | {"donVi": "x"})
    assert (found.no.code, found.no.field) == ("line_field_unknown", "donVi")


def test_a_full_call_fits_through_the_door_however_it_is_escaped():
    line = json.dumps(an_example() | {"applicantName": "ế" * 300})
    assert "\\u1ebf" in line, "as most programs write it"
    lines = "\n".join([line] * MOST_LINES)[:LARGEST_LINES]
    body = json.dumps({"query": "mutation($l: String!) { … }", "variables": {"l": lines}}).encode()
    plain = json.dumps({"l": "ế" * LARGEST_LINES}, ensure_ascii=False).encode()
    assert max(len(body), len(plain)) < Limits().signed_in_body_bytes
