"""Answers about management reviews; each list carries its visibility in the query."""

from contracts.audits import reviews as r
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits.register.listing import as_view, entities, list_of, page_of
from services.audits.reviews.domain import Review
from services.audits.reviews.tables import reviews


@query(r.ReviewsByIds)
def reviews_by_ids(call: Call, question: r.ReviewsByIds) -> list[r.ReviewView]:
    """The reviews among these that the caller reaches."""
    return [review_view(each) for each in entities(call, Review, reviews, question.ids)]


@query(r.ListReviews)
def list_reviews(call: Call, question: r.ListReviews) -> r.ReviewPage:
    """Management reviews, latest first."""
    listed = list_of(call, reviews, question.agency_id)
    found, has_next, cursors = page_of(call, Review, reviews, listed, reviews.c.held_on, question)
    items = [review_view(each) for each in found]
    return r.ReviewPage(items=items, has_next=has_next, cursors=cursors)


def review_view(found: Review) -> r.ReviewView:
    """The aggregate as it is shown."""
    return as_view(r.ReviewView, found, tasks=[as_view(r.ReviewTaskView, each) for each in found.tasks])
