"""The metadata of audits, to which each subject adds its tables, and their mapping onto the domain."""

from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import RelationshipProperty, registry, relationship

from org.tables import org_metadata

METADATA = org_metadata()
MAPPED = registry(metadata=METADATA)


def children(kind: type[Any], order: Column[Any]) -> RelationshipProperty[Any]:
    """The parts of an aggregate, read with it in one more statement."""
    return relationship(kind, lazy="selectin", order_by=order, cascade="save-update")
