"""Drops reservations that nobody used, and what arrived and nobody waits for."""

from kernel.work import uploads
from kernel.work.call import Call


def forget_reservations(call: Call) -> int:
    """Drop reservations that nobody used."""
    return uploads.forget_expired(call)


def clear_intake(call: Call) -> int:
    """Remove what lies in the intake and nobody waits for."""
    return uploads.clear_intake(call)
