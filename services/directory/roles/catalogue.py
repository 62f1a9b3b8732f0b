"""Answers what roles there are, from the data file that granting goes by."""

from contracts.directory.roles import ListRoles, RoleView
from kernel.work.call import Call
from kernel.work.operations import query
from services.directory.resources import Resources
from services.directory.roles.domain.catalogue import RoleRule


@query(ListRoles)
def list_roles(call: Call, question: ListRoles) -> list[RoleView]:
    """Every role, as granting knows it."""
    resources: Resources = call.resources
    return [_view(rule) for rule in resources.roles.rules]


def _view(rule: RoleRule) -> RoleView:
    return RoleView(
        role=rule.code,
        name=rule.name.vi,
        name_en=rule.name.en,
        purpose=rule.purpose.vi,
        purpose_en=rule.purpose.en,
        holder=rule.holder,
        extents=list(rule.extents),
        agency_kinds=list(rule.agency_kinds),
        granted_by=list(rule.granted_by),
        delegable=rule.delegable,
    )
