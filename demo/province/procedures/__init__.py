"""Procedures of the demonstration province, in the shape of the contracts and in our own words."""

import json
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import msgspec

from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import ProcedureContent

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class DemoProcedure:
    """A document to be created, with the agency it belongs to and where its facts come from."""

    agency_code: str
    kind: DocumentKind
    code: str
    title: str
    summary: str
    basis: str
    procedure: ProcedureContent


def read(name: str) -> DemoProcedure:
    """One procedure by its file's name: `qttp_20`."""
    raw = normalize("NFC", (HERE / f"{name}.json").read_text("utf-8"))
    return msgspec.convert(json.loads(raw), DemoProcedure)


def names() -> list[str]:
    """All of them."""
    return sorted(path.stem for path in HERE.glob("*.json"))
