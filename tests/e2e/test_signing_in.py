"""Signing in at the gateway: guessing is locked out, and no token but the directory's opens anything."""

import base64
import json
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import websockets
from joserfc.jwk import OKPKey
from websockets.exceptions import ConnectionClosed

from deploy.platform import session_token_keys
from kernel.base import clock
from kernel.trust.identity import PUBLIC, Actor, Held, sign_token
from tests.client import Gateway
from tests.e2e.asking import ask, command, errors_of, is_clear
from tests.e2e.conftest import ANOTHER_COMMUNE, COMMUNE, DEPARTMENT, eventually, member_of

SESSION = "Session { grant refreshToken }"
ME = "{ me { person { fullName } } }"


async def try_password(http, username: str, password: str):
    caller = Gateway(http)
    return await command(caller, http, "signIn", SESSION, username=username, password=password)


async def test_guessing_locks_a_name_and_reveals_nothing_about_it(platform, http):
    known, unknown = member_of(ANOTHER_COMMUNE, "secretary").username, f"khong-co-{uuid4().hex[:8]}"
    right = platform.passwords["demo_accounts"]
    for name in (known, unknown):
        tries = [await try_password(http, name, f"mat-khau-sai-{n}") for n in range(5)]
        assert {is_clear(each)["code"] for each in tries} == {"sign_in_refused"}
    locked = [await try_password(http, name, right) for name in (known, unknown)]
    assert [is_clear(each)["code"] for each in locked] == ["sign_in_locked", "sign_in_locked"]
    assert all(each["__typename"] == "ForbiddenProblem" for each in locked)
    other = await try_password(http, member_of(ANOTHER_COMMUNE, "head").username, right)
    assert other["__typename"] == "Session", "nobody else is locked out"


async def test_a_device_that_is_known_keeps_its_place_and_a_name_is_taken_as_telephones_write_it(
    platform, http
):
    username, right = member_of(COMMUNE, "secretary").username, platform.passwords["demo_accounts"]
    shape = "Session { deviceToken me { person { id } } }"
    known = await command(Gateway(http), http, "signIn", shape, username=username, password=right)
    for n in range(5):
        await try_password(http, username, f"mat-khau-sai-{n}")
    written = f" {username.capitalize()} "
    assert is_clear(await try_password(http, written, right))["code"] == "sign_in_locked"
    given = {"username": written, "password": right, "deviceToken": known["deviceToken"]}
    again = await command(Gateway(http), http, "signIn", "Session { deviceToken }", **given)
    assert again == {"__typename": "Session", "deviceToken": known["deviceToken"]}
    admin = await Gateway(http).sign_in("quantri", platform.passwords["bootstrap_admin"])
    asked = {"personId": known["me"]["person"]["id"], "reason": "Đã gọi điện, nhận ra giọng"}
    unlocked = await admin.do("unlockAccount", "AccountState { lockedUntil }", **asked)
    assert unlocked["lockedUntil"] is None
    assert (await try_password(http, username, right))["__typename"] == "Session"


async def test_a_session_that_was_revoked_opens_nothing_in_any_service_within_two_seconds(platform, http):
    username, right = member_of(DEPARTMENT, "officer").username, platform.passwords["demo_accounts"]
    session = await try_password(http, username, right)
    questions = (
        "{ me { person { id } } }",
        "{ documents(first: 1) { edges { node { id } } } }",
        "{ dossiers(first: 1) { edges { node { id } } } }",
        "{ notices(first: 1) { edges { node { number } } } }",
    )
    for query in questions:
        assert "errors" not in (await ask(http, query, token=session["grant"])).json()
    caller = Gateway(http)
    await command(caller, http, "signOut", "Done { done }", refreshToken=session["refreshToken"])
    until = time.monotonic() + 2
    for query in questions:
        left = max(0.0, until - time.monotonic())
        found = await eventually(lambda query=query: refusals(http, query, session["grant"]), within=left)
        assert {each["code"] for each in found} == {"not_signed_in"}, query


async def refusals(http, query, token):
    answer = await ask(http, query, token=token)
    return "errors" in answer.json() and errors_of(answer)


async def test_a_session_is_renewed_by_several_tabs_and_ends_with_signing_out(platform, http):
    username, password = member_of(DEPARTMENT, "officer").username, platform.passwords["demo_accounts"]
    first = await try_password(http, username, password)
    caller = Gateway(http)
    second = await command(caller, http, "refreshSession", SESSION, refreshToken=first["refreshToken"])
    assert second["__typename"] == "Session"
    other_tab = await command(caller, http, "refreshSession", SESSION, refreshToken=first["refreshToken"])
    assert other_tab["refreshToken"] == second["refreshToken"]
    left = await command(caller, http, "signOut", "Done { done }", refreshToken=second["refreshToken"])
    assert left == {"__typename": "Done", "done": True}
    after = await command(caller, http, "refreshSession", SESSION, refreshToken=second["refreshToken"])
    assert is_clear(after)["code"] == "session_ended"


@pytest.fixture
def private_key(platform):
    return json.loads(session_token_keys.private_file(platform.instance.keys).read_text())


@pytest.fixture
async def officer(sign_in):
    """A real person, whom forged tokens name."""
    caller = await sign_in(DEPARTMENT, "officer")
    agency = UUID(caller.me["agency"]["id"])
    return Actor(
        kind="person",
        person_id=UUID(caller.me["person"]["id"]),
        position_id=UUID(caller.me["position"]["id"]),
        agency_id=agency,
        roles=(Held(role="province_admin", agency_id=agency, with_subtree=True),),
    )


def part(content) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def changed(token: str, **claims) -> str:
    """The same token with other claims under the old signature."""
    header, body, signature = token.split(".")
    was = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{header}.{part(was | claims)}.{signature}"


def tokens(key, officer) -> dict[str, tuple[str, str]]:
    """What is presented, and the code it is refused with."""
    now, minutes = clock.now(), timedelta(minutes=10)
    good = sign_token(key, officer, now, minutes)
    stranger = OKPKey.generate_key("Ed25519", {"kid": key["kid"]}, private=True).as_dict(private=True)
    header, body, _ = good.split(".")
    return {
        "expired": (sign_token(key, officer, now - timedelta(minutes=11), minutes), "not_signed_in"),
        "another signer": (sign_token(stranger, officer, now, minutes), "not_signed_in"),
        "an unknown key": (
            sign_token(stranger | {"kid": "x"}, officer, now, minutes),
            "not_signed_in",
        ),
        "from the future": (
            sign_token(key, officer, now + timedelta(hours=1), minutes),
            "not_signed_in",
        ),
        "a longer life": (changed(good, exp=int(now.timestamp()) + 999_999), "not_signed_in"),
        "another person": (changed(good, sub=str(uuid4())), "not_signed_in"),
        "no signature": (f"{header}.{body}.", "not_signed_in"),
        "no algorithm": (f"{part({'alg': 'none', 'typ': 'eiso-grant+jwt'})}.{body}.", "not_signed_in"),
        "half of it": (good[: len(good) // 2], "not_signed_in"),
        "no grant at all": ("nonsense", "not_signed_in"),
        "the public's": (sign_token(key, PUBLIC, now, minutes), "not_signed_in"),
    }


async def test_no_token_but_the_directory_s_opens_anything(http, private_key, officer):
    good = sign_token(private_key, officer, clock.now(), timedelta(minutes=10))
    assert (await ask(http, ME, token=good)).json()["data"]["me"], "the tools to forge with are right"
    entered = {"code": "H42.999", "name": "Sở Giả", "shortName": "Sở Giả", "kind": "department"}
    for how, (token, code) in tokens(private_key, officer).items():
        for query in ("{ documents { edges { cursor } } }", "{ notices { unread } }"):
            found = errors_of(await ask(http, query, token=token))
            assert {each["code"] for each in found} == {code}, how
        given = {**entered, "parentId": str(officer.agency_id), "validFrom": "2026-01-01"}
        problem = await command(Gateway(http, token), http, "createAgency", "Agency { id }", **given)
        assert (problem["__typename"], problem["code"]) == ("ForbiddenProblem", code), how
        is_clear(problem)


async def test_no_such_token_opens_a_subscription(platform, private_key, officer):
    address = platform.gateway_url.replace("http://", "ws://") + "/graphql"
    for how, (token, _) in tokens(private_key, officer).items():
        async with websockets.connect(address, subprotocols=["graphql-transport-ws"]) as socket:
            said = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
            await socket.send(json.dumps(said))
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd.code == 4403, how
