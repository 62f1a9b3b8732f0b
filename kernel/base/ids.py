"""Ids that sort by the time they were made (UUIDv7), so that indexes grow at one end."""

from uuid import UUID

from uuid_utils.compat import uuid7

NOBODY = UUID(int=0)


def new_id() -> UUID:
    """A new id."""
    return uuid7()
