"""Writes docs/sync-line.schema.json, the JSON Schema of a sync's line, from its contract (`make schema`)."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from contracts.base import EARLIEST, LATEST
from contracts.cases.dossiers import DossierStatus
from contracts.cases.sync import SyncedDossier
from kernel.base.text import camel
from tests.contract.written import keep

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "sync-line.schema.json"
MOMENT = f"Có múi giờ, từ {EARLIEST} đến {LATEST}. With an offset from UTC, between these days."


def schema() -> dict[str, Any]:
    """The schema under the names that the GraphQL schema has; nothing beyond them is taken."""
    made = msgspec.json.schema(SyncedDossier)
    shapes = {name: _shown(name, shape) for name, shape in made["$defs"].items()}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Một dòng đồng bộ hồ sơ",
    }
    return head | {"$ref": made["$ref"], "$defs": shapes}


def _shown(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    if name == DossierStatus.__name__:
        return shape | {"enum": [each.name for each in DossierStatus]}
    properties = {camel(field): _described(about) for field, about in shape["properties"].items()}
    required = [camel(field) for field in shape["required"]]
    return {
        "title": name,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _described(about: dict[str, Any]) -> dict[str, Any]:
    if "pattern" in about:
        # The end of a text is `$` in JSON Schema.
        about = about | {"pattern": about["pattern"].replace("\\Z", "$")}
    if "anyOf" in about:
        about = about | {"anyOf": [_described(each) for each in about["anyOf"]]}
    return about | {"description": MOMENT} if "date-time" in json.dumps(about) else about


def main(arguments: list[str]) -> int:
    """Write, or compare."""
    return keep(COMMITTED, json.dumps(schema(), ensure_ascii=False, indent=2) + "\n", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
