"""The metadata of notify, to which each subject adds its tables."""

from org.tables import org_metadata

METADATA = org_metadata()
