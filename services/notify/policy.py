"""Who may do what in notify: people see their own digests, see and mark their own notices, and nobody else's."""

from kernel.trust.policy import Policy, Relation, row

POLICY = Policy(
    row("list_notices", relation=Relation.OWN),
    row("deliveries_of", relation=Relation.OWN),
    row("list_digests", relation=Relation.OWN),
    row("mark_notices_read", relation=Relation.OWN),
)
