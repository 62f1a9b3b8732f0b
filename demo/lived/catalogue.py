"""The procedures of the lived-in province: read from data, chosen for an agency, made into contents."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

from contracts.documents.documents import DocumentKind
from contracts.documents.procedures import (
    DossierComponent,
    Duration,
    DurationUnit,
    ProcedureContent,
    ProcedureStep,
)
from demo.province.procedures import DemoProcedure
from demo.province.province import Agency

HERE = Path(__file__).parent
PROCEDURES = ("communes", "offices", "departments")
FEWEST, MOST = 3, 5
BACK = "trả lại bước "
"""In the words of a step: where it may send a dossier back to."""
COMMUNE = {
    "counter": "Trung tâm Phục vụ hành chính công",
    "officer": "Công chức chuyên môn",
    "division": "Trưởng phòng chuyên môn",
    "leader": "Lãnh đạo UBND",
}
DEPARTMENT = {
    "counter": "Bộ phận Tiếp nhận và Trả kết quả",
    "officer": "Chuyên viên thụ lý",
    "division": "Lãnh đạo phòng",
    "leader": "Lãnh đạo cơ quan",
}


@dataclass(frozen=True, kw_only=True)
class Template:
    """One procedure as its data file has it; the fields are explained there."""

    code: str
    title: str
    for_: tuple[str, ...]
    field: str
    days: int
    shape: str
    hours: tuple[float, ...]
    weight: int
    result: str
    bases: tuple[str, ...]
    papers: tuple[str, ...]
    tthc: str | None = None
    pause: tuple[str, float] | None = None
    applicant: str = "citizen"
    competent: str | None = None


def words() -> Mapping[str, Any]:
    """What people write."""
    return _read("words")


@cache
def templates() -> tuple[Template, ...]:
    """All procedures, in the order of the files and within each: what is drawn depends on it."""
    files = (_read(f"procedures/{name}") for name in PROCEDURES)
    return tuple(_template(raw) for file in files for raw in file["procedure"])


def chosen(agency: Agency, draw: Random) -> list[Template]:
    """Three to five of those that fit the agency, the weightier ones more likely, its own field always."""
    fitting = [each for each in templates() if agency.kind in each.for_ or agency.code in each.for_]
    own = [each for each in fitting if agency.code in each.for_]
    others = sorted(
        (each for each in fitting if each not in own), key=lambda each: draw.random() ** (1 / each.weight)
    )
    wanted = draw.randint(FEWEST, min(MOST, len(fitting)))
    picked = [*own, *others[::-1]][: max(wanted, len(own))]
    return sorted(picked, key=lambda each: each.code)


def procedure(template: Template, agency: Agency) -> DemoProcedure:
    """The template as a document of this agency."""
    kind = "thủ tục hành chính" if template.tthc else "công việc nội bộ"
    return DemoProcedure(
        agency_code=agency.code,
        kind=DocumentKind.PROCEDURE,
        code=template.code,
        title=template.title,
        summary=f"Cách giải quyết {kind} thuộc lĩnh vực {template.field.lower()} tại {agency.name}.",
        basis="; ".join(template.bases),
        procedure=_content(template, agency),
    )


def _content(template: Template, agency: Agency) -> ProcedureContent:
    papers = enumerate(template.papers, start=1)
    return ProcedureContent(
        tthc_code=template.tthc,
        field_of_work=template.field,
        legal_time=Duration(amount=template.days, unit=DurationUnit.WORKING_DAY),
        legal_bases=list(template.bases),
        components=[
            DossierComponent(number=str(n), name=name, copy_type="Bản chính", quantity=1)
            for n, name in papers
        ],
        steps=[_step(template, seq, _names(agency)) for seq in range(1, len(template.hours) + 1)],
    )


def _step(template: Template, seq: int, names: Mapping[str, str]) -> ProcedureStep:
    responsible, content, result = _read("procedures/shapes")["shapes"][template.shape][seq - 1]
    _, returns, target = content.partition(BACK)
    return ProcedureStep(
        seq=seq,
        number=str(seq),
        responsible=responsible.format_map(names),
        content=content,
        duration=Duration(amount=template.hours[seq - 1], unit=DurationUnit.WORKING_HOUR),
        returns_to=target.rstrip(".") if returns else None,
        result=template.result if seq == len(template.hours) else result,
    )


def _names(agency: Agency) -> Mapping[str, str]:
    return COMMUNE if agency.kind == "commune" else DEPARTMENT


def _template(raw: Mapping[str, Any]) -> Template:
    lists = {name: tuple(raw[name]) for name in ("hours", "bases", "papers", "pause") if name in raw}
    plain = {name: value for name, value in raw.items() if name != "for"}
    return Template(**(plain | lists), for_=tuple(raw["for"]))


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(normalize("NFC", (HERE / f"{name}.toml").read_text("utf-8")))
