"""Links between agencies, and the rule they serve: nobody makes another agency answer for a dossier alone."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from contracts.cases import links as c
from kernel.base.errors import Conflict, Invalid, NotFound
from kernel.base.ids import new_id
from kernel.data.periods import lasts
from kernel.work.call import Call
from kernel.work.operations import command, query
from kernel.work.unit_of_work import track
from org import succession
from org.tables import agency_closure, agency_nodes
from services.cases import rules
from services.cases.learnt.appointed import check_still_appointed
from services.cases.links.domain import AgencyLink
from services.cases.links.tables import agency_links


@command(c.LinkAgencies)
def link_agencies(call: Call, command: c.LinkAgencies) -> c.AgencyLinkView:
    """The competent agency agrees to what another brings."""
    call.require(agency_id=command.agency_id)
    check_still_appointed(call)
    known = select(agency_nodes.c.id).where(agency_nodes.c.id == command.receiving_agency_id)
    if call.session.scalar(known) is None:
        raise Invalid("agency_unknown", "receivingAgencyId", agency=command.receiving_agency_id)
    names = ("agency_id", "receiving_agency_id", "basis", "valid_from", "valid_to")
    link = AgencyLink(id=new_id(), **{name: getattr(command, name) for name in names})
    link.check()
    call.session.add(link)
    track(call.session, link, is_new=True)
    call.session.flush()
    return view(link)


@command(c.EndAgencyLink)
def end_agency_link(call: Call, command: c.EndAgencyLink) -> c.AgencyLinkView:
    """End a link: the competent agency agrees no longer."""
    check_still_appointed(call)
    wanted = select(AgencyLink).where(agency_links.c.id == command.link_id).with_for_update()
    link = call.session.scalar(wanted)
    if link is None or link.agency_id not in call.reach():
        raise NotFound("link_not_found", "linkId")
    call.require(agency_id=link.agency_id)
    if link.version != command.expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    call.because(command.reason)
    track(call.session, link)
    link.end(command.valid_to, call.today())
    call.session.flush()
    return view(link)


@query(c.ListAgencyLinks)
def list_agency_links(call: Call, question: c.ListAgencyLinks) -> list[c.AgencyLinkView]:
    """The links of an agency that the caller reaches; none of any other."""
    if question.agency_id not in call.reach():
        return []
    line = succession.lineage(call.session, [question.agency_id])
    either = or_(agency_links.c.agency_id.in_(line), agency_links.c.receiving_agency_id.in_(line))
    wanted = select(AgencyLink).where(either).order_by(agency_links.c.valid_from, agency_links.c.id)
    return [view(link) for link in call.session.scalars(wanted)]


def view(link: AgencyLink) -> c.AgencyLinkView:
    """A link as it is shown."""
    names = ("id", "version", "receiving_agency_id", "basis", "valid_from", "valid_to")
    shown = {name: getattr(link, name) for name in names}
    return c.AgencyLinkView(competent_agency_id=link.agency_id, **shown)


class Ties:
    """What ties other agencies to the one that receives: to whom it may bring a dossier, and from when.

    One of three ties must be there: the other agency works by the procedure, having issued it or been given
    it by somebody else than the receiver; the rule's line of the tree joins both; the other agency has agreed
    by a link. Only a link reaches further back than the days of the rule.
    """

    def __init__(self, session: Session, receiving: UUID, today: date) -> None:
        self.session, self.today = session, today
        self.receiving = frozenset(succession.lineage(session, [receiving]))
        self.receiving_id = receiving
        self._lines: dict[UUID, frozenset[UUID]] = {}
        self._links: dict[UUID, date | None] = {}
        self.rule = rules.bringing(today)

    def expect(self, other: UUID, procedure: Any, received_on: date, fields: tuple[str, str]) -> None:
        """Refuse to name `other` unless it is tied; `fields` name the agency and the day in the request."""
        theirs = self._line(other)
        if not theirs.isdisjoint(self.receiving):
            return
        link = self._link(other)
        if link is None and not (self._works_by(procedure, theirs) or other in self._above_and_below):
            raise Invalid("agency_not_linked", fields[0], code=procedure["code"])
        since = self.today - timedelta(days=self.rule.others_days)
        reaches_back = link is not None and link <= received_on
        if received_on < since and not reaches_back:
            raise Invalid("received_too_long_ago_for_others", fields[1], days=self.rule.others_days)

    def trusts(self, other: UUID) -> bool:
        """Whether the receiver's word on a due time is taken: for itself, and where a link stands."""
        return not self._line(other).isdisjoint(self.receiving) or self._link(other) is not None

    def _line(self, agency: UUID) -> frozenset[UUID]:
        if agency not in self._lines:
            self._lines[agency] = frozenset(succession.lineage(self.session, [agency]))
        return self._lines[agency]

    def _works_by(self, procedure: Any, theirs: Collection[UUID]) -> bool:
        """A procedure that the receiver itself has distributed ties nobody: it would be its own word."""
        if procedure["agency_id"] in theirs:
            return True
        return procedure["agency_id"] not in self.receiving and not set(theirs).isdisjoint(
            procedure["distribution"]
        )

    @cached_property
    def _above_and_below(self) -> frozenset[UUID]:
        tree = agency_closure.c
        below = select(tree.descendant_id).where(tree.ancestor_id == self.receiving_id)
        above = select(tree.ancestor_id).where(tree.descendant_id == self.receiving_id)
        wanted = [way for is_meant, way in ((self.rule.above, above), (self.rule.below, below)) if is_meant]
        on = lasts(tree.valid_from, tree.valid_to, self.today)
        return frozenset(agency for way in wanted for agency in self.session.scalars(way.where(on)))

    def _link(self, other: UUID) -> date | None:
        """From when on a link that holds today lets it be brought what was received; None without one."""
        if other not in self._links:
            link = agency_links.c
            both = and_(link.agency_id.in_(self._line(other)), link.receiving_agency_id.in_(self.receiving))
            holds = lasts(link.valid_from, link.valid_to, self.today)
            wanted = select(link.valid_from).where(both, holds).order_by(link.valid_from).limit(1)
            self._links[other] = self.session.scalar(wanted)
        return self._links[other]
