"""Programs of portals: registered, approved, given new secrets, revoked; let in, their calls counted."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from contracts.authority import Basis, ReliesOn
from contracts.directory import clients as c
from kernel.base.clock import VIETNAM
from kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from kernel.base.ids import NOBODY
from kernel.data.paging import Order, page
from kernel.life.metrics import STRANGERS
from kernel.trust.identity import Actor, sign_token
from kernel.work.call import Call
from kernel.work.operations import command, query
from services.directory.access.capacity import of_this_day
from services.directory.agencies.repository import AgencyRepository
from services.directory.clients.domain import IntegrationClient
from services.directory.clients.repository import ClientRepository, by_ids, lease, listed, root_of, view
from services.directory.clients.tables import integration_clients
from services.directory.resources import Resources
from services.directory.staff.domain.person import Person

AT_ONCE = 200


@query(c.ClientsByIds)
def clients_by_ids(call: Call, question: c.ClientsByIds) -> list[c.ClientView]:
    """The programs among these whose owners the caller administers."""
    return by_ids(call.session, question.ids, call.reach_permitted())


@query(c.ListClients)
def list_clients(call: Call, question: c.ListClients) -> c.ClientPage:
    """By name."""
    order: Order = [(integration_clients.c.name_folded, "asc"), (integration_clients.c.id, "asc")]
    wanted = listed(question, call.reach_permitted())
    rows, has_next, cursors = page(call.session, wanted, order, question.first, question.after)
    return c.ClientPage(items=[view(row) for row in rows], has_next=has_next, cursors=cursors)


@command(c.RegisterClient, once=False)
def register_client(call: Call, command: c.RegisterClient) -> c.ClientWithSecret:
    """Enter it; by somebody of the province it is approved with that, by anybody else it waits.

    The secret is kept nowhere, so the same request again cannot answer it: it is refused.
    """
    call.require(agency_id=command.agency_id)
    repository, client_id = ClientRepository(call.session), _id_of(call)
    if repository.find(client_id) is not None:
        raise Conflict("client_registered_already", "requestId")
    _check_agencies(call, command.agencies)
    if call.session.get(Person, command.responsible_id) is None:
        raise NotFound("person_not_found", "responsibleId")
    names = ("agency_id", "responsible_id", "name", "purpose", "calls_per_minute", "calls_per_day")
    text, digest = _new_secret()
    client = IntegrationClient(
        id=client_id,
        **{name: getattr(command, name) for name in (*names, "expires_on")},
        scopes=list(dict.fromkeys(command.scopes)),
        agencies=command.agencies,
        secret_digest=digest,
        secret_set_at=call.real_now(),
    )
    client.check(_resources(call).clients, call.today())
    if _is_of_province(call):
        _approve(call, client)
    repository.add(client)
    return c.ClientWithSecret(client=_shown(call, client), secret=text)


@command(c.ApproveClient)
def approve_client(call: Call, command: c.ApproveClient) -> c.ClientView:
    """By somebody of the province."""
    client = _opened(call, command.client_id, command.expected_version)
    if not _is_of_province(call):
        raise Forbidden("client_approved_by_province")
    _approve(call, client, command)
    return _shown(call, client)


@command(c.RotateClientSecret, once=False)
def rotate_client_secret(call: Call, command: c.RotateClientSecret) -> c.ClientWithSecret:
    """A new secret."""
    client = _opened(call, command.client_id, command.expected_version)
    text, digest = _new_secret()
    rule, now = _resources(call).clients, call.real_now()
    client.rotate(digest, overlap_days=command.overlap_days, rule=rule, now=now)
    return c.ClientWithSecret(client=_shown(call, client), secret=text)


@command(c.RevokeClient)
def revoke_client(call: Call, command: c.RevokeClient) -> c.ClientView:
    """For good; what it holds is good for minutes, and the gateway lets it make no call after this one's."""
    client = _opened(call, command.client_id, command.expected_version)
    call.because(command.reason)
    client.revoke()
    return _shown(call, client)


@command(c.ClientSession, once=False)
def client_session(call: Call, command: c.ClientSession) -> c.ClientSessionView | Refusal:
    """A token for the program; an id that is none's and a wrong secret get the same answer."""
    client = ClientRepository(call.session).find(command.client_id)
    now, resources = call.real_now(), _resources(call)
    if client is None or not client.knows(_digest(command.secret), now):
        STRANGERS.labels("client").inc()
        return Forbidden("client_refused")
    try:
        client.check_let_in(call.today())
    except Refusal as no:
        _leave(call, client, no.code)
        return no
    actor = Actor.client(client.id, client.scopes, ((e.agency_id, e.with_subtree) for e in client.agencies))
    actor = replace(actor, relies_on=(ReliesOn(Basis.CLIENT, client.id, client.version),))
    lifetime = min(resources.token_lifetime, of_this_day(call.now()))
    _leave(call, client, "let_in")
    return c.ClientSessionView(
        grant=sign_token(resources.private_jwk, actor, now, lifetime),
        expires_at=now + lifetime,
        scopes=client.scopes,
    )


@command(c.LeaseCalls, once=False)
def lease_calls(call: Call, command: c.LeaseCalls) -> c.CallsLeased:
    """Some of its calls; none any more for a program that is not let in, whatever its token still says."""
    client = ClientRepository(call.session).find(call.actor.person_id or NOBODY)
    if client is None:
        raise Forbidden("client_refused")
    client.check_let_in(call.today())
    now = call.real_now()
    day = now.astimezone(VIETNAM).date()
    leased, left_in_minute, left_in_day = lease(call, client, now, day)
    return c.CallsLeased(
        client_id=client.id,
        calls=leased,
        minute_ends_at=now.replace(second=0, microsecond=0) + timedelta(minutes=1),
        day_ends_at=datetime.combine(day + timedelta(days=1), time(), VIETNAM),
        per_minute=client.calls_per_minute,
        left_in_minute=left_in_minute,
        per_day=client.calls_per_day,
        left_in_day=left_in_day,
    )


def watch(call: Call) -> int:
    """Suspend programs that are overdue, and warn of those that will be; how many were found."""
    rule, today = _resources(call).clients, call.today()
    notice_by = today + timedelta(days=rule.notice_days)
    found = ClientRepository(call.session).to_watch(today, notice_by, AT_ONCE)
    for client in found:
        client.watch(rule, today)
    return len(found)


def _opened(call: Call, client_id: UUID, expected_version: int) -> IntegrationClient:
    client = ClientRepository(call.session).get(client_id, call.reach_permitted())
    call.require(agency_id=client.agency_id)
    if client.version != expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    return client


def _approve(call: Call, client: IntegrationClient, command: c.ApproveClient | None = None) -> None:
    client.approve(
        by=call.actor.person_id,
        today=call.today(),
        rule=_resources(call).clients,
        expires_on=command.expires_on if command else None,
    )


def _is_of_province(call: Call) -> bool:
    """Whether the caller administers the agency at the root."""
    root = root_of(call.session)
    return root is not None and call.may_reach(root, call.policy.sights["administration"])


def _check_agencies(call: Call, wanted: Iterable[c.ClientReach]) -> None:
    """Nobody lets a program see what they do not administer."""
    agencies, today = AgencyRepository(call.session), call.today()
    administering = call.policy.sights["administration"]
    held = [each for each in call.actor.roles if each.role in administering]
    for reach in wanted:
        if agencies.get(reach.agency_id, "agencies").on(today) is None:
            raise Invalid("agency_not_there_then", "agencies", day=today.strftime("%d/%m/%Y"))
        above = (each for each in held if each.with_subtree)
        is_below = any(
            each.agency_id == reach.agency_id or agencies.is_below(each.agency_id, reach.agency_id, today)
            for each in above
        )
        alone = not reach.with_subtree and any(each.agency_id == reach.agency_id for each in held)
        if not (is_below or alone):
            raise Forbidden("client_beyond_reach", "agencies")


def _shown(call: Call, client: IntegrationClient) -> c.ClientView:
    call.session.flush()
    found = by_ids(call.session, [client.id], call.reach_permitted())
    if not found:
        raise NotFound("client_not_found", "clientId")
    return found[0]


def _id_of(call: Call) -> UUID:
    """The same for the same request of the same person."""
    return uuid5(call.actor.person_id or NOBODY, f"client:{call.request_id}")


def _new_secret() -> tuple[str, bytes]:
    """The secret for its owner, and what is kept of it: drawn by chance, it needs no slow hash."""
    text = secrets.token_urlsafe(32)
    return text, _digest(text)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _leave(call: Call, client: IntegrationClient, outcome: str) -> None:
    call.leave_trail(
        subject_type="IntegrationClient",
        subject_id=client.id,
        agency_id=client.agency_id,
        after={"outcome": outcome},
    )


def _resources(call: Call) -> Resources:
    resources: Resources = call.resources
    return resources
