"""A person's own digests."""

from typing import Any

from sqlalchemy import select

from contracts.notify.digests import DigestPage, DigestView, ListDigests
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.work.call import Call
from kernel.work.operations import query
from services.notify.deliveries.tables import deliveries
from services.notify.digests.tables import digests


@query(ListDigests)
def list_digests(call: Call, question: ListDigests) -> DigestPage:
    """The caller's digests with their e-mails, newest day first."""
    own = (
        select(*(_digest_column(name) for name in DigestView.__dataclass_fields__))
        .join(deliveries, deliveries.c.id == digests.c.delivery_id)
        .where(digests.c.person_id == (call.actor.person_id or NOBODY))
    )
    order: Order = [(digests.c.day, "desc")]
    rows, has_next, cursors = page(call.session, own, order, question.first, question.after)
    return DigestPage(items=[DigestView(**row._mapping) for row in rows], has_next=has_next, cursors=cursors)


def _digest_column(name: str) -> Any:
    return digests.c[name] if name in digests.c else deliveries.c[name]
