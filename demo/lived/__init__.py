"""A year of work in the demonstration province: laid out from fixed seeds, loaded through real commands."""
