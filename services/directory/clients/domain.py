"""A program of a portal: let in by its secret while it is approved, not yet expired and not revoked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from contracts.authority import Basis
from contracts.directory.clients import ClientReach, ClientState, Scope
from contracts.directory.events import AuthorityEnded, ClientApprovalDue
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Forbidden, Invalid


@dataclass(frozen=True, kw_only=True)
class ClientRule:
    """How long an approval and a secret last, and how much a program may ask at most."""

    approved_days: int
    notice_days: int
    longest_days: int
    longest_overlap_days: int
    most_per_minute: int
    most_per_day: int
    basis: str


@dataclass(eq=False, kw_only=True)
class IntegrationClient(Aggregate):
    """One program; `agency_id` owns it and `responsible_id` answers for it."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"secret_digest", "previous_digest"})

    agency_id: UUID
    responsible_id: UUID
    name: str
    purpose: str
    scopes: list[Scope]
    agencies: list[ClientReach]
    calls_per_minute: int
    calls_per_day: int
    expires_on: date
    secret_digest: bytes
    secret_set_at: datetime
    previous_digest: bytes | None = None
    previous_until: datetime | None = None
    state: ClientState = ClientState.PENDING
    approved_on: date | None = None
    approved_by: UUID | None = None
    approval_due_on: date | None = None
    warned_of: date | None = None

    def check(self, rule: ClientRule, today: date) -> None:
        """Refuse a quota or a time that no program may have."""
        if self.calls_per_minute > rule.most_per_minute:
            raise Invalid("client_quota_too_high", "callsPerMinute", limit=rule.most_per_minute)
        if self.calls_per_day > rule.most_per_day:
            raise Invalid("client_quota_too_high", "callsPerDay", limit=rule.most_per_day)
        if self.calls_per_day < self.calls_per_minute:
            raise Invalid("client_day_below_minute", "callsPerDay")
        _check_end(self.expires_on, rule, today)

    def approve(self, *, by: UUID | None, today: date, rule: ClientRule, expires_on: date | None) -> None:
        """The province agrees for a year, counted from today."""
        self._check_not_revoked()
        _check_end(expires_on or self.expires_on, rule, today)
        self.expires_on = expires_on or self.expires_on
        self.approved_on, self.approved_by = today, by
        self.approval_due_on = today + timedelta(days=rule.approved_days)
        self.state, self.warned_of = ClientState.ACTIVE, None

    def follow(self, heirs: Mapping[UUID, UUID]) -> None:
        """Where its agency ended, the program belongs to the one that goes on, and sees what that one has."""
        self.agency_id = heirs.get(self.agency_id, self.agency_id)
        reaches = [(heirs.get(each.agency_id, each.agency_id), each.with_subtree) for each in self.agencies]
        widest = {agency: any(below for at, below in reaches if at == agency) for agency, _ in reaches}
        self.agencies = [ClientReach(agency_id=at, with_subtree=below) for at, below in widest.items()]
        self._cut_off()

    def rotate(self, digest: bytes, *, overlap_days: int, rule: ClientRule, now: datetime) -> None:
        """A new secret; of those before only the last stays good for a while."""
        self._check_not_revoked()
        if overlap_days > rule.longest_overlap_days:
            raise Invalid("client_overlap_too_long", "overlapDays", limit=rule.longest_overlap_days)
        ends = now + timedelta(days=overlap_days)
        self.previous_digest, self.previous_until = (
            (self.secret_digest, ends) if overlap_days else (None, None)
        )
        self.secret_digest, self.secret_set_at = digest, now
        if not overlap_days:
            # Who replaces a secret at once does not trust sessions begun with the one before.
            self._cut_off()

    def revoke(self) -> None:
        """For good, with both secrets."""
        self._check_not_revoked()
        self.state, self.previous_digest, self.previous_until = ClientState.REVOKED, None, None
        self._cut_off()

    def knows(self, digest: bytes, now: datetime) -> bool:
        """Whether this is one of its secrets that are good now."""
        if digest == self.secret_digest:
            return True
        return (
            self.previous_until is not None and now < self.previous_until and digest == self.previous_digest
        )

    def check_let_in(self, today: date) -> None:
        """Refuse a program that is not let in today, and say why."""
        self._check_not_revoked()
        if self.state is ClientState.PENDING:
            raise Forbidden("client_not_approved")
        if today >= self.expires_on:
            raise Forbidden("client_expired", day=_read(self.expires_on))
        if self.state is ClientState.SUSPENDED or self.is_overdue(today):
            raise Forbidden("client_suspended", day=_read(self.approval_due_on))

    def is_overdue(self, today: date) -> bool:
        """Whether the province should have agreed again by now."""
        return self.approval_due_on is not None and today >= self.approval_due_on

    def watch(self, rule: ClientRule, today: date) -> None:
        """Suspend it when it is overdue, and say so beforehand, once for each due day."""
        due = self.approval_due_on
        if self.state is not ClientState.ACTIVE or due is None:
            return
        if self.is_overdue(today):
            self.state = ClientState.SUSPENDED
            self._cut_off()
        elif self.warned_of != due and today >= due - timedelta(days=rule.notice_days):
            self.warned_of = due
            self.record(
                ClientApprovalDue(
                    client_id=self.id,
                    name=self.name,
                    agency_id=self.agency_id,
                    responsible_id=self.responsible_id,
                    due_on=due,
                )
            )

    def _cut_off(self) -> None:
        """Void the session tokens that the program got so far."""
        self.record(AuthorityEnded(basis=Basis.CLIENT, subject_id=self.id))

    def _check_not_revoked(self) -> None:
        if self.state is ClientState.REVOKED:
            raise Conflict("client_revoked")


def _check_end(day: date, rule: ClientRule, today: date) -> None:
    if not today < day <= today + timedelta(days=rule.longest_days):
        raise Invalid("client_end_does_not_fit", "expiresOn", days=rule.longest_days)


def _read(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "—"
