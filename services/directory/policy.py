"""Who may do what in the directory, and which roles may hand out which."""

from contracts.directory import Role
from kernel.errors import Conflict
from kernel.trust.policy import Policy, Relation, row, scope

POLICY = Policy(
    row("list_agencies", relation=Relation.PUBLIC),
    row("agencies_by_ids", relation=Relation.PUBLIC),
    row("agency_histories", relation=Relation.PUBLIC),
    row("predecessors_by_ids", relation=Relation.PUBLIC),
    row("successors_by_ids", relation=Relation.PUBLIC),
    row("clock", relation=Relation.PUBLIC),
    row("public_grant", relation=Relation.PUBLIC),
    row("sign_in", relation=Relation.PUBLIC),
    # Whoever holds the refresh token is the one who may use it; the grant may have run out already.
    row("refresh_session", relation=Relation.PUBLIC),
    row("sign_out", relation=Relation.PUBLIC),
    row("me", relation=Relation.SIGNED_IN),
    row("people_by_ids", relation=Relation.SIGNED_IN),
    row("positions_by_ids", relation=Relation.SIGNED_IN),
    row("list_positions", relation=Relation.SIGNED_IN),
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
    row("create_agency", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("reorganise", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("cancel_reorganisation", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("reorganisation_preview", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("list_reorganisations", relation=Relation.SIGNED_IN),
    row("register_person", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("open_account", roles=[Role.PROVINCE_ADMIN], relation=Relation.WITHIN),
    row("appoint_position", roles=[Role.PROVINCE_ADMIN, Role.UNIT_LEADER], relation=Relation.WITHIN),
    row("end_position", roles=[Role.PROVINCE_ADMIN, Role.UNIT_LEADER], relation=Relation.WITHIN),
)

MAY_GRANT: dict[Role, frozenset[Role]] = {
    Role.PROVINCE_ADMIN: frozenset(Role),
    Role.UNIT_LEADER: frozenset(
        {
            Role.ISO_HEAD,
            Role.ISO_SECRETARY,
            Role.DRAFTER,
            Role.REVIEWER,
            Role.APPROVER,
            Role.READER,
            Role.CASE_OFFICER,
            Role.RECEPTIONIST,
            Role.INTERNAL_AUDITOR,
            Role.LEAD_AUDITOR,
        }
    ),
}
"""Whoever holds the role on the left may grant those on the right, within its own reach."""

RACES = {
    "agency_periods_code_once": lambda: Conflict("agency_code_taken", "code"),
    "agency_periods_one_root": lambda: Conflict("agency_root_exists", "parentId"),
    "positions_held_once": lambda: Conflict("position_held_already", "heldFrom"),
    "accounts_username_once": lambda: Conflict("username_taken", "username"),
    "accounts_person_once": lambda: Conflict("account_exists", "personId"),
}
"""Races that a constraint decides, and the answer for whoever lost."""
