"""Rights that ended open nothing two seconds later: every way a right can end, in every service."""

from datetime import timedelta
from time import monotonic
from uuid import UUID, uuid4

import eventlet
import pytest
from sqlalchemy import func, select

from contracts.authority import Basis, ReliesOn, relied_on
from contracts.directory.events import AuthorityEnded
from gateway.edge.graphql_http import LONGEST_TOKEN
from kernel.base import clock
from kernel.base.errors import Unavailable
from kernel.data.tables import ended_authority, outbox
from kernel.run.launcher import service_class
from kernel.trust import heeding
from kernel.trust.heeding import Heeding
from kernel.trust.identity import LONGEST, Actor, Held, Verifier, sign_token
from tests.integration.directory.conftest import BEGIN
from tests.integration.directory.endings import WAYS, WHY, ending_a_post, one, sent, signed_in

PROMISED = 2.0
ASKED = {
    "directory": ("people_by_ids", {"ids": []}),
    "documents": ("documents_by_ids", {"ids": []}),
    "cases": ("dossiers_by_ids", {"ids": []}),
    "audits": ("audits_by_ids", {"ids": []}),
    "notify": ("list_notices", {"first": 1}),
}
"""A question of each service that is open to everybody signed in."""
OTHERS = tuple(name for name in ASKED if name != "directory")


def code_of(rpc, service: str, token: str) -> str:
    """How the service answers the holder of the token."""
    method, body = ASKED[service]
    answer = rpc.call(f"{service}.{method}", body, token=token)
    return answer["refused"]["code"] if "refused" in answer else "ok"


def heeded(rpc, token: str, services, since: float) -> dict[str, float]:
    """After how many seconds each service refused it; one that did not in good time is not there."""
    found: dict[str, float] = {}
    while set(services) - set(found) and monotonic() - since < 3 * PROMISED:
        for service in set(services) - set(found):
            if code_of(rpc, service, token) == "not_signed_in":
                found[service] = monotonic() - since
        eventlet.sleep(0.05)
    return found


@pytest.fixture
def running(on_the_bus):
    """What ends is published over the bus, and how soon is what is tested."""
    return on_the_bus


@pytest.fixture
def rpc(bus_rpc):
    return bus_rpc


@pytest.fixture
def everything(directory, running):
    """The directory with its relay, and every other service with nothing but what answers calls."""
    relay = running("directory", "relay", database=directory.database)
    others = {name: running(name, "rpc") for name in OTHERS}
    yield others
    relay.stop()


def test_whatever_ends_a_right_every_service_heeds_it_within_two_seconds(directory, everything, rpc):
    slowest: dict[str, float] = {}
    for way in WAYS:
        token, end = way(directory)
        before = {service: code_of(rpc, service, token) for service in ASKED}
        assert "not_signed_in" not in before.values(), (way.__name__, before)
        end()
        took = heeded(rpc, token, ASKED, monotonic())
        late = {each: took.get(each) for each in ASKED if took.get(each, 99.0) > PROMISED}
        assert not late, (way.__name__, late)
        slowest[way.__name__] = max(took.values())
    print("slowest, seconds:", {way: round(seconds, 2) for way, seconds in slowest.items()})


def test_a_new_sign_in_in_the_same_second_is_good(directory, everything, rpc):
    person_id, _, _, name = one(directory)
    lost = signed_in(directory, name)["grant"]
    sent(directory, "revoke_sessions_of", person_id=person_id, **WHY)
    fresh = signed_in(directory, name)["grant"]
    assert len(heeded(rpc, lost, ASKED, monotonic())) == len(ASKED)
    assert {code_of(rpc, service, fresh) for service in ASKED} == {"ok"}


def test_a_post_that_changed_is_acted_as_again_after_a_renewal(directory, everything, rpc):
    person_id, agency_id, _, name = one(directory)
    session = signed_in(directory, name)
    role = {"role": "internal_auditor", "agency_id": agency_id, "valid_from": BEGIN, "basis": "QĐ 12/QĐ-SNV"}
    given = sent(directory, "grant_role", person_id=person_id, **role)
    assert code_of(rpc, "cases", session["grant"]) == "ok", "what is added voids nothing"
    with_it = sent(directory, "refresh_session", refresh_token=session["refresh_token"])
    body = {"grant_id": given["id"], "valid_to": clock.today(), "expected_version": given["version"]}
    sent(directory, "revoke_grant", **body)
    assert len(heeded(rpc, with_it["grant"], ASKED, monotonic())) == len(ASKED)
    assert code_of(rpc, "cases", session["grant"]) == "ok", "it never relied on what was revoked"
    again = sent(directory, "refresh_session", refresh_token=with_it["refresh_token"])
    assert {code_of(rpc, service, again["grant"]) for service in ASKED} == {"ok"}


def published(directory) -> bool:
    with directory.database.sessions() as session:
        waiting = outbox.c.topic == AuthorityEnded.topic, outbox.c.published_at.is_(None)
        return session.scalar(select(func.count()).where(*waiting)) == 0


def test_a_service_that_was_down_heeds_what_ended_meanwhile(directory, running, rpc, eventually):
    running("directory", "relay", database=directory.database)
    cases = running("cases", "rpc")
    database = cases.database
    token, end = ending_a_post(directory)
    assert code_of(rpc, "cases", token) == "ok"
    cases.stop()
    end()
    eventually(lambda: published(directory))
    running("cases", "rpc", database=database)
    assert heeded(rpc, token, ["cases"], monotonic()).get("cases", 99.0) <= PROMISED


def test_a_token_says_what_it_relies_on_and_the_largest_still_fits(private_key):
    most = tuple(ReliesOn(Basis.GRANT, uuid4(), 3) for _ in range(40))
    post, session = ReliesOn(Basis.POSITION, uuid4(), 12), ReliesOn(Basis.SESSION, uuid4(), 0)
    roles = tuple(Held(role="internal_auditor", agency_id=uuid4(), with_subtree=True) for _ in range(80))
    actor = Actor(
        kind="person",
        person_id=uuid4(),
        position_id=post.subject_id,
        agency_id=uuid4(),
        session_id=session.subject_id,
        roles=roles,
        relies_on=(session, post, *most),
    )
    token = sign_token(private_key, actor, clock.now(), LONGEST)
    jwks = {"keys": [{name: value for name, value in private_key.items() if name != "d"}]}
    assert Verifier(jwks).verify(token, clock.now()).relies_on == actor.relies_on
    assert len(token) <= LONGEST_TOKEN


def test_a_token_of_the_release_before_relies_on_the_session_and_the_post_that_it_names():
    session, post = uuid4(), uuid4()
    found = relied_on({"sid": str(session), "pos": str(post)})
    assert found == (ReliesOn(Basis.SESSION, session, 0), ReliesOn(Basis.POSITION, post, 0))


def note(database, ended: AuthorityEnded, version: int) -> None:
    with database.sessions() as session:
        heeding.note(session, ended, version, clock.now())
        session.commit()


def relying_on(subject_id: UUID, version: int) -> Actor:
    return Actor(kind="person", relies_on=(ReliesOn(Basis.POSITION, subject_id, version),))


def is_void(held: Heeding, subject_id: UUID, version: int) -> bool:
    held.read_on()
    try:
        held.check(relying_on(subject_id, version))
    except Exception as error:
        return getattr(error, "code", None) == "not_signed_in"
    return False


def test_what_a_slow_transaction_noted_is_read_although_faster_ones_came_before(database_of):
    database = database_of("cases")
    held, slow, fast = Heeding(database), uuid4(), uuid4()
    with database.sessions() as session:
        ended = AuthorityEnded(basis=Basis.POSITION, subject_id=slow)
        heeding.note(session, ended, 3, clock.now())
        note(database, AuthorityEnded(basis=Basis.POSITION, subject_id=fast), 2)
        assert is_void(held, fast, 1)
        assert not is_void(held, slow, 2)
        session.commit()
    assert is_void(held, slow, 2)
    assert not is_void(held, slow, 3), "what was signed by the version that came of it is good"


def test_what_was_heard_out_of_order_stays_ended(database_of):
    database = database_of("cases")
    held, post = Heeding(database), uuid4()
    for version in (5, 4):
        note(database, AuthorityEnded(basis=Basis.POSITION, subject_id=post), version)
    assert is_void(held, post, 4)


def test_a_process_that_cannot_read_refuses_rather_than_trusts(database_of, databases):
    database = database_of("cases")
    held, post = Heeding(database), uuid4()
    held.check(relying_on(post, 1))
    databases.drop_made()
    held.check(relying_on(post, 1))
    held._read_at -= 60
    with pytest.raises(Unavailable, match="database_unavailable"):
        held.check(relying_on(post, 1))


def test_what_no_token_can_rely_on_any_more_is_forgotten(database_of):
    database = database_of("cases")
    with database.sessions() as session:
        old = AuthorityEnded(basis=Basis.SESSION, subject_id=uuid4())
        heeding.note(session, old, 1, clock.now() - timedelta(days=1))
        heeding.note(session, AuthorityEnded(basis=Basis.SESSION, subject_id=uuid4()), 1, clock.now())
        assert heeding.forget(session) == 1
        assert len(session.execute(select(ended_authority)).all()) == 1
        session.rollback()


def test_a_token_ends_with_the_business_day(directory, business_clock, platform):
    name = one(directory)[3]
    business_clock("2026-12-31T23:59:30+07:00")
    token = signed_in(directory, name)["grant"]
    verifier = Verifier.from_file(str(platform.instance.folder / "keys" / "grant.jwks.json"))
    verifier.verify(token, clock.now())
    with pytest.raises(Exception, match="not_signed_in"):
        verifier.verify(token, clock.now() + timedelta(seconds=31))


def test_every_service_but_the_directory_hears_what_ends():
    for name in OTHERS:
        service = service_class(name)
        [heeding] = service.heard()[AuthorityEnded.topic]
        assert heeding.in_every_process, name
