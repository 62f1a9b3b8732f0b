"""Notices, their e-mails and digests are their own person's: to everybody else they do not exist."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import insert

from contracts.notify.deliveries import DeliveryState
from kernel.base import clock
from services.notify.deliveries.tables import deliveries
from services.notify.digests.tables import digests
from services.notify.notices.tables import notices
from tests.integration.rights.bodies import same_but_for
from tests.integration.rights.conftest import Field
from tests.integration.rights.ground import EVERY_ROLE, RELATIONS, Ground
from tests.integration.rights.test_matrix import code_of, methods

SUBJECT = "Bản thảo QTTP-20 được trả lại"


@pytest.fixture
def field(speaking, private_key):
    spoken, ground = speaking("notify"), Ground(private_key)
    ground.plant(spoken)
    things = {name: uuid4() for name in ("person", "notice", "delivery", "digest")}
    now = datetime.now(UTC)
    words = {"subject": SUBJECT, "body": "…", "subject_en": "…", "body_en": "…"}
    about = {"kind": "revision_returned", "about_id": uuid4(), "about_type": "document", "cause_id": uuid4()}
    owner = {"person_id": things["person"]}
    letter = {"channel": "email", "address": "mau@so.example", "state": DeliveryState.SENT, "attempts": 1}
    counted = {"day": clock.today(), "after_number": 0, "to_number": 1, "notices": 1, "unread_before": 0}
    with spoken.means.database.sessions() as session:
        row = {"id": things["notice"], "number": 1, "posted_at": now, **owner, **words, **about}
        session.execute(insert(notices).values(row))
        mail = {"id": things["delivery"], "notice_id": things["notice"], "queued_at": now, **letter}
        session.execute(insert(deliveries).values(mail))
        made = {"id": things["digest"], "made_at": now, "delivery_id": things["delivery"]}
        session.execute(insert(digests).values({**made, **owner, **counted}))
        session.commit()
    return Field("notify", spoken, ground, things)


ASKED = {
    "list_notices": {},
    "list_digests": {},
    "deliveries_of": {"ids": ["notice"]},
    "mark_notices_read": {"up_to_number": 5},
}


def _ask(field, method, token, **given):
    body = {name: [field.things[each] for each in v] if name == "ids" else v for name, v in given.items()}
    return field.spoken.ask(method, {"request_id": uuid4()} | body, token)


def test_every_method_is_in_this_test():
    assert set(methods("notify")) == set(ASKED)


def test_nobody_else_finds_anything_of_it_whatever_their_role(field):
    for relation in RELATIONS:
        for role in EVERY_ROLE:
            token = field.ground.token(field.ground.standing(relation, role))
            for method, given in ASKED.items():
                answer = str(_ask(field, method, token, **given)["ok"])
                assert SUBJECT not in answer, (method, role)
                assert str(field.things["delivery"]) not in answer
                assert "'marked': 1" not in answer
                assert "'unread': 1" not in answer


def test_the_e_mails_of_anothers_notice_are_like_those_of_none(field):
    token = field.ground.token(field.ground.standing("own", "iso_head"))
    nothing = uuid4()
    said = [
        same_but_for(field.spoken.ask("deliveries_of", {"ids": [each]}, token), each)
        for each in (field.things["notice"], nothing)
    ]
    assert said[0] == said[1]


def test_the_person_finds_it_in_every_position_and_without_a_token_nobody_does(field):
    token = field.ground.almighty(field.ground.sibling, field.things["person"])
    for method, given in ASKED.items():
        assert code_of(_ask(field, method, None, **given)) == "not_signed_in"
        answer = str(_ask(field, method, token, **given)["ok"])
        shown = (SUBJECT, str(field.things["delivery"]), str(field.things["digest"]), "'marked': 1")
        assert any(each in answer for each in shown), (method, answer)
