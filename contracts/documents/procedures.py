"""How work is to be done: the steps of a procedure, their durations, the dossier and the forms."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from contracts.base import Form, Name, Prose, text

TthcCode = Annotated[str, text(Form.NUMBER, 0, 40, r"^[0-9]\.[0-9]{6}([.0-9A-Z]+)?\Z")]


class DurationUnit(StrEnum):
    """How a duration is counted. `office_hours` ("giờ hành chính") is done at once and counts nothing."""

    WORKING_DAY = "working_day"
    WORKING_HOUR = "working_hour"
    CALENDAR_DAY = "calendar_day"
    OFFICE_HOURS = "office_hours"


@dataclass(kw_only=True)
class Duration:
    """An amount of time in halves of its unit: 0.5 working day is half a day."""

    amount: Annotated[float, Meta(ge=0, le=3650, multiple_of=0.5)]
    unit: DurationUnit


@dataclass(kw_only=True)
class ProcedureStep:
    """One row of a procedure; `shares_duration_of` is the `seq` of the row whose duration covers it too."""

    seq: Annotated[int, Meta(ge=1, le=500)]
    number: Annotated[str, text(Form.LINE, 1, 40)]
    responsible: Name
    content: Prose
    duration: Duration | None = None
    shares_duration_of: int | None = None
    block: Annotated[str, text(Form.LINE, 0, 300)] | None = None
    returns_to: Annotated[str, text(Form.LINE, 0, 40)] | None = None
    result: Prose | None = None


@dataclass(kw_only=True)
class DossierComponent:
    """A paper that an applicant hands in."""

    number: Annotated[str, text(Form.LINE, 1, 20)]
    name: Prose
    copy_type: Annotated[str, text(Form.LINE, 0, 80)] | None = None
    quantity: Annotated[int, Meta(ge=0, le=100)] = 1


@dataclass(kw_only=True)
class FormReference:
    """A form the procedure uses and where it comes from."""

    name: Annotated[str, text(Form.LINE, 1, 1000)]
    reference: Annotated[str, text(Form.LINE, 0, 500)] | None = None


@dataclass(kw_only=True)
class ProcedureContent:
    """What a procedure lays down: its legal time, bases, dossier, forms and steps."""

    tthc_code: TthcCode | None = None
    field_of_work: Annotated[str, text(Form.LINE, 0, 200)] | None = None
    legal_time: Duration | None = None
    legal_bases: list[Annotated[str, text(Form.LINE, 0, 500)]] = field(default_factory=list)
    components: list[DossierComponent] = field(default_factory=list)
    forms: list[FormReference] = field(default_factory=list)
    steps: Annotated[list[ProcedureStep], Meta(max_length=500)] = field(default_factory=list)
