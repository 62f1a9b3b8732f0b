"""What became of the e-mails sent for notices."""

from sqlalchemy import select

from contracts.notify.deliveries import DeliveriesOf, DeliveryView
from kernel.base.ids import NOBODY
from kernel.work.call import Call
from kernel.work.operations import query
from services.notify.deliveries.tables import deliveries
from services.notify.notices.tables import notices


@query(DeliveriesOf)
def deliveries_of(call: Call, question: DeliveriesOf) -> list[DeliveryView]:
    """The e-mails of the caller's own notices among those asked about."""
    names = DeliveryView.__dataclass_fields__
    wanted = (
        select(*(deliveries.c[name] for name in names))
        .join(notices, notices.c.id == deliveries.c.notice_id)
        .where(
            deliveries.c.notice_id.in_(question.ids), notices.c.person_id == (call.actor.person_id or NOBODY)
        )
        .order_by(deliveries.c.queued_at, deliveries.c.id)
    )
    return [DeliveryView(**row._mapping) for row in call.session.execute(wanted)]
