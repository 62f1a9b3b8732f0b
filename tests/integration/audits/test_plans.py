"""No list of nonconformities, audits or reviews reads a whole table, for any caller and at any page.

EISO_PROOF=1 makes it 200,000 of each.
"""

from uuid import UUID

import pytest
from sqlalchemy import text

from org import tree
from tests.integration.audits.conftest import _agency
from tests.integration.plans import PROOF, analyze, read_whole, watched

MANY = 200_000 if PROOF else 5_000
AGENCIES = 129
TABLES = ("nonconformities", "audits", "reviews", "corrective_actions", "findings", "review_tasks")
BELOW = [UUID(int=n) for n in (3, 4, 5)]
QUESTIONS = [
    ("list_nonconformities", {}),
    ("list_nonconformities", {"agency_id": UUID(int=7)}),
    ("list_nonconformities", {"state": "open"}),
    ("list_audits", {}),
    ("list_audits", {"agency_id": UUID(int=7)}),
    ("list_audits", {"programme_id": UUID(int=1)}),
    ("list_reviews", {}),
    ("list_reviews", {"agency_id": UUID(int=7)}),
]


@pytest.fixture
def crowded(audits, province, platform):
    with audits.database.sessions() as session:
        for statement in (_PROGRAMMES, _NONCONFORMITIES, _AUDITS, _REVIEWS, *_CHILDREN):
            session.execute(text(statement), {"many": MANY, "agencies": AGENCIES})
        for child in BELOW:
            tree.project_agency(session, _agency(child, province.department), 1)
        session.commit()
    analyze(platform, audits.database, TABLES)
    return province


@pytest.fixture
def tokens(crowded, a_token):
    """One who stands over all, one of one agency, one of an agency and what is below it."""
    return {
        "the province": a_token("reader", agency=crowded.root, with_subtree=True),
        "one agency": a_token("reader", agency=UUID(int=7)),
        "some agencies": a_token("reader", agency=crowded.department, with_subtree=True),
    }


@pytest.mark.proof
@pytest.mark.parametrize("who", ["the province", "one agency", "some agencies"])
def test_no_list_of_audits_reads_a_whole_table(audits, rpc, tokens, who, record_property):
    record_property("rows", MANY)
    read = []
    for method, question in QUESTIONS:
        with watched(audits.database) as asked:
            page = rpc.call(f"audits.{method}", question, token=tokens[who])["ok"]
            if page["has_next"]:
                more = question | {"after": page["cursors"][-1]}
                rpc.call(f"audits.{method}", more, token=tokens[who])
        read += read_whole(audits.database, asked, TABLES)
    assert read == []


_EACH = """
  from generate_series(1, :many) n,
       lateral (select lpad(to_hex(1 + n % :agencies), 32, '0')::uuid as agency) e
"""
_PROGRAMMES = """
insert into programmes (id, version, agency_id, year, title, objective, drafted_by, state)
select lpad(to_hex(n), 32, '0')::uuid, 1, lpad(to_hex(n), 32, '0')::uuid, 2026, 'CT', 'MT',
       lpad('1', 32, '0')::uuid, 'approved' from generate_series(1, :agencies) n where :many > 0
"""
_NONCONFORMITIES = f"""
insert into nonconformities (id, version, agency_id, number, source, severity, state, description,
    occurrences, needs_corrective_action, raised_at, changes)
select md5('n' || n)::uuid, 1, e.agency, 'KPH-' || n, 'manual', 'minor',
       case when n % 5 = 0 then 'open' else 'closed' end, 'Hồ sơ trả chậm', 1, false,
       timestamptz '2025-08-01' + n * interval '2 minutes', 1 {_EACH}
"""
_AUDITS = f"""
insert into audits (id, version, programme_id, agency_id, title, framework, clauses, document_ids,
    lead_auditor_id, auditor_ids, planned_from, planned_to, state, checklist, changes)
select md5('a' || n)::uuid, 1, e.agency, e.agency, 'Đánh giá', 'tcvn-iso-9001:2015', '{{}}', '{{}}',
       e.agency, '{{}}', date '2025-08-01' + n % 400, date '2025-08-02' + n % 400, 'planned', '[]', 1 {_EACH}
"""
_REVIEWS = f"""
insert into reviews (id, version, agency_id, title, period_from, period_to, held_on, state, inputs, changes)
select md5('r' || n)::uuid, 1, e.agency, 'Xem xét', '2025-01-01', '2025-06-30', date '2025-08-01' + n % 400,
       'planned', '[]', 1 {_EACH}
"""
_CHILDREN = (
    """insert into corrective_actions (id, nonconformity_id, description, owner_id, due_on, planned_at, state)
    select id, id, 'Khắc phục', agency_id, '2026-08-01', raised_at, 'planned' from nonconformities
     where :many + :agencies > 0""",
    """insert into findings (id, audit_id, seq, clause, grade, statement, evidence, found_by, found_at)
    select id, id, 1, '8.5', 'minor', 'Phát hiện', 'Bằng chứng', agency_id, planned_from from audits
     where :many + :agencies > 0""",
    """insert into review_tasks (id, review_id, decision, owner_id, due_on, decided_at, state)
    select id, id, 'Quyết định', agency_id, held_on, held_on, 'open' from reviews
     where :many + :agencies > 0""",
)
