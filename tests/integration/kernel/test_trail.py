"""The trail on real servers: a row for every change, sealed within a second, and every tampering found."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from minio.error import S3Error
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import ProgrammingError

from deploy.platform import bucket
from kernel.data.tables import trail, trail_pending, trail_seals
from kernel.trust import chain
from kernel.work.sealer import Sealer
from kernel.work.trail_verification import verify
from tests.integration.kernel.test_calls import METHOD, a_payment


@pytest.fixture
def agency():
    return uuid4()


@pytest.fixture
def payer(a_token, agency):
    return a_token("payer", agency=agency)


@pytest.fixture
def owner(servers, databases, means):
    """The database as its owner, who could tamper."""
    engine = create_engine(databases.url_as("documents_owner", means.database))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def sealed(ledger_running, means, rpc, payer, agency):
    """Five changes of one account, sealed."""
    ledger_running("rpc")
    account = uuid4()
    for amount in range(1, 6):
        rpc.call(METHOD, a_payment(agency, account_id=account, amount=amount), token=payer)
    assert Sealer(means).turn() == 5
    return account


def verdict(means):
    with means.database.engine.connect() as connection:
        return verify(connection)


def broken(means, owner, statement, **facts):
    owner.execute(text(statement), facts)
    owner.commit()
    return [each.code for each in verdict(means).breaks]


def test_each_change_leaves_a_row_with_what_differs_and_no_secret(sealed, means):
    with means.database.sessions() as session:
        rows = session.execute(select(trail).order_by(trail.c.recorded_at)).mappings().all()
    assert rows[0]["before"] is None
    assert "secret" not in rows[0]["after"]
    assert (rows[1]["before"], rows[1]["after"]) == ({"amount": 1}, {"amount": 3})
    assert rows[1]["action"] == "documents:pay_in"
    assert rows[1]["trace_id"]


def test_a_whole_trail_has_no_breaks(sealed, means):
    found = verdict(means)
    assert (found.sealed, found.unsealed, found.breaks) == (5, 0, [])


def test_a_changed_row_is_found(sealed, means, owner):
    statement = "update trail set after = '{\"amount\": 999}' where after ->> 'amount' = '3'"
    assert broken(means, owner, statement) == ["trail_row_changed"]


def test_a_deleted_row_is_found(sealed, means, owner):
    statement = "delete from trail where after ->> 'amount' = '6'"
    assert broken(means, owner, statement) == ["trail_row_missing"]


def test_a_row_put_in_past_the_application_is_found(sealed, means, owner):
    columns = "recorded_at, occurred_at, agency_id, actor_kind, action, subject_type, subject_id"
    copied = f"insert into trail (id, {columns}) select gen_random_uuid(), {columns} from trail limit 1"
    assert broken(means, owner, copied) == ["trail_row_without_seal"]


def test_a_row_that_waits_for_its_seal_is_no_break(sealed, means, rpc, payer, agency):
    rpc.call(METHOD, a_payment(agency), token=payer)
    found = verdict(means)
    assert (found.sealed, found.unsealed, found.breaks) == (5, 1, [])


def test_swapped_seals_are_found(sealed, means, owner):
    owner.execute(text("alter table trail_seals drop constraint trail_seals_trail_id_key"))
    swap = """update trail_seals s set trail_id = other.trail_id from trail_seals other
              where s.position in (2, 3) and other.position = 5 - s.position"""
    found = broken(means, owner, swap)
    assert found
    assert set(found) <= {"trail_row_changed", "trail_row_missing"}


def test_a_cut_tail_is_found(sealed, means, owner):
    found = broken(means, owner, "delete from trail_seals where position = 5")
    assert found == ["trail_tail_cut", "trail_row_without_seal"]


def test_the_application_can_neither_change_nor_delete_its_trail(sealed, means):
    with means.database.engine.connect() as connection:
        for statement in ("update trail set reason = 'x'", "delete from trail", "delete from trail_seals"):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(text(statement))
            connection.rollback()


HEAD_TAMPERED = {
    "rewound": "update trail_heads set position = 3, hash = s.hash from trail_seals s where s.position = 3",
    "rewound by one": "update trail_heads set position = position - 1",
    "another end": "update trail_heads set hash = decode(repeat('ab', 32), 'hex')",
    "ahead of its seals": "update trail_heads set position = position + 1",
    "the same again": "update trail_heads set hash = hash",
    "of another chain": "update trail_heads set agency_id = gen_random_uuid()",
    "of another month": "update trail_heads set month = '2020-01-01'",
    "deleted": "delete from trail_heads",
    "emptied": "truncate trail_heads",
    "put in": "insert into trail_heads select gen_random_uuid(), month, 1, hash from trail_heads",
    "put over": "insert into trail_heads select agency_id, month, 3, hash from trail_heads "
    "on conflict (agency_id, month) do update set position = excluded.position, hash = excluded.hash",
    "unguarded": "alter table trail_heads disable trigger guard_trail_head",
    "guard replaced": "create or replace function guard_trail_head() returns trigger language plpgsql "
    "as 'begin return new; end'",
    "told to skip triggers": "set session_replication_role = replica",
}


@pytest.mark.parametrize("how", HEAD_TAMPERED)
def test_the_application_cannot_take_a_head_back_nor_elsewhere(sealed, means, owner, how):
    before = owner.execute(text("select * from trail_heads")).all()
    with means.database.engine.connect() as app:
        with pytest.raises(ProgrammingError, match=r"permission denied|trail_heads: |must be owner"):
            app.execute(text(HEAD_TAMPERED[how]))
        app.rollback()
    owner.rollback()
    assert owner.execute(text("select * from trail_heads")).all() == before
    assert verdict(means).breaks == []


def test_a_seal_that_does_not_follow_moves_no_head(sealed, means, owner):
    """The application may add seals; only one that follows from the head lets the head move on."""
    forged = """insert into trail_seals
             (agency_id, month, position, trail_id, recorded_at, previous_hash, hash)
      select agency_id, month, position + 1, gen_random_uuid(), now(), decode(repeat('cd', 32), 'hex'),
             decode(repeat('ef', 32), 'hex') from trail_heads"""
    move = "update trail_heads set position = position + 1, hash = decode(repeat('ef', 32), 'hex')"
    with means.database.engine.connect() as app:
        app.execute(text(forged))
        with pytest.raises(ProgrammingError, match="moves on along its seals"):
            app.execute(text(move))
        app.rollback()


def test_a_temporary_table_in_place_of_the_seals_fools_nobody(sealed, means):
    """The application may make temporary tables, which are looked at first where no schema is named."""
    with means.database.engine.connect() as app:
        app.execute(text("create temporary table trail_seals as select * from public.trail_seals"))
        app.execute(text("update trail_seals set position = position + 1"))
        with pytest.raises(ProgrammingError, match="moves on along its seals"):
            app.execute(text("update trail_heads set position = position + 1"))
        app.rollback()


def test_two_sealers_make_one_chain(ledger_running, means, rpc, payer, agency, eventually):
    ledger_running("rpc", "relay")
    ledger_running("relay")
    for _ in range(30):
        rpc.call(METHOD, a_payment(agency), token=payer)

    def all_sealed():
        with means.database.sessions() as session:
            waiting = session.scalar(select(func.count()).select_from(trail_pending))
            return not waiting and session.scalar(select(func.max(trail_seals.c.position))) == 30

    eventually(all_sealed)
    assert verdict(means).breaks == []


def test_the_canonical_bytes_of_a_row_are_what_they_were_when_chains_were_sealed():
    from datetime import UTC, datetime
    from uuid import UUID

    moment = datetime(2026, 8, 10, 1, 2, 3, 4, tzinfo=UTC)
    row = dict.fromkeys(chain.CHAINED) | {
        "id": UUID(int=1),
        "recorded_at": moment,
        "occurred_at": moment,
        "agency_id": UUID(int=2),
        "actor_kind": "person",
        "action": "documents:approve_revision",
        "subject_type": "Document",
        "subject_id": UUID(int=3),
        "after": {"b": 1, "a": "Đã phê duyệt"},
    }
    assert chain.link(chain.START, row).hex() == PINNED


PINNED = "f921c5ffeef8afe2f9bd589ee39965221975f45b657c846366c2751f69bfa717"


def test_the_operators_role_may_read_and_nothing_else(sealed, servers, databases, means):
    url = databases.url_as("ops", means.database).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from trail").fetchone() == (5,)
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            connection.execute("delete from trail")


def anchored(means) -> int:
    from kernel.run.process import sweep_once
    from kernel.work.anchor import anchor_heads
    from kernel.work.service import Sweep

    return sweep_once(means, Sweep(name="anchor_trail", every=1, run=anchor_heads))


@pytest.fixture
def own_anchors(monkeypatch, means, servers):
    """Anchors of this test alone: the tests share one bucket, of which the service may use its own folder."""
    monkeypatch.setattr("kernel.work.anchor.FOLDER", f"trail-anchors-{uuid4().hex}")
    monkeypatch.setattr(means.store, "client", bucket.client(servers))


def rewrite_the_whole_chain(owner, means) -> None:
    """What only the owner of the database can do: another story, sealed anew from the first row on."""
    owner.execute(text("update trail set after = '{\"amount\": 999}' where after ->> 'amount' = '3'"))
    owner.execute(text("delete from trail_seals"))
    owner.execute(text("delete from trail_heads"))
    owner.execute(text("insert into trail_pending select id, recorded_at from trail"))
    owner.commit()
    assert Sealer(means).turn() == 5


def test_heads_are_anchored_once_a_day_and_locked(sealed, means, own_anchors):
    from kernel.work import anchor

    assert anchored(means) == 1
    assert anchored(means) == 0
    [(key, version)] = means.store.first_versions(anchor.FOLDER).items()
    with pytest.raises(S3Error, match="AccessDenied"):
        means.store.client.remove_object(means.store.bucket, key, version_id=version)


def test_a_chain_rewritten_by_its_owner_is_found_by_the_anchor(sealed, means, owner, own_anchors):
    from kernel.work.anchor import anchors_of

    anchored(means)
    rewrite_the_whole_chain(owner, means)
    assert verdict(means).breaks == [], "the chain itself cannot tell"
    with means.database.engine.connect() as connection:
        found = verify(connection, anchors=anchors_of(means.store, "documents"))
    assert [each.code for each in found.breaks] == ["trail_anchor_differs"]


def test_a_later_version_put_over_an_anchor_changes_nothing(sealed, means, owner, own_anchors):
    from kernel.base import clock
    from kernel.work import anchor

    anchored(means)
    [key] = means.store.first_versions(anchor.FOLDER)
    forged = b'{"service": "documents", "anchored_at": "2026-01-01T00:00:00Z", "heads": []}'
    means.store.put(key, forged, "application/json", clock.now() + timedelta(minutes=5))
    rewrite_the_whole_chain(owner, means)
    with means.database.engine.connect() as connection:
        found = verify(connection, anchors=anchor.anchors_of(means.store, "documents"))
    assert [each.code for each in found.breaks] == ["trail_anchor_differs"]


def test_a_whole_trail_with_anchors_has_no_breaks(sealed, means, rpc, payer, agency, own_anchors):
    from kernel.work.anchor import anchors_of

    anchored(means)
    rpc.call(METHOD, a_payment(agency), token=payer)
    Sealer(means).turn()
    with means.database.engine.connect() as connection:
        assert verify(connection, anchors=anchors_of(means.store, "documents")).breaks == []
