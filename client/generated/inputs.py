"""What is given inside of a command. Written by `make client`; change the operations instead."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Required, TypedDict

from client.caller import Day, Id, Shape
from client.generated.enums import AgencyFact, DurationUnit, Role, SeatKind, StandardDuty


class AgencyAmendmentInput(TypedDict, total=False):
    """A AgencyAmendmentInput, as a mapping."""

    aliases: Sequence[str]
    seal_name: str | None
    address: str | None
    phone: str | None
    email: str | None
    standard: StandardDuty | Enum | None
    agency_id: Required[Id]
    code: str | None
    name: str | None
    short_name: str | None
    kind: str | None
    parent_id: Id | None
    clears: Sequence[AgencyFact | Enum]


class AgencyDissolutionInput(TypedDict, total=False):
    """A AgencyDissolutionInput, as a mapping."""

    agency_id: Required[Id]
    successor_ids: Sequence[Id]
    things_to: Id | None


class AgencyMergeInput(TypedDict, total=False):
    """A AgencyMergeInput, as a mapping."""

    from_ids: Required[Sequence[Id]]
    into_id: Required[Id]


class AgencySplitInput(TypedDict, total=False):
    """A AgencySplitInput, as a mapping."""

    agency_id: Required[Id]
    into_ids: Required[Sequence[Id]]
    goes_on: bool
    rest_to: Id | None
    things_to: Id | None


class BlockAgencyInput(TypedDict, total=False):
    """A BlockAgencyInput, as a mapping."""

    block: Required[str]
    agency_id: Required[Id]


class DossierComponentInput(TypedDict, total=False):
    """A DossierComponentInput, as a mapping."""

    number: Required[str]
    name: Required[str]
    copy_type: str | None
    quantity: int


class DurationInput(TypedDict, total=False):
    """A DurationInput, as a mapping."""

    amount: Required[float]
    unit: Required[DurationUnit | Enum]


class FormReferenceInput(TypedDict, total=False):
    """A FormReferenceInput, as a mapping."""

    name: Required[str]
    reference: str | None


class InputNoteInput(TypedDict, total=False):
    """A InputNoteInput, as a mapping."""

    clause: Required[str]
    text: Required[str]


class LegalBasisInput(TypedDict, total=False):
    """A LegalBasisInput, as a mapping."""

    number: Required[str]
    issued_on: Required[Day]
    issued_by: Required[str]
    subject: Required[str]


class NewAgencyInput(TypedDict, total=False):
    """A NewAgencyInput, as a mapping."""

    aliases: Sequence[str]
    seal_name: str | None
    address: str | None
    phone: str | None
    email: str | None
    standard: StandardDuty | Enum | None
    id: Required[Id]
    code: Required[str]
    name: Required[str]
    short_name: Required[str]
    kind: Required[str]
    parent_id: Required[Id]


class PersonRowInput(TypedDict, total=False):
    """A PersonRowInput, as a mapping."""

    line: Required[int]
    staff_number: str
    full_name: str
    email: str
    phone: str
    identity_number: str
    agency_code: str
    title: str
    held_from: str
    held_to: str
    roles: str


class PostingInput(TypedDict, total=False):
    """A PostingInput, as a mapping."""

    position_id: Required[Id]
    agency_id: Required[Id]


class ProcedureContentInput(TypedDict, total=False):
    """A ProcedureContentInput, as a mapping."""

    tthc_code: str | None
    field_of_work: str | None
    legal_time: DurationInput | Shape | None
    legal_bases: Sequence[str]
    components: Sequence[DossierComponentInput | Shape]
    forms: Sequence[FormReferenceInput | Shape]
    steps: Sequence[ProcedureStepInput | Shape]


class ProcedureStepInput(TypedDict, total=False):
    """A ProcedureStepInput, as a mapping."""

    seq: Required[int]
    number: Required[str]
    responsible: Required[str]
    content: Required[str]
    duration: DurationInput | Shape | None
    shares_duration_of: int | None
    block: str | None
    returns_to: str | None
    result: str | None


class ReorganisationPreviewInput(TypedDict, total=False):
    """A ReorganisationPreviewInput, as a mapping."""

    effective_on: Required[Day]
    basis: Required[LegalBasisInput | Shape]
    creations: Sequence[NewAgencyInput | Shape]
    amendments: Sequence[AgencyAmendmentInput | Shape]
    merges: Sequence[AgencyMergeInput | Shape]
    splits: Sequence[AgencySplitInput | Shape]
    dissolutions: Sequence[AgencyDissolutionInput | Shape]
    postings: Sequence[PostingInput | Shape]


class RoleToGrantInput(TypedDict, total=False):
    """A RoleToGrantInput, as a mapping."""

    role: Required[Role | Enum]
    agency_id: Id | None
    with_subtree: bool


class SeatInput(TypedDict, total=False):
    """A SeatInput, as a mapping."""

    kind: Required[SeatKind | Enum]
    position_id: Required[Id]
