"""The demonstration province: agencies as they are, staff that never lived, procedures as data."""
