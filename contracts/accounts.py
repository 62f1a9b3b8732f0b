"""Local accounts: opened for a person, their password changed by that person alone."""

from dataclasses import dataclass
from uuid import UUID

from contracts.base import Command
from contracts.forms import Password, Sent, Username

SERVICE = "directory"
"""The service that answers to these, where the module is not named after it."""


@dataclass(kw_only=True)
class AccountView:
    """A local account, never with its password."""

    id: UUID
    person_id: UUID
    username: str
    must_change_password: bool


@dataclass(kw_only=True)
class OpenAccount(Command):
    """Give a person a local account; the first password must be changed unless said otherwise."""

    person_id: UUID
    username: Username
    password: Password
    must_change_password: bool = True


@dataclass(kw_only=True)
class ChangePassword(Command):
    """Replace one's own password."""

    current_password: Sent
    new_password: Password
