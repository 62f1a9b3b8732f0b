"""All acts, in the order in which they are played."""

from demo.story.audit import auditing
from demo.story.board import comparing
from demo.story.dossier import explaining, working
from demo.story.handing import handing_over
from demo.story.lateness import correcting, syncing
from demo.story.merging import merging
from demo.story.procedure import approving, proving, reading, revising, writing
from demo.story.review import reviewing

ACTS = (
    *(writing, approving, reading, revising, proving),
    *(working, explaining, syncing, correcting, auditing, reviewing, comparing, merging),
    handing_over,
)
