"""The trail of whatever audits keep."""

from sqlalchemy import select, union_all

from contracts.audits import programmes as a
from contracts.trail import TrailRowView
from kernel.base.errors import NotFound
from kernel.work import trail_reading as reading
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits.nonconformities.tables import nonconformities
from services.audits.programmes.tables import audits, programmes
from services.audits.reviews.tables import reviews


@query(a.TrailOf)
def trail_of(call: Call, question: a.TrailOf) -> list[TrailRowView]:
    """The trail of a thing kept here, to those who keep or check it at its agency."""
    kept = (select(each.c.agency_id).where(each.c.id == question.subject_id) for each in _KEPT)
    agency_id = call.session.scalar(union_all(*kept))
    if agency_id is None or agency_id not in call.reach_permitted():
        raise NotFound("subject_not_found", "subjectId")
    return reading.trail_of(call, question.subject_id, question.first)


_KEPT = (nonconformities, audits, reviews, programmes)
