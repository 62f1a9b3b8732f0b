"""The trial accounts of the demonstration province, by agency."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts import messages
from gateway.pages.rendering import said
from gateway.pages.shown import DemoAccount

COLUMNS = ("person", "roles", "login", "action")


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An account as a visitor may choose it, with its roles in words."""

    account: DemoAccount
    roles: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class AgencyAccounts:
    """The accounts of one agency, folded away unless `is_open`."""

    agency: str
    offered: Sequence[Offered]
    is_open: bool


def by_agency(accounts: Sequence[DemoAccount], language: str) -> list[AgencyAccounts]:
    """The accounts in the order of their file, the first agency unfolded."""
    groups: dict[str, list[Offered]] = {}
    for account in accounts:
        roles = [_role(role, language) for role in account.roles]
        groups.setdefault(account.agency, []).append(Offered(account=account, roles=roles))
    return [
        AgencyAccounts(agency=agency, offered=offered, is_open=place == 0)
        for place, (agency, offered) in enumerate(groups.items())
    ]


def _role(role: str, language: str) -> str:
    """The role's name; a role that this release does not know is shown as it is written."""
    code = f"role_{role}"
    return said(language, code) if code in messages.catalogue() else role
