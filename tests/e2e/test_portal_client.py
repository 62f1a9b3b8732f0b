"""A portal's program, from its registration to its spent quota, as its owner and its programmer meet it."""

from datetime import timedelta

from kernel.base import clock
from tests.client import Gateway
from tests.e2e.asking import an_approved, ask, command, errors_of, is_clear, to_issue
from tests.e2e.conftest import COMMUNE, DEPARTMENT

CLIENT = "ClientWithSecret { secret client { id version state } }"
GRANT = "ClientGrant { grant expiresAt scopes }"
LISTED = "{ documents(first: 100) { edges { node { id agency { code } } } } }"


async def test_a_program_reads_what_it_may_syncs_dossiers_and_stops_at_its_quota(platform, http, sign_in):
    admin = await Gateway(http).sign_in("quantri", platform.passwords["bootstrap_admin"])
    hands = [await sign_in(DEPARTMENT, key) for key in ("secretary", "division", "deputy", "head")]
    department = hands[0].me["agency"]["id"]
    document = await hands[3].do(
        "issueRevision", "Document { id }", **to_issue(await an_approved(*hands[:3]))
    )
    given = {
        "agencyId": department,
        "responsibleId": hands[0].me["person"]["id"],
        "name": "Cổng thông tin của Sở",
        "purpose": "Hiện tài liệu đang hiệu lực",
        "scopes": ["DOCUMENTS_READ", "CASES_SYNC"],
        "agencies": [{"agencyId": department, "withSubtree": False}],
        "callsPerMinute": 12,
        "callsPerDay": 12,
        "expiresOn": clock.today() + timedelta(days=300),
    }
    refused = await command(hands[3], http, "registerClient", CLIENT, **given)
    assert is_clear(refused)["code"] == "not_permitted"
    made = await admin.do("registerClient", CLIENT, **given)
    program = await Gateway(http).do(
        "clientSession", GRANT, clientId=made["client"]["id"], secret=made["secret"]
    )
    assert program["scopes"] == ["DOCUMENTS_READ", "CASES_SYNC"]

    listed = await ask(http, LISTED, token=program["grant"])
    found = [edge["node"] for edge in listed.json()["data"]["documents"]["edges"]]
    assert document["id"] in [each["id"] for each in found]
    assert {each["agency"]["code"] for each in found} == {DEPARTMENT}
    assert listed.headers["ratelimit-limit"] == "12"
    closed = errors_of(await ask(http, "{ dossiers { edges { node { id } } } }", token=program["grant"]))
    assert {each["code"] for each in closed} == {"client_scope_missing"}
    assert "cases.read" in closed[0]["remedy"]

    caller = Gateway(http, program["grant"])
    sync = "SyncReport { created refused }"
    said = await command(caller, http, "upsertDossiers", sync, agencyId=department, lines="{}")
    assert said["refused"] == 1, "an empty line is refused by itself, the program was let in"
    commune = (await sign_in(COMMUNE, "head")).me["agency"]["id"]
    foreign = await command(caller, http, "upsertDossiers", sync, agencyId=commune, lines="{}")
    assert is_clear(foreign)["code"] == "not_permitted"

    answers = [await ask(http, "{ clock { isShifted } }", token=program["grant"]) for _ in range(12)]
    spent = answers[-1]
    assert spent.status_code == 429
    assert {each["code"] for each in errors_of(spent)} == {"quota_spent"}
    assert int(spent.headers["retry-after"]) > 60, "the day is spent, not the minute"
    about = {"clientId": made["client"]["id"], "expectedVersion": made["client"]["version"]}
    revoked = await admin.do("revokeClient", "IntegrationClient { state }", **about, reason="Hết phép thử")
    assert revoked["state"] == "REVOKED"
    again = await command(
        Gateway(http), http, "clientSession", GRANT, clientId=made["client"]["id"], secret=made["secret"]
    )
    assert is_clear(again)["code"] == "client_revoked"
