"""A portal on another origin: let in where it is named exactly, on HTTP and on the WebSocket alike."""

import pytest
from starlette.websockets import WebSocketDisconnect

from gateway.settings import GatewaySettings
from kernel.base.errors import Forbidden
from kernel.life.settings import BadSettings, from_environ
from tests.gateway.fakes import FakeBus, a_clock, client_of
from tests.gateway.test_live import WebSocketDenialResponse, a_bus, a_token, connected

PORTAL = "https://portal.example.gov.vn"
NAMED = {"public_origins": f"{PORTAL},http://127.0.0.1:5173"}
ASKED = {"json": {"query": "{ clock { isShifted } }"}}
STRANGERS = (
    "https://portal.example.gov.vn.evil.example",
    "https://evil.example",
    "http://portal.example.gov.vn",
    "https://portal.example.gov.vn:8443",
    "null",
)


def preflight(origin: str, headers: str = "authorization,content-type,traceparent", method: str = "POST"):
    asked = {"access-control-request-method": method, "access-control-request-headers": headers}
    return {"origin": origin, **asked}


@pytest.fixture
async def http():
    async with client_of(
        FakeBus(clock=a_clock(), list_documents=Forbidden("not_signed_in")), **NAMED
    ) as client:
        yield client


@pytest.mark.parametrize("origin", [PORTAL, "http://127.0.0.1:5173"])
async def test_a_named_origin_may_send_what_a_client_sends(http, origin):
    found = await http.options("/graphql", headers=preflight(origin))
    assert found.status_code == 200
    assert found.headers["access-control-allow-origin"] == origin
    assert "authorization" in found.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in found.headers, "no cookie is used"
    answer = await http.post("/graphql", **ASKED, headers={"origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    shown = {each.strip() for each in answer.headers["access-control-expose-headers"].split(",")}
    assert {"x-trace-id", "retry-after", "www-authenticate", "ratelimit-remaining"} <= shown


@pytest.mark.parametrize("origin", STRANGERS)
async def test_any_other_origin_reads_nothing(http, origin):
    found = await http.options("/graphql", headers=preflight(origin))
    assert "access-control-allow-origin" not in found.headers
    answer = await http.post("/graphql", **ASKED, headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_refusal_can_be_read_by_the_page_that_must_renew(http):
    query = {"json": {"query": "{ documents { edges { cursor } } }"}}
    answer = await http.post("/graphql", **query, headers={"origin": PORTAL})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == PORTAL


@pytest.mark.parametrize("headers", ["x-other", "cookie"])
async def test_headers_that_no_client_needs_are_not_allowed(http, headers):
    found = await http.options("/graphql", headers=preflight(PORTAL, headers))
    assert found.status_code == 400


def test_a_page_of_a_named_origin_may_listen():
    opened = connected(
        a_bus(), {"authorization": f"Bearer {a_token()}"}, headers={"origin": PORTAL}, changes=NAMED
    )
    with opened as (socket, _, _):
        assert socket.receive_json()["type"] == "connection_ack"


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_page_of_another_origin_may_not(origin):
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
        connected(a_bus(), headers={"origin": origin}, changes=NAMED),
    ):
        pass


@pytest.mark.parametrize(
    "said", ["*", "https://portal.example.gov.vn/", "portal.example.gov.vn", "https://*.vn"]
)
def test_origins_are_exact_or_the_gateway_does_not_start(said):
    given = {"EISO_MODE": "production", "AMQP_URI": "amqp://nowhere", "PUBLIC_ORIGINS": said}
    with pytest.raises(BadSettings, match="PUBLIC_ORIGINS"):
        from_environ(GatewaySettings, given)
