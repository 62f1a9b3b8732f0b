"""A service as small as can be, to test the kernel with: it keeps accounts and forwards what it hears."""

import sys
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, Integer, Table, Text, Uuid, update
from sqlalchemy.orm import registry

from contracts.base import Command, Event, Question, event
from kernel.base.aggregate import Aggregate
from kernel.base.errors import Conflict, Invalid, NotFound
from kernel.trust.policy import Policy, Relation, row
from kernel.work.jobs import Progress
from kernel.work.operations import command, on, query
from kernel.work.unit_of_work import track
from org.service import OrgService
from org.tables import org_metadata

METADATA = org_metadata()
accounts = Table(
    "accounts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agency_id", Uuid, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("secret", Text),
)
heard = Table("heard", METADATA, Column("account_id", Uuid, primary_key=True), Column("times", Integer))

DDL = (
    "create table accounts (id uuid primary key, version int not null, agency_id uuid not null,"
    " amount int not null, secret text, constraint accounts_not_negative check (amount >= 0))",
    "create table heard (account_id uuid primary key, times int not null)",
)


@event("documents.toy_changed.v1")
class ToyChanged(Event):
    """An account changed. On documents' exchange, since that broker user runs the ledger."""

    account_id: UUID
    amount: int


@dataclass(eq=False, kw_only=True)
class Account(Aggregate):
    SECRET = frozenset({"secret"})
    agency_id: UUID
    amount: int = 0
    secret: str | None = None

    def pay_in(self, amount: int) -> None:
        if amount == 13:
            raise Invalid("malformed", "amount", name="amount")
        self.amount += amount
        self.record(ToyChanged(account_id=self.id, amount=self.amount))


registry(metadata=METADATA).map_imperatively(Account, accounts, version_id_col=accounts.c.version)


@dataclass(kw_only=True)
class PayIn(Command["BalanceView"]):
    account_id: UUID
    agency_id: UUID
    amount: int
    misbehave: str = ""
    seconds: float = 0


@dataclass(kw_only=True)
class Balance(Question["BalanceView"]):
    account_id: UUID
    misbehave: str = ""


@dataclass(kw_only=True)
class BalanceView:
    account_id: UUID
    amount: int


POLICY = Policy(
    row("pay_in", relation=Relation.WITHIN, roles=["payer"]),
    row("balance", relation=Relation.PUBLIC),
)

REACTIONS: dict[str, str] = {}


def count(call, arguments, checkpoint):
    """A job that counts to its total, one account a step."""
    done = (checkpoint or 0) + 1
    call.session.execute(update(accounts).values(amount=accounts.c.amount + 1))
    return Progress(done=done, total=arguments["to"], checkpoint=done, finished=done >= arguments["to"])


@command(PayIn)
def pay_in(call, command):
    if command.misbehave != "no policy":
        call.require(agency_id=command.agency_id)
    if command.seconds:
        from sqlalchemy import text

        call.session.execute(text("select pg_sleep(:s)"), {"s": command.seconds})
    if command.misbehave == "no trail":
        call.session.execute(update(accounts).values(amount=0))
        return BalanceView(account_id=command.account_id, amount=0)
    account = call.session.get(Account, command.account_id)
    if account is None:
        account = Account(id=command.account_id, agency_id=command.agency_id, secret="mật")
        call.session.add(account)
        track(call.session, account, is_new=True)
    else:
        track(call.session, account)
    account.pay_in(command.amount)
    if command.misbehave == "crash":
        raise RuntimeError("the disk is full")
    return BalanceView(account_id=account.id, amount=account.amount)


@query(Balance)
def balance(call, question):
    account = call.session.get(Account, question.account_id)
    if account is None:
        raise NotFound("job_not_found")
    if question.misbehave == "write":
        account.amount = 1_000_000
    return BalanceView(account_id=account.id, amount=account.amount)


@on(ToyChanged)
def hear(call, event):
    from sqlalchemy.dialects.postgresql import insert

    mode = REACTIONS.get(str(event.account_id), "")
    if mode.startswith("fail"):
        left = int(mode.split()[1]) - 1
        REACTIONS[str(event.account_id)] = f"fail {left}" if left else ""
        raise RuntimeError("not today")
    more = insert(heard).values(account_id=event.account_id, times=1)
    call.session.execute(
        more.on_conflict_do_update(index_elements=["account_id"], set_={"times": heard.c.times + 1})
    )


class DocumentsService(OrgService):
    name = "documents"
    policy = POLICY
    handlers = (sys.modules[__name__],)
    jobs = {"count": count}
    constraints = {"accounts_not_negative": lambda: Conflict("changed_meanwhile", "amount")}
