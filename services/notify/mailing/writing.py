"""What the letters of claimed deliveries say: a notice as it stands, a digest from the notices it covers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from contracts.messages import Text
from services.notify.deliveries.domain import Delivery
from services.notify.deliveries.letter import Letter
from services.notify.digests import domain as digest
from services.notify.digests.domain import Content, DigestRule, Line, rule_on
from services.notify.digests.tables import digests
from services.notify.learnt.tables import people
from services.notify.notices.tables import notices


def letters(session: Session, claimed: Sequence[Delivery], rules: Sequence[DigestRule]) -> dict[UUID, Letter]:
    """The letter of each delivery that still has one, in as many statements for many as for one."""
    of_notices = [delivery for delivery in claimed if delivery.notice_id is not None]
    of_digests = [delivery for delivery in claimed if delivery.notice_id is None]
    return _notice_letters(session, of_notices) | _digest_letters(session, of_digests, rules)


def _notice_letters(session: Session, claimed: Sequence[Delivery]) -> dict[UUID, Letter]:
    if not claimed:
        return {}
    wanted = select(notices).where(notices.c.id.in_([delivery.notice_id for delivery in claimed]))
    by_notice = {row.id: row for row in session.execute(wanted)}
    return {delivery.id: _notice_letter(delivery, by_notice[delivery.notice_id]) for delivery in claimed}


def _notice_letter(delivery: Delivery, notice: Row[Any]) -> Letter:
    names = ("number", "kind", "subject", "body", "subject_en", "body_en")
    return Letter(
        delivery_id=delivery.id,
        address=delivery.address,
        trace_id=delivery.trace_id,
        **{name: getattr(notice, name) for name in names},
    )


def _digest_letters(
    session: Session, claimed: Sequence[Delivery], rules: Sequence[DigestRule]
) -> dict[UUID, Letter]:
    if not claimed:
        return {}
    by_id = {delivery.id: delivery for delivery in claimed}
    wanted = select(digests, people.c.full_name).join(people, people.c.id == digests.c.person_id)
    made = session.execute(wanted.where(digests.c.delivery_id.in_(by_id))).all()
    newest_lines = session.execute(newest([row.id for row in made], max(rule.lines for rule in rules))).all()
    return {
        row.delivery_id: _digest_letter(
            by_id[row.delivery_id], row, [each for each in newest_lines if each.digest_id == row.id], rule
        )
        for row in made
        if (rule := rule_on(rules, row.day)) is not None
    }


def newest(digest_ids: Sequence[UUID], at_most: int) -> Select[Any]:
    """The newest notices of each kind in each digest, and how many there are of the kind.

    What was read after the digest was made still belongs to it: a letter sent again says the same.
    """
    by_kind = (digests.c.id, notices.c.kind)
    covered = (
        select(
            digests.c.id.label("digest_id"),
            notices.c.kind,
            notices.c.subject,
            notices.c.subject_en,
            notices.c.posted_at,
            func.count().over(partition_by=by_kind).label("of_kind"),
            func.row_number().over(partition_by=by_kind, order_by=notices.c.number.desc()).label("place"),
        )
        .join(notices, notices.c.person_id == digests.c.person_id)
        .where(
            digests.c.id.in_(digest_ids),
            notices.c.number > digests.c.after_number,
            notices.c.number <= digests.c.to_number,
            or_(notices.c.read_at.is_(None), notices.c.read_at >= digests.c.made_at),
        )
        .subquery()
    )
    ordered = select(covered).where(covered.c.place <= at_most)
    return ordered.order_by(covered.c.digest_id, covered.c.kind, covered.c.place)


def _digest_letter(
    delivery: Delivery, made: Row[Any], newest_lines: Sequence[Row[Any]], rule: DigestRule
) -> Letter:
    content = Content(
        who=made.full_name,
        day=made.day,
        notices=made.notices,
        unread_before=made.unread_before,
        counts={each.kind: each.of_kind for each in newest_lines},
        lines=[_line(each) for each in newest_lines],
    )
    subject, body = digest.subject(content), digest.body(content, rule)
    return Letter(
        delivery_id=delivery.id,
        address=delivery.address,
        trace_id=delivery.trace_id,
        number=made.to_number,
        kind="digest",
        subject=subject.vi,
        body=body.vi,
        subject_en=subject.en,
        body_en=body.en,
        footer="digest_mail_footer",
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        kind=row.kind,
        subject=Text(vi=row.subject, en=row.subject_en),
        posted_at=row.posted_at,
    )
