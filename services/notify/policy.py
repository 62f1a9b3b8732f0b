"""Who may do what in notify: people see and mark their own notices and see their own digests."""

from kernel.trust.policy import Policy, Relation, row

POLICY = Policy(
    row("list_notices", relation=Relation.OWN),
    row("deliveries_of", relation=Relation.OWN),
    row("list_digests", relation=Relation.OWN),
    row("mark_notices_read", relation=Relation.OWN),
)
