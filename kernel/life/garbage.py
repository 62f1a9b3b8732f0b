"""How often Python looks for cycles of garbage: seldom, and not among what was made while starting."""

import gc

NEW, OLDER, OLDEST = 20_000, 20, 20
"""Python looks after 700 new objects by itself; one answered question makes more than that."""


def spare() -> None:
    """Call once everything is imported: it stays for good, so looking through it again finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW, OLDER, OLDEST)
