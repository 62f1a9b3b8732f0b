"""The trail against a user who may write to its tables: each of many random tamperings is found."""

import json
import os
import random
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, select, text

from kernel.base import clock
from kernel.data.tables import trail, trail_heads, trail_seals
from kernel.trust import chain
from kernel.trust.identity import Actor
from kernel.trust.trail import Entry
from kernel.work.anchor import Anchor, Head
from kernel.work.sealer import Sealer
from kernel.work.trail_verification import verify
from kernel.work.unit_of_work import transaction, work_of

PROOF = bool(os.environ.get("EISO_PROOF"))
TAMPERINGS = 500 if PROOF else 50
ROWS = 1_000_000 if PROOF else 5_000
AGENCIES = [uuid4() for _ in range(4)]


@pytest.fixture
def owner(platform, databases, means):
    """The database as its owner, who could tamper."""
    engine = create_engine(databases.url_as("documents_owner", means.database))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def anchor(means, owner):
    """The heads as they stand in the locked store, after 120 rows of four agencies were sealed."""
    origin = means.origin(Actor.system("test"), "test", occurred_at=clock.now(), trace_id=None)
    for number in range(60):
        with transaction(means.database, origin) as session:
            work_of(session).entries += [
                Entry(
                    subject_type="Account",
                    subject_id=uuid4(),
                    agency_id=AGENCIES[(number + each) % 4],
                    before={"amount": number},
                    after={"amount": number + 1},
                    reason=f"lý do {number}",
                )
                for each in range(2)
            ]
    assert Sealer(means).turn() == 120
    rows = owner.execute(select(trail_heads)).all()
    owner.rollback()
    heads = [Head(agency_id=r.agency_id, month=r.month, position=r.position, hash=r.hash.hex()) for r in rows]
    return Anchor(service="documents", anchored_at=clock.now(), heads=heads)


def rows_of(owner):
    return owner.execute(select(trail).order_by(trail.c.recorded_at, trail.c.id)).mappings().all()


def run(owner, statement, **facts):
    done = owner.execute(text(statement), facts)
    assert done.rowcount, "the tampering touched nothing"


CHANGES = {
    "after": "'{\"amount\": 999}'",
    "before": "null",
    "reason": "'lý do khác'",
    "action": "'documents:other'",
    "subject_id": "gen_random_uuid()",
    "agency_id": "gen_random_uuid()",
    "person_id": "gen_random_uuid()",
    "occurred_at": "occurred_at - interval '1 second'",
    "trace_id": "'0'",
}


def change(owner, pick):
    column = pick.choice(sorted(CHANGES))
    row = pick.choice(rows_of(owner))
    run(owner, f"update trail set {column} = {CHANGES[column]} where id = :id", id=row["id"])


def delete(owner, pick):
    row = pick.choice(rows_of(owner))
    run(owner, "delete from trail where id = :id", id=row["id"])
    if pick.random() < 0.5:
        run(owner, "delete from trail_seals where trail_id = :id", id=row["id"])


def put_in(owner, pick):
    row = dict(pick.choice(rows_of(owner))) | {"id": uuid4(), "reason": "thêm vào"}
    owner.execute(insert(trail).values(row))
    if pick.random() < 0.5:
        seal = owner.execute(
            select(trail_seals)
            .where(trail_seals.c.agency_id == row["agency_id"])
            .order_by(trail_seals.c.position.desc())
            .limit(1)
        ).one()
        forged = chain.link(seal.hash, row)
        values = {
            "agency_id": seal.agency_id,
            "month": seal.month,
            "position": seal.position + 1,
            "trail_id": row["id"],
            "recorded_at": row["recorded_at"],
            "previous_hash": seal.hash,
            "hash": forged,
        }
        owner.execute(insert(trail_seals).values(values))


def swap(owner, pick):
    """The content of two rows, or their seals."""
    one, other = pick.sample(rows_of(owner), 2)
    if pick.random() < 0.5:
        for row, content in ((one, other), (other, one)):
            facts = {"id": row["id"], "subject": content["subject_id"], "reason": content["reason"]}
            run(owner, "update trail set subject_id = :subject, reason = :reason where id = :id", **facts)
        return
    owner.execute(text("alter table trail_seals drop constraint trail_seals_trail_id_key"))
    facts = {"one": one["id"], "other": other["id"]}
    run(
        owner,
        """update trail_seals s set trail_id = o.trail_id, recorded_at = o.recorded_at from trail_seals o
            where s.trail_id in (:one, :other) and o.trail_id in (:one, :other)
              and s.trail_id <> o.trail_id""",
        **facts,
    )


def cut_the_tail(owner, pick):
    """The last rows with their seals; in half of the cases the head is put back as well."""
    agency, length = pick.choice(AGENCIES), pick.randint(1, 20)
    head = owner.execute(select(trail_heads).where(trail_heads.c.agency_id == agency)).first()
    facts = {"agency": agency, "kept": head.position - length, "month": head.month}
    mine = "agency_id = :agency and month = :month and position > :kept"
    run(owner, f"delete from trail where id in (select trail_id from trail_seals where {mine})", **facts)
    run(owner, f"delete from trail_seals where {mine}", **facts)
    if pick.random() < 0.5:
        run(
            owner,
            """update trail_heads h set position = s.position, hash = s.hash from trail_seals s
                where s.agency_id = h.agency_id and s.month = h.month and s.position = :kept
                  and h.agency_id = :agency and h.month = :month""",
            **facts,
        )


KINDS = (change, delete, put_in, swap, cut_the_tail)


@pytest.mark.proof
def test_every_one_of_many_random_tamperings_is_found(owner, anchor, record_property):
    found, missed = 0, []
    assert verify(owner, anchors=[anchor]).breaks == []
    owner.rollback()
    for seed in range(TAMPERINGS):
        pick = random.Random(seed)
        kind = KINDS[seed % len(KINDS)]
        kind(owner, pick)
        if verify(owner, anchors=[anchor]).breaks:
            found += 1
        else:
            missed.append((seed, kind.__name__))
        owner.rollback()
    record_property("found", f"{found} / {TAMPERINGS}")
    assert missed == []


@pytest.mark.proof
def test_a_long_trail_is_verified_row_by_row(owner, platform, means, record_property):
    _a_long_chain(owner, ROWS)
    said, began = [], time.monotonic()
    verdict = verify(owner, went_on=said.append)
    seconds = time.monotonic() - began
    record_property("rows", f"{ROWS:,}")
    record_property("rows/s", f"{ROWS / seconds:,.0f}")
    assert (verdict.sealed, verdict.unsealed, verdict.breaks) == (ROWS, 0, [])
    assert sum(said) == ROWS
    assert len(said) > ROWS // 1000
    owner.rollback()
    row = owner.execute(select(trail.c.id).offset(ROWS // 2).limit(1)).scalar_one()
    run(owner, "update trail set reason = 'khác' where id = :id", id=row)
    [broken] = verify(owner).breaks
    assert (broken.code, broken.trail_id) == ("trail_row_changed", row)


def _a_long_chain(owner, rows: int) -> None:
    """As the sealer would have made it, but copied straight in: two agencies, one month."""
    first = clock.now().replace(microsecond=0) - timedelta(minutes=1)
    month = chain.month_of(first)
    heads = dict.fromkeys(sorted(AGENCIES[:2]), (0, chain.START))
    seals = []
    cursor = owner.connection.cursor()
    with cursor.copy(f"copy trail ({', '.join(chain.CHAINED)}) from stdin") as copy:
        for number in range(rows):
            row = _a_row(number, first)
            position, previous = heads[row["agency_id"]]
            heads[row["agency_id"]] = position + 1, chain.link(previous, row)
            states = {name: json.dumps(row[name]) for name in ("before", "after")}
            copy.write_row([(row | states)[name] for name in chain.CHAINED])
            place = (row["agency_id"], month, position + 1, row["id"], row["recorded_at"])
            seals.append((*place, previous, heads[row["agency_id"]][1]))
    columns = "agency_id, month, position, trail_id, recorded_at, previous_hash, hash"
    with cursor.copy(f"copy trail_seals ({columns}) from stdin") as copy:
        for seal in seals:
            copy.write_row(seal)
    values = [
        {"agency_id": agency, "month": month, "position": position, "hash": hash_}
        for agency, (position, hash_) in heads.items()
    ]
    owner.execute(insert(trail_heads), values)
    owner.execute(text("analyze trail; analyze trail_seals"))
    owner.commit()


def _a_row(number: int, first) -> dict:
    agency = sorted(AGENCIES[:2])[number % 2]
    return dict.fromkeys(chain.CHAINED) | {
        "id": uuid4(),
        "recorded_at": first + timedelta(microseconds=number),
        "occurred_at": first,
        "agency_id": agency,
        "actor_kind": "system",
        "action": "documents:pay_in",
        "subject_type": "Account",
        "subject_id": agency,
        "before": {"amount": number},
        "after": {"amount": number + 1},
    }
