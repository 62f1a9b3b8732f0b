"""Every way a right can end: who held it by which token, and what ends it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from contracts.directory import accounts as s
from contracts.directory import clients as k
from contracts.directory import reorganisations as r
from contracts.directory import roles as c
from contracts.directory import staff
from kernel.base import clock
from kernel.run.process import sweep_once
from services.directory.access.tables import accounts, last_sign_ins, refresh_tokens
from services.directory.clients.tables import integration_clients
from services.directory.service import DirectoryService
from tests.integration.directory.acts import an_act
from tests.integration.directory.conftest import BEGIN, PASSWORD, an_account

WHY = {"reason": "Chuyển công tác"}
Ending = Callable[[], Any]


def one(directory, *roles: c.Role) -> tuple[UUID, UUID, dict[str, Any], str]:
    """Somebody with a post and an account: their id, their post, and the name they sign in by."""
    name = f"nguoi.{uuid4().hex[:8]}"
    agency_id, person_id = directory.an_agency(), directory.a_person()
    granted = [staff.RoleToGrant(role=role) for role in (*roles, c.Role.DRAFTER)]
    post = directory.a_position(agency_id, person_id, roles=granted)
    directory.ok("open_account", an_account(person_id, name))
    return person_id, agency_id, post, name


def signed_in(directory, name: str, **more: Any) -> dict[str, Any]:
    session: dict[str, Any] = directory.sign_in(name, PASSWORD, **more)["ok"]
    return session


def sent(directory, method: str, *, token: str | None = None, **body: Any) -> Any:
    return directory.ok(method, {"request_id": uuid4(), **body}, token=token)


def signing_out(directory) -> tuple[str, Ending]:
    session = signed_in(directory, one(directory)[3])
    return session["grant"], lambda: sent(directory, "sign_out", refresh_token=session["refresh_token"])


def revoking_ones_session(directory) -> tuple[str, Ending]:
    name = one(directory)[3]
    lost, kept = signed_in(directory, name), signed_in(directory, name)
    [which] = [e for e in directory.ok("my_sessions", s.MySessions(), token=lost["grant"]) if e["is_current"]]
    return lost["grant"], lambda: sent(
        directory, "revoke_session", token=kept["grant"], session_id=which["id"]
    )


def revoking_all_others(directory) -> tuple[str, Ending]:
    name = one(directory)[3]
    lost, kept = signed_in(directory, name), signed_in(directory, name)
    return lost["grant"], lambda: sent(directory, "revoke_other_sessions", token=kept["grant"])


def revoking_somebodys_sessions(directory) -> tuple[str, Ending]:
    person_id, _, _, name = one(directory)
    token = signed_in(directory, name)["grant"]
    return token, lambda: sent(directory, "revoke_sessions_of", person_id=person_id, **WHY)


def disabling_an_account(directory) -> tuple[str, Ending]:
    person_id, _, _, name = one(directory)
    token = signed_in(directory, name)["grant"]
    return token, lambda: sent(directory, "disable_account", person_id=person_id, **WHY)


def an_account_out_of_use(directory) -> tuple[str, Ending]:
    name = one(directory)[3]
    token = signed_in(directory, name)["grant"]
    sweep = next(each for each in DirectoryService.sweeps if each.name == "disable_idle")

    def end() -> None:
        then = clock.now() - timedelta(days=400)
        with directory.database.engine.begin() as connection:
            account = connection.scalar(select(accounts.c.id).where(accounts.c.username == name))
            connection.execute(update(accounts).where(accounts.c.id == account).values(password_set_at=then))
            seen = update(last_sign_ins).where(last_sign_ins.c.account_id == account)
            connection.execute(seen.values(signed_in_at=then))
        assert sweep_once(directory.running.means, sweep) == 1

    return token, end


def changing_the_password(directory) -> tuple[str, Ending]:
    name = one(directory)[3]
    stolen, own = signed_in(directory, name)["grant"], signed_in(directory, name)["grant"]
    new = "mot cau khac con dai hon nua"
    passwords = {"current_password": PASSWORD, "new_password": new}
    return stolen, lambda: sent(directory, "change_password", token=own, **passwords)


def a_token_used_twice(directory) -> tuple[str, Ending]:
    first = signed_in(directory, one(directory)[3])
    sent(directory, "refresh_session", refresh_token=first["refresh_token"])

    def end() -> None:
        with directory.database.engine.begin() as connection:
            earlier = refresh_tokens.c.used_at - timedelta(minutes=5)
            connection.execute(update(refresh_tokens).values(used_at=earlier))
        body = {"request_id": uuid4(), "refresh_token": first["refresh_token"]}
        assert directory.refused("refresh_session", body)[0] == "session_revoked"

    return first["grant"], end


def ending_a_post(directory) -> tuple[str, Ending]:
    _, _, post, name = one(directory)
    body = {"position_id": post["id"], "held_to": clock.today(), "expected_version": post["version"]}
    return signed_in(directory, name)["grant"], lambda: sent(directory, "end_position", **body)


def a_delegation(directory) -> tuple[dict[str, Any], dict[str, Any], str]:
    """What was lent, the post it was lent from, and a token of somebody who acts under it."""
    _, agency_id, post, name = one(directory, c.Role.APPROVER)
    deputy, deputys = directory.a_person(), f"pho.{uuid4().hex[:8]}"
    to = directory.a_position(agency_id, deputy, title="Phó Giám đốc")
    directory.ok("open_account", an_account(deputy, deputys))
    lent = sent(
        directory,
        "delegate",
        token=signed_in(directory, name)["grant"],
        from_position_id=post["id"],
        to_position_id=to["id"],
        valid_from=clock.today(),
        valid_to=clock.today() + timedelta(days=7),
        basis="Giấy ủy quyền 03/GUQ-SNV",
    )
    return lent, post, signed_in(directory, deputys, acting_for=UUID(lent["id"]))["grant"]


def ending_a_delegation(directory) -> tuple[str, Ending]:
    lent, _, token = a_delegation(directory)
    body = {"delegation_id": lent["id"], "valid_to": clock.today(), "expected_version": lent["version"]}
    return token, lambda: sent(directory, "end_delegation", **body)


def ending_the_post_that_was_lent(directory) -> tuple[str, Ending]:
    _, post, token = a_delegation(directory)
    body = {"position_id": post["id"], "held_to": clock.today(), "expected_version": post["version"]}
    return token, lambda: sent(directory, "end_position", **body)


def revoking_a_grant(directory) -> tuple[str, Ending]:
    person_id, agency_id, _, name = one(directory)
    role = {"role": "internal_auditor", "agency_id": agency_id, "valid_from": BEGIN, "basis": "QĐ 12/QĐ-SNV"}
    given = sent(directory, "grant_role", person_id=person_id, **role)
    body = {"grant_id": given["id"], "valid_to": clock.today(), "expected_version": given["version"]}
    return signed_in(directory, name)["grant"], lambda: sent(directory, "revoke_grant", **body)


def dissolving_an_agency(directory) -> tuple[str, Ending]:
    _, agency_id, _, name = one(directory)
    act = an_act(clock.today(), dissolutions=[r.AgencyDissolution(agency_id=agency_id)])
    return signed_in(directory, name)["grant"], lambda: directory.ok("reorganise", act)


def handing_over(directory) -> tuple[str, Ending]:
    _, agency_id, giver, giving = one(directory, c.Role.ISO_SECRETARY)
    taking, leading = f"nhan.{uuid4().hex[:8]}", f"lanhdao.{uuid4().hex[:8]}"
    posts = {}
    for name, title, role in (
        (taking, "Người kế nhiệm", c.Role.READER),
        (leading, "Giám đốc", c.Role.UNIT_LEADER),
    ):
        person = directory.a_person()
        granted = [staff.RoleToGrant(role=role)]
        posts[name] = directory.a_position(agency_id, person, title=title, roles=granted)
        directory.ok("open_account", an_account(person, name))
    held = signed_in(directory, giving)["grant"]
    between = {"giver_position_id": giver["id"], "receiver_position_id": posts[taking]["id"]}
    act = sent(directory, "draw_up_hand_over", token=held, **between)
    which = {"hand_over_id": act["id"], "expected_version": act["version"]}
    act = sent(directory, "accept_hand_over", token=signed_in(directory, taking)["grant"], **which)
    leaders = signed_in(directory, leading)["grant"]
    which = {"hand_over_id": act["id"], "expected_version": act["version"]}
    return held, lambda: sent(directory, "confirm_hand_over", token=leaders, **which)


def a_client(directory) -> tuple[dict[str, Any], str]:
    agency_id = directory.an_agency()
    made = sent(
        directory,
        "register_client",
        agency_id=agency_id,
        responsible_id=directory.a_person(),
        name="Cổng thông tin Sở",
        purpose="Hiện tài liệu trên trang của Sở",
        scopes=["documents.read"],
        agencies=[{"agency_id": agency_id, "with_subtree": True}],
        calls_per_minute=20,
        calls_per_day=30,
        expires_on=clock.today() + timedelta(days=300),
    )
    session = k.ClientSession(request_id=uuid4(), client_id=UUID(made["client"]["id"]), secret=made["secret"])
    return made["client"], directory.ok("client_session", session)["grant"]


def revoking_a_client(directory) -> tuple[str, Ending]:
    client, token = a_client(directory)
    body = {"client_id": client["id"], "expected_version": client["version"], **WHY}
    return token, lambda: sent(directory, "revoke_client", **body)


def replacing_a_clients_secret_at_once(directory) -> tuple[str, Ending]:
    client, token = a_client(directory)
    body = {"client_id": client["id"], "expected_version": client["version"], "overlap_days": 0}
    return token, lambda: sent(directory, "rotate_client_secret", **body)


def suspending_a_client(directory) -> tuple[str, Ending]:
    client, token = a_client(directory)
    sweep = next(each for each in DirectoryService.sweeps if each.name == "watch_clients")

    def end() -> None:
        with directory.database.engine.begin() as connection:
            mine = integration_clients.c.id == UUID(client["id"])
            due = update(integration_clients).where(mine).values(approval_due_on=clock.today())
            connection.execute(due)
        assert sweep_once(directory.running.means, sweep) == 1

    return token, end


WAYS = (
    signing_out,
    revoking_ones_session,
    revoking_all_others,
    revoking_somebodys_sessions,
    disabling_an_account,
    an_account_out_of_use,
    changing_the_password,
    a_token_used_twice,
    ending_a_post,
    ending_a_delegation,
    ending_the_post_that_was_lent,
    revoking_a_grant,
    dissolving_an_agency,
    handing_over,
    revoking_a_client,
    replacing_a_clients_secret_at_once,
    suspending_a_client,
)
