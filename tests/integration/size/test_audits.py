"""Nonconformities, audits and reviews of 250 agencies, asked for by three who see more and less of them."""

import pytest
from sqlalchemy import text

from tests.integration.audits.test_plans import _AUDITS, _CHILDREN, _NONCONFORMITIES, _PROGRAMMES, _REVIEWS
from tests.integration.plans import PROOF, analyze
from tests.integration.size.callers import Asked, assert_nobody_waits_longer, tokens_of, walked
from tests.integration.size.country import BUSY, OFFICER_OF, ROOT, found_tree

MANY = 20_000 if PROOF else 3_000
TABLES = ("nonconformities", "audits", "reviews", "corrective_actions", "findings", "review_tasks")
QUESTIONS = {
    "nonconformities": ("list_nonconformities", {}),
    "nonconformities of an agency": ("list_nonconformities", {"agency_id": OFFICER_OF}),
    "nonconformities that are open": ("list_nonconformities", {"state": "open"}),
    "audits": ("list_audits", {}),
    "audits of an agency": ("list_audits", {"agency_id": OFFICER_OF}),
    "reviews": ("list_reviews", {}),
    "duties": ("quality_duties", {}),
}


@pytest.fixture
def asked(running, rpc, platform, a_token):
    service = running("audits", "rpc")
    with service.database.sessions() as session:
        found_tree(session, ROOT)
        for statement in (_PROGRAMMES, _NONCONFORMITIES, _AUDITS, _REVIEWS, *_CHILDREN):
            session.execute(text(statement), {"many": MANY, "agencies": BUSY})
        session.commit()
    analyze(platform, service.database, TABLES)
    return Asked(rpc, "audits", service.database, tokens_of(a_token, ROOT))


@pytest.mark.proof
def test_no_read_of_audits_walks_through_a_table(asked, record_property):
    record_property("nonconformities, audits, reviews each", MANY)
    found = [each.partition(": SELECT")[0] for each in walked(asked, QUESTIONS, TABLES)]
    assert not found, "\n".join(found)


@pytest.mark.proof
def test_who_sees_fewer_audits_waits_no_longer(asked, record_property):
    assert_nobody_waits_longer(asked, QUESTIONS, record_property)
