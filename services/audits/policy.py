"""Who may do what with nonconformities, audits and management reviews."""

from contracts.directory.roles import Role
from kernel.trust.policy import Policy, Relation, row, scope, sight

KEEPERS = (Role.ISO_SECRETARY, Role.ISO_HEAD, Role.UNIT_LEADER)
"""Who keeps the register and the programme of an agency."""
HEADS = (Role.ISO_HEAD, Role.UNIT_LEADER)
LEADERS = (Role.UNIT_LEADER, Role.PROVINCE_ADMIN)
AUDITORS = (Role.INTERNAL_AUDITOR, Role.LEAD_AUDITOR)
READERS = (*KEEPERS, *AUDITORS, Role.INSPECTOR, Role.PROVINCE_STEERING)
"""Who reads how a thing came about: those who keep it, those who check it."""

POLICY = Policy(
    # reading: the queries show only what the caller's agencies may see
    row("nonconformities_by_ids", relation=Relation.SIGNED_IN),
    row("list_nonconformities", relation=Relation.SIGNED_IN),
    row("programmes_of", relation=Relation.SIGNED_IN),
    row("audits_by_ids", relation=Relation.SIGNED_IN),
    row("list_audits", relation=Relation.SIGNED_IN),
    row("reviews_by_ids", relation=Relation.SIGNED_IN),
    row("list_reviews", relation=Relation.SIGNED_IN),
    row("quality_figures_of", relation=Relation.SIGNED_IN),
    row("quality_duties", relation=Relation.SIGNED_IN),
    row("minutes_by_ids", relation=Relation.SIGNED_IN),
    row("download_minute", relation=Relation.SIGNED_IN),
    # what waits for somebody else, and minutes: a hand-over is theirs to see through
    sight("duties_of_others", roles=LEADERS),
    # who may be named on an audit: what the person holds on the day it begins decides
    sight("auditing", roles=AUDITORS),
    sight("leading_an_audit", roles=[Role.LEAD_AUDITOR]),
    row("trail_of", relation=Relation.WITHIN, roles=READERS),
    row("frameworks", relation=Relation.PUBLIC),
    # what a reorganisation would move
    row("held_by_agencies", relation=Relation.WITHIN, roles=[Role.PROVINCE_ADMIN]),
    scope(
        "audits.read",
        *("nonconformities_by_ids", "list_nonconformities", "programmes_of", "audits_by_ids"),
        *("list_audits", "reviews_by_ids", "list_reviews", "quality_figures_of"),
    ),
    # nonconformities
    row("raise_nonconformity", relation=Relation.WITHIN, roles=[*KEEPERS, *AUDITORS]),
    row("record_correction", relation=Relation.WITHIN, roles=[*KEEPERS, Role.CASE_OFFICER]),
    row("record_cause", relation=Relation.WITHIN, roles=KEEPERS),
    row("plan_action", relation=Relation.WITHIN, roles=KEEPERS),
    row("complete_action", relation=Relation.OWN),
    row("verify_action", relation=Relation.WITHIN, roles=[*KEEPERS, *AUDITORS]),
    row("close_nonconformity", relation=Relation.WITHIN, roles=HEADS),
    # audits
    row("create_programme", relation=Relation.WITHIN, roles=KEEPERS),
    row("approve_programme", relation=Relation.WITHIN, roles=HEADS, signs=True),
    row("plan_audit", relation=Relation.WITHIN, roles=[*KEEPERS, Role.LEAD_AUDITOR]),
    row("start_audit", relation=Relation.WITHIN, roles=AUDITORS),
    row("record_finding", relation=Relation.WITHIN, roles=AUDITORS),
    row("raise_from_finding", relation=Relation.WITHIN, roles=AUDITORS),
    row("report_audit", relation=Relation.WITHIN, roles=[Role.LEAD_AUDITOR]),
    # management review
    row("plan_review", relation=Relation.WITHIN, roles=KEEPERS),
    row("freeze_inputs", relation=Relation.WITHIN, roles=KEEPERS),
    row("record_decision", relation=Relation.WITHIN, roles=KEEPERS),
    row("complete_task", relation=Relation.OWN),
    row("conclude_review", relation=Relation.WITHIN, roles=HEADS, signs=True),
)
