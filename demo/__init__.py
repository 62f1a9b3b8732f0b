"""The demonstration: an invented province, a year of its work, and a story, all through the public API."""
