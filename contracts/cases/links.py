"""Liên thông: which agency lets which other bring it dossiers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.base import Command, Form, Question, Reason, text

Basis = Annotated[str, text(Form.LINE, 3, 500)]


@dataclass(kw_only=True)
class AgencyLinkView:
    """A link: `receiving_agency_id` may bring dossiers that `competent_agency_id` answers for.

    It holds from `valid_from` to the eve of `valid_to`, for dossiers received on these days.
    """

    id: UUID
    version: int
    competent_agency_id: UUID
    receiving_agency_id: UUID
    basis: str
    valid_from: date
    valid_to: date | None


@dataclass(kw_only=True)
class ListAgencyLinks(Question[list[AgencyLinkView]]):
    """The links of an agency, as the competent or as the receiving one, those that ended among them."""

    agency_id: UUID


@dataclass(kw_only=True)
class LinkAgencies(Command[AgencyLinkView]):
    """Let another agency bring dossiers that one's own answers for, by a procedure of that other agency.

    `agency_id`: the competent agency, which gives its consent. `valid_from` may lie in the past where the
    other agency is to bring what it received since.
    """

    agency_id: UUID
    receiving_agency_id: UUID
    basis: Basis
    valid_from: date
    valid_to: date | None = None


@dataclass(kw_only=True)
class EndAgencyLink(Command[AgencyLinkView]):
    """Let no more dossiers be brought from a day on; those that were brought stay."""

    link_id: UUID
    expected_version: int
    valid_to: date
    reason: Reason
