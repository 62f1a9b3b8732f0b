"""All acts, in the order in which they are played."""

from deploy.story.audit import auditing
from deploy.story.board import comparing
from deploy.story.dossier import explaining, working
from deploy.story.handing import handing_over
from deploy.story.lateness import correcting, syncing
from deploy.story.merging import merging
from deploy.story.procedure import approving, proving, reading, revising, writing
from deploy.story.review import reviewing

ACTS = (
    *(writing, approving, reading, revising, proving),
    *(working, explaining, syncing, correcting, auditing, reviewing, comparing, merging),
    handing_over,
)
