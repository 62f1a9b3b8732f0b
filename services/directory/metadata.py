"""The metadata of the directory, to which each subject adds its tables."""

from sqlalchemy.orm import registry

from org.tables import org_metadata

METADATA = org_metadata()
MAPPED = registry(metadata=METADATA)
