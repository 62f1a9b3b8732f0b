"""The metadata of cases, to which each subject adds its tables, and their mapping onto the domain."""

from sqlalchemy.orm import registry

from org.tables import org_metadata

METADATA = org_metadata()
MAPPED = registry(metadata=METADATA)
