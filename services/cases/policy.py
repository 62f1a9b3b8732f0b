"""Who may do what with dossiers."""

from contracts.directory.roles import Role
from kernel.trust.policy import Policy, Relation, row, scope, sight

OFFICERS = (Role.CASE_OFFICER, Role.RECEPTIONIST, Role.UNIT_LEADER)
LEADERS = (Role.UNIT_LEADER, Role.PROVINCE_ADMIN)
WORKERS = (*OFFICERS, Role.ISO_SECRETARY, Role.INSPECTOR)

AT_THE_COUNTER = frozenset({"stop_dossier"})
"""What the agency that received a dossier decides; the rest, the agency that holds it now."""

POLICY = Policy(
    # reading: the queries themselves show only what the caller's agencies have to do with
    row("dossiers_by_ids", relation=Relation.SIGNED_IN),
    row("list_dossiers", relation=Relation.SIGNED_IN),
    row("deadline_explanation", relation=Relation.SIGNED_IN),
    row("figures_of", relation=Relation.SIGNED_IN),
    row("figures_by_month", relation=Relation.SIGNED_IN),
    row("dossier_duties", relation=Relation.SIGNED_IN),
    # what waits for somebody else: a hand-over is theirs to see through
    sight("duties_of_others", roles=LEADERS),
    row("trail_of", relation=Relation.WITHIN, roles=WORKERS),
    row("pause_reasons", relation=Relation.SIGNED_IN),
    scope(
        "cases.read",
        *("dossiers_by_ids", "list_dossiers", "deadline_explanation", "pause_reasons"),
        *("figures_of", "figures_by_month"),
    ),
    scope("cases.sync", "upsert_dossiers"),
    # who applied: everybody else sees the work and not the person
    sight("applicant", roles=WORKERS),
    # what a reorganisation would move
    row("held_by_agencies", relation=Relation.WITHIN, roles=[Role.PROVINCE_ADMIN]),
    # the life of a dossier: what is done to it is the matter of the agency that holds it
    row("register_dossier", relation=Relation.WITHIN, roles=[Role.RECEPTIONIST, Role.CASE_OFFICER]),
    row("hand_over", relation=Relation.WITHIN, roles=OFFICERS),
    row("acknowledge_hand_over", relation=Relation.WITHIN, roles=OFFICERS),
    row("return_step", relation=Relation.WITHIN, roles=OFFICERS),
    row("pause_dossier", relation=Relation.WITHIN, roles=OFFICERS),
    row("resume_dossier", relation=Relation.WITHIN, roles=OFFICERS),
    row("finish_dossier", relation=Relation.WITHIN, roles=OFFICERS),
    row("stop_dossier", relation=Relation.WITHIN, roles=OFFICERS),
    # who may bring dossiers to an agency is its own to say
    row("list_agency_links", relation=Relation.SIGNED_IN),
    row("link_agencies", relation=Relation.WITHIN, roles=[*LEADERS, Role.ISO_HEAD], signs=True),
    row("end_agency_link", relation=Relation.WITHIN, roles=[*LEADERS, Role.ISO_HEAD], signs=True),
    # what another system keeps
    row("upsert_dossiers", relation=Relation.WITHIN, roles=[Role.RECEPTIONIST, Role.ISO_SECRETARY]),
)
