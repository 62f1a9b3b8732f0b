"""Who may do what in the directory; which roles may hand out which stands in `rules/roles.toml`."""

from enum import StrEnum

from contracts.directory.roles import Role
from kernel.base.errors import Conflict
from kernel.trust.policy import Policy, Relation, row, scope, sight

LEADERS = (Role.PROVINCE_ADMIN, Role.UNIT_LEADER)
HEADS = (*LEADERS, Role.ISO_HEAD)
KEEPERS = (*HEADS, Role.ISO_SECRETARY)
KEEPING = ("create_system", "amend_system", "apply_system")
DECLARING = ("appoint_committee", "declare_system", "end_system")

POLICY = Policy(
    row("list_agencies", relation=Relation.PUBLIC),
    row("agencies_by_ids", relation=Relation.PUBLIC),
    row("agency_histories", relation=Relation.PUBLIC),
    row("predecessors_by_ids", relation=Relation.PUBLIC),
    row("successors_by_ids", relation=Relation.PUBLIC),
    row("clock", relation=Relation.PUBLIC),
    row("public_grant", relation=Relation.PUBLIC),
    row("sign_in", relation=Relation.PUBLIC),
    # The holder of the refresh token may use it; the session token may have run out already.
    row("refresh_session", relation=Relation.PUBLIC),
    row("sign_out", relation=Relation.PUBLIC),
    row("list_roles", relation=Relation.PUBLIC),
    # what is declared is posted for everybody (QĐ 19/2014/QĐ-TTg, Điều 4)
    row("systems_by_ids", relation=Relation.PUBLIC),
    row("list_systems", relation=Relation.PUBLIC),
    row("list_standards", relation=Relation.PUBLIC),
    *(row(action, roles=KEEPERS, relation=Relation.WITHIN) for action in KEEPING),
    *(row(action, roles=HEADS, relation=Relation.WITHIN) for action in DECLARING),
    row("me", relation=Relation.SIGNED_IN),
    row("people_by_ids", relation=Relation.SIGNED_IN),
    row("list_people", relation=Relation.SIGNED_IN),
    row("positions_by_ids", relation=Relation.SIGNED_IN),
    row("list_positions", relation=Relation.SIGNED_IN),
    row("list_delegations", relation=Relation.SIGNED_IN),
    row("list_grants", relation=Relation.SIGNED_IN),
    row("change_password", relation=Relation.OWN),
    row("my_sessions", relation=Relation.OWN),
    row("revoke_session", relation=Relation.OWN),
    row("revoke_other_sessions", relation=Relation.OWN),
    # programs of portals
    row("client_session", relation=Relation.PUBLIC),
    row("lease_calls", relation=Relation.CLIENT),
    row("clients_by_ids", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("list_clients", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("register_client", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("approve_client", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("rotate_client_secret", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("revoke_client", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    scope(
        "directory.read",
        *("people_by_ids", "positions_by_ids", "list_positions", "list_reorganisations"),
    ),
    row("sessions_of", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("account_of", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("revoke_sessions_of", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("disable_account", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("enable_account", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("unlock_account", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("create_agency", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("reorganise", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("cancel_reorganisation", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("reorganisation_preview", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("list_reorganisations", relation=Relation.SIGNED_IN),
    row("register_person", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    # The record of a person: by who keeps it (`handlers/guarding.py` · `keeps`), contacts by the person too.
    row("amend_person", roles=LEADERS, relation=Relation.WITHIN),
    row("amend_person", relation=Relation.OWN),
    row("record_identity_number", roles=LEADERS, relation=Relation.WITHIN),
    row("release_person", roles=LEADERS, relation=Relation.WITHIN),
    row("withdraw_release", roles=LEADERS, relation=Relation.WITHIN),
    row("move_person", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    sight("records", roles=LEADERS),
    # who administers the province, where they reach all of it: only another of them disables such an account
    sight("administration", roles=[Role.PROVINCE_ADMIN]),
    sight("delegations_of_others", roles=LEADERS),
    sight("grants_of_others", roles=LEADERS),
    row("begin_people_import", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("add_imported_rows", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("check_people_import", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("apply_people_import", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("people_import", relation=Relation.OWN),
    row("list_imported_rows", relation=Relation.OWN),
    row("open_account", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("appoint_position", roles=LEADERS, relation=Relation.WITHIN),
    row("end_position", roles=LEADERS, relation=Relation.WITHIN),
    # handing over: by those who take part in it, confirmed by who leads the unit
    row("hand_overs_by_ids", relation=Relation.SIGNED_IN),
    row("list_hand_overs", relation=Relation.SIGNED_IN),
    sight("hand_overs_of_others", roles=LEADERS),
    row("draw_up_hand_over", relation=Relation.OWN),
    row("draw_up_hand_over", roles=LEADERS, relation=Relation.WITHIN),
    row("accept_hand_over", relation=Relation.OWN),
    row("confirm_hand_over", roles=LEADERS, relation=Relation.WITHIN),
    row("cancel_hand_over", relation=Relation.OWN),
    row("cancel_hand_over", roles=LEADERS, relation=Relation.WITHIN),
    # One's own post, or as a leader a vacant one of the unit.
    row("delegate", relation=Relation.OWN),
    row("delegate", roles=LEADERS, relation=Relation.WITHIN),
    row("end_delegation", relation=Relation.OWN),
    row("end_delegation", roles=LEADERS, relation=Relation.WITHIN),
    row("grant_role", roles=LEADERS, relation=Relation.WITHIN),
    row("revoke_grant", roles=LEADERS, relation=Relation.WITHIN),
)


FIRST_ROLES = (Role.PROVINCE_ADMIN, Role.SYSTEM_OPERATOR)
"""What the first administrator of a new province holds."""


class Tie(StrEnum):
    """How near a caller must be to a person to be shown something of them."""

    ANYBODY = "anybody"
    """Everybody who is signed in: work needs to know who somebody is."""
    COLLEAGUE = "colleague"
    """The person, who keeps their record, and those whose agency or roles reach where they work today."""
    RECEIVER = "receiver"
    """Who keeps the record, and the leaders of the agency that a release is given to."""
    KEEPER = "keeper"
    """Who keeps the record: the sight `records` where it reaches the home agency."""


PERSONAL = {
    "id": Tie.ANYBODY,
    "version": Tie.ANYBODY,
    "full_name": Tie.ANYBODY,
    "home_agency_id": Tie.ANYBODY,
    "email": Tie.COLLEAGUE,
    "phone": Tie.COLLEAGUE,
    "staff_number": Tie.COLLEAGUE,
    "identity_masked": Tie.KEEPER,
    "release": Tie.RECEIVER,
}
"""Every fact of a person that the directory shows, and to whom: `staff.views` asks nothing else."""

RACES = {
    "agency_periods_code_once": lambda: Conflict("agency_code_taken", "code"),
    "agency_periods_one_root": lambda: Conflict("agency_root_exists", "parentId"),
    "positions_held_once": lambda: Conflict("position_held_already", "heldFrom"),
    "quality_systems_code_once": lambda: Conflict("system_code_taken", "code"),
    "hand_overs_one_open": lambda: Conflict("hand_over_open_already", "giverPositionId"),
    "people_staff_number_once": lambda: Conflict("staff_number_taken", "staffNumber", number="…"),
    "people_identity_once": lambda: Conflict("identity_number_taken", "identityNumber"),
    "delegations_once": lambda: Conflict("delegation_overlaps", "validFrom"),
    "personal_grants_once": lambda: Conflict("changed_meanwhile", "validFrom"),
    "accounts_username_once": lambda: Conflict("username_taken", "username"),
    "accounts_person_once": lambda: Conflict("account_exists", "personId"),
}
"""Races that a constraint decides, and the answer for the one who lost."""
