"""Answers about nonconformities, audits and reviews; each list carries its visibility in the query."""

from contracts.audits import reviews as r
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits.register.listing import _as, _entities, _in_order, _listed, _page
from services.audits.reviews.domain import Review
from services.audits.reviews.tables import reviews


@query(r.ReviewsByIds)
def reviews_by_ids(call: Call, question: r.ReviewsByIds) -> list[r.ReviewView]:
    """Those of the reviews that the caller reaches."""
    return [review_view(each) for each in _entities(call, Review, reviews, question.ids)]


@query(r.ListReviews)
def list_reviews(call: Call, question: r.ListReviews) -> r.ReviewPage:
    """Management reviews, latest first."""
    listed = _listed(call, reviews, question.agency_id)
    ids, has_next, cursors = _page(call, listed, reviews.c.held_on, reviews.c.id, question)
    items = [review_view(each) for each in _in_order(call, Review, reviews, ids)]
    return r.ReviewPage(items=items, has_next=has_next, cursors=cursors)


def review_view(found: Review) -> r.ReviewView:
    """The aggregate as it is shown."""
    return _as(r.ReviewView, found, tasks=[_as(r.ReviewTaskView, each) for each in found.tasks])
