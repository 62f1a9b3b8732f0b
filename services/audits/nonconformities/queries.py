"""Answers about nonconformities; each list carries its visibility in the query."""

from contracts.audits import nonconformities as n
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits.nonconformities.domain import Nonconformity
from services.audits.nonconformities.tables import nonconformities
from services.audits.register.listing import as_view, entities, list_of, page_of


@query(n.NonconformitiesByIds)
def nonconformities_by_ids(call: Call, question: n.NonconformitiesByIds) -> list[n.NonconformityView]:
    """The nonconformities among these that the caller reaches."""
    return [nonconformity_view(each) for each in entities(call, Nonconformity, nonconformities, question.ids)]


@query(n.ListNonconformities)
def list_nonconformities(call: Call, question: n.ListNonconformities) -> n.NonconformityPage:
    """The register, newest first."""
    listed = list_of(call, nonconformities, question.agency_id)
    if question.state is not None:
        listed = listed.where(nonconformities.c.state == question.state)
    found, has_next, cursors = page_of(
        call, Nonconformity, nonconformities, listed, nonconformities.c.raised_at, question
    )
    items = [nonconformity_view(each) for each in found]
    return n.NonconformityPage(items=items, has_next=has_next, cursors=cursors)


def nonconformity_view(found: Nonconformity) -> n.NonconformityView:
    """The aggregate as it is shown."""
    actions = [as_view(n.CorrectiveActionView, each) for each in found.actions]
    return as_view(n.NonconformityView, found, actions=actions)
