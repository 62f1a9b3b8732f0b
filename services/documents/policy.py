"""Who may do what with controlled documents."""

from contracts.directory.roles import Role
from contracts.documents.documents import RevisionState as State
from kernel.trust.policy import Policy, Relation, row, scope, sight

WRITERS = (Role.DRAFTER, Role.ISO_SECRETARY)
LEADERS = (Role.UNIT_LEADER, Role.PROVINCE_ADMIN)
WORKERS = (*WRITERS, Role.REVIEWER, Role.APPROVER, Role.ISO_HEAD, Role.PROVINCE_ADMIN)

POLICY = Policy(
    # reading: the queries themselves show only what the caller's agencies may see
    row("documents_by_ids", relation=Relation.SIGNED_IN),
    row("list_documents", relation=Relation.SIGNED_IN),
    row("document_figures_of", relation=Relation.SIGNED_IN),
    row("revisions_of", relation=Relation.SIGNED_IN),
    row("revisions_in_force", relation=Relation.SIGNED_IN),
    row("download_revision", relation=Relation.SIGNED_IN),
    row("document_duties", relation=Relation.SIGNED_IN),
    # what waits for somebody else: a hand-over is theirs to see through
    sight("duties_of_others", roles=LEADERS),
    row("trail_of", relation=Relation.WITHIN, roles=WORKERS),
    # that there is a draft, and what is in it: everybody else sees what was issued
    sight("drafts", roles=WORKERS),
    # what a reorganisation would move
    row("held_by_agencies", relation=Relation.WITHIN, roles=[Role.PROVINCE_ADMIN]),
    scope(
        "documents.read",
        *("documents_by_ids", "list_documents", "revisions_of", "revisions_in_force"),
        *("download_revision", "document_figures_of"),
    ),
    # files
    row("reserve_upload", relation=Relation.WITHIN, roles=WRITERS),
    row("confirm_upload", relation=Relation.WITHIN, roles=WRITERS),
    # the way of a revision
    row("create_document", relation=Relation.WITHIN, roles=WRITERS),
    row("start_revision", relation=Relation.WITHIN, roles=WRITERS),
    row("edit_draft", relation=Relation.WITHIN, roles=WRITERS, states=[State.DRAFT]),
    row("submit_revision", relation=Relation.WITHIN, roles=WRITERS, states=[State.DRAFT]),
    row("review_revision", relation=Relation.WITHIN, roles=[Role.REVIEWER], states=[State.IN_REVIEW]),
    row("return_revision", relation=Relation.WITHIN, roles=[Role.REVIEWER], states=[State.IN_REVIEW]),
    row(
        "return_revision",
        relation=Relation.WITHIN,
        roles=[Role.APPROVER],
        states=[State.IN_REVIEW, State.REVIEWED, State.APPROVED],
    ),
    row(
        "approve_revision",
        relation=Relation.WITHIN,
        roles=[Role.APPROVER],
        states=[State.REVIEWED],
        signs=True,
    ),
    row(
        "issue_revision",
        relation=Relation.WITHIN,
        roles=[Role.APPROVER, Role.ISO_HEAD],
        states=[State.APPROVED],
        signs=True,
    ),
)
