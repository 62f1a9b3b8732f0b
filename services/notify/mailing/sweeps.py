"""Sends the mail that is due.

A turn sends what the turn before claimed and then claims the next, so that `sending` is committed before
the first byte goes out. A crash between the mail server's answer and the commit repeats a mail, under the
same Message-ID; nothing else does: rows are locked while they are being sent.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.notify.deliveries import DeliveryState
from kernel.life import log as lines
from kernel.life import traces
from kernel.life.crash import crash_point
from kernel.work.call import Call
from services.notify.deliveries.domain import Delivery
from services.notify.deliveries.letter import Letter, NoLetter, compose
from services.notify.deliveries.mailer import Connection, NoServer, NotSent
from services.notify.deliveries.tables import deliveries
from services.notify.mailing.writing import letters
from services.notify.resources import Resources

log = logging.getLogger(__name__)


def send_mail(call: Call) -> int:
    """One batch out and the next one claimed; how many deliveries it moved."""
    resources: Resources = call.resources
    claimed = _claimed(call.session, resources.batch)
    if claimed:
        _send_all(call, claimed)
    return len(claimed) + _claim_next(call, resources.batch)


def _claimed(session: Session, limit: int) -> Sequence[Delivery]:
    state = deliveries.c.state
    mine = select(Delivery).where(state == DeliveryState.SENDING).order_by(deliveries.c.id).limit(limit)
    return session.scalars(mine.with_for_update(skip_locked=True)).all()


def _claim_next(call: Call, limit: int) -> int:
    due = (
        select(Delivery)
        .where(
            deliveries.c.state.in_([DeliveryState.QUEUED, DeliveryState.RETRYING]),
            deliveries.c.next_attempt_at <= call.real_now(),
        )
        .order_by(deliveries.c.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = call.session.scalars(due).all()
    for delivery in found:
        delivery.claim()
    return len(found)


def _send_all(call: Call, claimed: Sequence[Delivery]) -> None:
    """Over one connection; when the server goes away, the rest wait with the same reason."""
    crash_point("mail.before_send")
    written = letters(call.session, claimed, _resources(call).digests)
    left = list(claimed)
    try:
        with _resources(call).mailer.connection() as connection:
            while left:
                _send_one(call, connection, left[0], written.get(left[0].id))
                left.pop(0)
    except NoServer as error:
        for delivery in left:
            _failed(call, delivery, error)


def _send_one(call: Call, connection: Connection, delivery: Delivery, letter: Letter | None) -> None:
    parent = traces.after_waiting("mail", delivery.id, delivery.trace_id)
    with lines.bind(delivery.trace_id), traces.span("mail send", traces.Kind.CLIENT, parent=parent) as span:
        try:
            if letter is None:
                raise NoLetter("nothing is known any more of what it was to say")
            mail = compose(letter, connection.sender, call.real_now())
            connection.send(mail, delivery.address)
            crash_point("mail.before_mark")
        except NoServer:
            raise
        except NoLetter as error:
            span.failed("no_letter")
            _failed(call, delivery, NotSent(str(error), for_good=True))
        except NotSent as error:
            span.failed("not_sent")
            _failed(call, delivery, error)
        else:
            delivery.arrived(call.real_now())
            log.info("mail handed over", extra={"facts": {"delivery_id": delivery.id}})


def _failed(call: Call, delivery: Delivery, error: NotSent) -> None:
    waits = _resources(call).waits
    delivery.failed(error.reason, for_good=error.for_good, now=call.real_now(), waits=waits)


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
