"""Dated rows: each holds from its first day to the eve of the day on which it ends, or without end."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_


def lasts(
    begins: ColumnElement[date], ends: ColumnElement[date | None], day: date, until: date | None = None
) -> ColumnElement[bool]:
    """Whether the period holds that day, or on any day from it to `until`, both included."""
    return and_(begins <= (until or day), or_(ends.is_(None), ends > day))
