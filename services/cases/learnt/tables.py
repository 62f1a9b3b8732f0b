"""What cases knows of positions."""

from org.positions import positions_table
from services.cases.metadata import METADATA

positions = positions_table(METADATA)
