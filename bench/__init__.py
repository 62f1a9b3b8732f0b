"""Measurements: eISO beside what one would use instead, both in the same run on the same machine."""
