"""Answers about programmes, audits and frameworks; each list carries its visibility in the query."""

from sqlalchemy import select

from contracts.audits import programmes as a
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits import rules
from services.audits.programmes.domain import Audit, Programme
from services.audits.programmes.tables import audits, programmes
from services.audits.register.listing import as_view, entities, list_of, page_of, reached


@query(a.AuditsByIds)
def audits_by_ids(call: Call, question: a.AuditsByIds) -> list[a.AuditView]:
    """The audits among these that the caller reaches."""
    return [audit_view(each) for each in entities(call, Audit, audits, question.ids)]


@query(a.ProgrammesOf)
def programmes_of(call: Call, question: a.ProgrammesOf) -> list[a.ProgrammeView]:
    """The programmes of agencies, newest year first."""
    wanted = select(Programme).where(programmes.c.agency_id.in_(question.ids), reached(call, programmes))
    found = call.session.scalars(wanted.order_by(programmes.c.year.desc(), programmes.c.id))
    return [programme_view(each) for each in found]


@query(a.ListAudits)
def list_audits(call: Call, question: a.ListAudits) -> a.AuditPage:
    """Audits, latest planned first."""
    listed = list_of(call, audits, question.agency_id)
    if question.programme_id is not None:
        listed = listed.where(audits.c.programme_id == question.programme_id)
    found, has_next, cursors = page_of(call, Audit, audits, listed, audits.c.planned_from, question)
    items = [audit_view(each) for each in found]
    return a.AuditPage(items=items, has_next=has_next, cursors=cursors)


@query(a.Frameworks)
def frameworks(call: Call, question: a.Frameworks) -> list[a.FrameworkView]:
    """Editions in force on the date."""
    day = question.as_of or call.today()
    return [each for each in rules.frameworks().values() if each.effective_from <= day]


def programme_view(found: Programme) -> a.ProgrammeView:
    """The aggregate as it is shown."""
    return as_view(a.ProgrammeView, found)


def audit_view(found: Audit) -> a.AuditView:
    """The aggregate as it is shown."""
    return as_view(a.AuditView, found, findings=[as_view(a.FindingView, each) for each in found.findings])
