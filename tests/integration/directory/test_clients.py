"""Programs of portals on real servers: registered, let in, counted, rotated, approved again, revoked."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from contracts.directory import access, events, roles
from contracts.directory import clients as k
from contracts.directory import reorganisations as r
from contracts.directory import staff as c
from kernel.base import clock
from kernel.data.tables import outbox, trail
from kernel.run.process import sweep_once
from kernel.trust.identity import Verifier
from services.directory import rules
from services.directory.clients.tables import client_usage, integration_clients
from services.directory.service import DirectoryService
from tests.integration.directory.acts import an_act
from tests.integration.directory.conftest import an_account

WATCH = next(each for each in DirectoryService.sweeps if each.name == "watch_clients")


@pytest.fixture
def department(directory):
    return directory.an_agency()


@pytest.fixture
def asked(directory, department):
    """`asked(...)`: a registration as an administrator of the province makes it."""
    person = directory.a_person()

    def make(**changes):
        given = {
            "request_id": uuid4(),
            "agency_id": department,
            "responsible_id": person,
            "name": "Cổng thông tin Sở",
            "purpose": "Hiện tài liệu trên trang của Sở",
            "scopes": ["documents.read", "cases.sync"],
            "agencies": [{"agency_id": department, "with_subtree": True}],
            "calls_per_minute": 20,
            "calls_per_day": 30,
            "expires_on": clock.today() + timedelta(days=400),
        }
        return given | changes

    return make


@pytest.fixture
def client(directory, asked):
    made = directory.ok("register_client", asked())
    return made["client"] | {"secret": made["secret"]}


def let_in(directory, client, secret=None):
    body = k.ClientSession(request_id=uuid4(), client_id=client["id"], secret=secret or client["secret"])
    return directory.ask("client_session", body, token=None)


def on(directory, method, client, **more):
    body = {"request_id": uuid4(), "client_id": client["id"], "expected_version": client["version"]}
    return directory.ask(method, body | more)


def lease(directory, token):
    return directory.ask("lease_calls", k.LeaseCalls(request_id=uuid4()), token=token)


def test_a_program_is_let_in_with_its_scopes_and_agencies_for_ten_minutes_and_no_refresh(
    directory, client, department
):
    session = let_in(directory, client)["ok"]
    assert set(session) == {"grant", "expires_at", "scopes"}
    actor = Verifier.from_file(directory.running.means.settings.grant_jwks_file).verify(
        session["grant"], clock.now()
    )
    assert (actor.kind, actor.person_id, actor.scopes) == (
        "client",
        UUID(client["id"]),
        ("documents.read", "cases.sync"),
    )
    assert [(held.agency_id, held.with_subtree) for held in actor.roles] == [(department, True)]
    assert directory.refused("me", access.Me(), token=session["grant"])[0] == "not_for_programs"


def test_the_secret_is_shown_once_and_kept_only_as_its_hash(directory, asked):
    body = asked()
    made = directory.ok("register_client", body)
    assert directory.refused("register_client", body) == ("client_registered_already", "requestId")
    assert made["secret"] not in str(directory.ok("list_clients", k.ListClients()))
    with directory.database.sessions() as session:
        kept = str(session.execute(select(integration_clients)).mappings().all())
        left = str(session.execute(select(trail)).mappings().all())
    assert made["secret"] not in kept + left
    assert "secret_digest" not in left


def test_an_unknown_program_and_a_wrong_secret_get_the_same_answer_and_leave_no_row(directory, client):
    def rows():
        with directory.database.sessions() as session:
            return len(session.execute(select(trail)).all())

    before = rows()
    wrong = let_in(directory, client, "x" * 40)
    unknown = let_in(directory, {"id": uuid4(), "secret": "x" * 40})
    assert wrong == unknown
    assert wrong["refused"]["code"] == "client_refused"
    assert rows() == before


def test_a_rotated_secret_overlaps_for_so_many_days_and_no_longer(directory, client):
    made = on(directory, "rotate_client_secret", client, overlap_days=7)["ok"]
    assert "ok" in let_in(directory, client), "the one before is good for a week"
    assert "ok" in let_in(directory, client, made["secret"])
    with directory.database.engine.begin() as connection:
        past = update(integration_clients).values(previous_until=clock.now())
        connection.execute(past)
    assert let_in(directory, client)["refused"]["code"] == "client_refused"
    again = on(directory, "rotate_client_secret", made["client"])["ok"]
    assert let_in(directory, client, made["secret"])["refused"]["code"] == "client_refused", (
        "no overlap asked for"
    )
    assert "ok" in let_in(directory, client, again["secret"])
    longest = rules.clients().longest_overlap_days
    refused = on(directory, "rotate_client_secret", again["client"], overlap_days=longest + 1)["refused"]
    assert (refused["code"], refused["field"]) == ("client_overlap_too_long", "overlapDays")


def test_calls_are_leased_up_to_the_minute_and_the_day_and_no_further(directory, client):
    token = let_in(directory, client)["ok"]["grant"]
    first = lease(directory, token)["ok"]
    assert (first["client_id"], first["calls"], first["left_in_minute"]) == (client["id"], 2, 18)
    leased = first["calls"] + sum(lease(directory, token)["ok"]["calls"] for _ in range(9))
    with directory.database.engine.begin() as connection:
        [row] = connection.execute(select(client_usage))
    assert (leased, row.in_day) == (20, 20)
    assert row.in_minute <= 20
    with directory.database.engine.begin() as connection:
        connection.execute(text("update client_usage set minute = minute - interval '5 minutes'"))
    leased += sum(lease(directory, token)["ok"]["calls"] for _ in range(15))
    assert leased == 30, "the day's"
    last = lease(directory, token)["ok"]
    assert (last["calls"], last["left_in_day"]) == (0, 0)
    with directory.database.engine.begin() as connection:
        connection.execute(text("update client_usage set day = day - 1, minute = minute - interval '1 day'"))
    assert lease(directory, token)["ok"]["calls"] == 2, "a new day"


def test_leases_side_by_side_never_add_up_to_more_than_the_quota(directory, asked):
    made = directory.ok("register_client", asked(calls_per_minute=5, calls_per_day=5))
    token = let_in(directory, made["client"] | {"secret": made["secret"]})["ok"]["grant"]
    calls = [("lease_calls", k.LeaseCalls(request_id=uuid4())) for _ in range(12)]
    given = [answer["ok"]["calls"] for answer in directory.together(*calls, token=token)]
    assert sum(given) == 5
    assert max(given) == 1


def test_a_program_that_is_revoked_is_let_in_no_more_and_leases_no_call(directory, client):
    token = let_in(directory, client)["ok"]["grant"]
    revoked = on(directory, "revoke_client", client, reason="Cổng ngừng hoạt động")["ok"]
    assert revoked["state"] == "revoked"
    # Within half a second the grant is heeded as void, before anybody asks whose it is.
    assert lease(directory, token)["refused"]["code"] in ("client_revoked", "not_signed_in")
    assert let_in(directory, client)["refused"]["code"] == "client_revoked"
    again = on(directory, "approve_client", revoked)["refused"]
    assert again["code"] == "client_revoked"
    with directory.database.sessions() as session:
        rows = (
            session.execute(select(trail).where(trail.c.action == "directory:revoke_client")).mappings().all()
        )
    assert [(row["reason"], row["after"]["state"]) for row in rows] == [("Cổng ngừng hoạt động", "revoked")]


def test_only_the_province_approves_and_what_another_registers_waits_for_it(directory, asked, department):
    person = directory.a_person()
    own = [c.RoleToGrant(role=roles.Role.PROVINCE_ADMIN, with_subtree=True)]
    directory.a_position(department, person, roles=own)
    account = {"person_id": person, "username": "ha.tran", "password": "mot cau du dai 2026"}
    directory.ok("open_account", {"request_id": uuid4(), "must_change_password": False, **account})
    theirs = directory.token_of("ha.tran")
    made = directory.ok("register_client", asked(), token=theirs)
    client = made["client"] | {"secret": made["secret"]}
    assert client["state"] == "pending"
    assert let_in(directory, client)["refused"]["code"] == "client_not_approved"
    body = {"request_id": uuid4(), "client_id": client["id"], "expected_version": client["version"]}
    assert directory.refused("approve_client", body, token=theirs)[0] == "client_approved_by_province"
    beyond = asked(agencies=[{"agency_id": directory.root_id}])
    assert directory.refused("register_client", beyond, token=theirs) == ("client_beyond_reach", "agencies")
    assert on(directory, "approve_client", client)["ok"]["state"] == "active"
    assert "ok" in let_in(directory, client)


def test_overdue_programs_are_suspended_after_a_notice_and_work_again_once_approved(directory, client):
    rule = rules.clients()

    def due_in(days):
        due = clock.today() + timedelta(days=days)
        with directory.database.engine.begin() as connection:
            connection.execute(update(integration_clients).values(approval_due_on=due))

    def published():
        with directory.database.sessions() as session:
            topic = events.ClientApprovalDue.topic
            return list(session.scalars(select(outbox.c.event).where(outbox.c.topic == topic)))

    due_in(rule.notice_days + 1)
    assert (sweep_once(directory.running.means, WATCH), published()) == (0, [])
    due_in(rule.notice_days)
    assert sweep_once(directory.running.means, WATCH) == 1
    assert sweep_once(directory.running.means, WATCH) == 0, "told once"
    [notice] = published()
    assert (notice["client_id"], notice["name"]) == (client["id"], client["name"])
    due_in(0)
    assert let_in(directory, client)["refused"]["code"] == "client_suspended", "also before the sweep comes"
    assert sweep_once(directory.running.means, WATCH) == 1
    [seen] = directory.ok("clients_by_ids", k.ClientsByIds(ids=[client["id"]]))
    assert seen["state"] == "suspended"
    approved = on(directory, "approve_client", seen)["ok"]
    assert approved["state"] == "active"
    assert approved["approval_due_on"] == str(clock.today() + timedelta(days=rule.approved_days))
    assert "ok" in let_in(directory, client)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        (
            {"calls_per_minute": 10_000_000, "calls_per_day": 10_000_000},
            "client_quota_too_high",
            "callsPerMinute",
        ),
        ({"calls_per_day": 10_000_000}, "client_quota_too_high", "callsPerDay"),
        ({"calls_per_day": 19}, "client_day_below_minute", "callsPerDay"),
        ({"expires_on": "2020-01-01"}, "client_end_does_not_fit", "expiresOn"),
        ({"expires_on": "2099-01-01"}, "client_end_does_not_fit", "expiresOn"),
        ({"scopes": ["everything"]}, "not_in_list", "scopes.0"),
        ({"scopes": []}, "too_short", "scopes"),
        ({"agencies": []}, "too_short", "agencies"),
        ({"agencies": [{"agency_id": str(uuid4())}]}, "agency_not_found", "agencies"),
        ({"responsible_id": str(uuid4())}, "person_not_found", "responsibleId"),
    ],
)
def test_what_no_program_may_have_is_refused_with_its_field(directory, asked, changes, code, field):
    answer = directory.ask("register_client", asked(**changes))["refused"]
    assert (answer["code"], answer["field"]) == (code, field)
    assert answer["remedy"]["vi"]


def test_where_its_agency_is_merged_a_program_goes_on_with_the_heir_and_sees_what_that_one_has(
    directory, department, client
):
    new, other = uuid4(), directory.an_agency()
    creation = r.NewAgency(
        id=new,
        code="H42.960",
        name="Sở mới",
        short_name="Sở mới",
        kind="department",
        parent_id=directory.root_id,
    )
    merge = r.AgencyMerge(from_ids=[department, other], into_id=new)
    directory.ok("reorganise", an_act(clock.today(), creations=[creation], merges=[merge]))
    [found] = directory.ok("clients_by_ids", {"ids": [client["id"]]})
    assert found["agency_id"] == str(new)
    assert found["agencies"] == [{"agency_id": str(new), "with_subtree": True}]
    assert "ok" in let_in(directory, client)


def test_a_program_knows_the_people_and_posts_of_its_agencies_and_no_others(directory, asked, department):
    here, elsewhere, former = (directory.a_person() for _ in range(3))
    foreign = directory.an_agency()
    mine = directory.a_position(department, here)
    theirs = directory.a_position(foreign, elsewhere)
    left = directory.a_position(department, former, title="Kế toán", held_to=clock.today())
    made = directory.ok("register_client", asked(scopes=["directory.read"]))
    token = let_in(directory, made["client"] | {"secret": made["secret"]})["ok"]["grant"]

    def seen(method, body, by=token):
        found = directory.ok(method, body, token=by)
        return {UUID(each["id"]) for each in (found["items"] if isinstance(found, dict) else found)}

    posts = c.PositionsByIds(ids=[UUID(each["id"]) for each in (mine, theirs, left)])
    assert seen("positions_by_ids", posts) == {UUID(mine["id"]), UUID(left["id"])}
    assert seen("people_by_ids", c.PeopleByIds(ids=[here, elsewhere, former])) == {here}
    assert seen("list_positions", c.ListPositions(agency_id=department)) == {UUID(mine["id"])}
    assert seen("list_positions", c.ListPositions(agency_id=foreign)) == set()
    # Members of staff know each other across the province.
    directory.ok("open_account", an_account(here, "can.bo"))
    staff = directory.token_of("can.bo")
    assert seen("list_positions", c.ListPositions(agency_id=foreign), staff) == {UUID(theirs["id"])}
    assert seen("people_by_ids", c.PeopleByIds(ids=[elsewhere]), staff) == {elsewhere}
