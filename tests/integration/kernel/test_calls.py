"""Calls on real servers: once, in time, refused as data, and never the death of the service."""

import pickle
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kernel.base import wire
from kernel.bus import names
from kernel.bus.parked import REASON
from kernel.bus.publisher import Outgoing
from kernel.data.tables import commands, outbox, trail
from tests.integration.kernel.ledger import Balance, PayIn, accounts

METHOD = "documents.pay_in"


@pytest.fixture
def agency():
    return uuid4()


@pytest.fixture
def payer(a_token, agency):
    return a_token("payer", agency=agency)


def a_payment(agency, **changes):
    given = {"request_id": uuid4(), "account_id": uuid4(), "agency_id": agency, "amount": 5}
    return PayIn(**given | changes)


def count_of(database, table):
    with database.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_same_request_acts_once_and_answers_twice(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    payment = a_payment(agency)
    first = rpc.call(METHOD, payment, token=payer)
    assert first["ok"]["amount"] == 5
    assert rpc.call(METHOD, payment, token=payer) == first
    assert (count_of(means.database, outbox), count_of(means.database, trail)) == (1, 1)


def test_twenty_copies_at_the_same_time_have_one_effect(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    payment = a_payment(agency)
    sent = {rpc.send(METHOD, payment, token=payer) for _ in range(20)}
    answers = []
    while sent:
        message = rpc.channel.basic_get(rpc.queue, no_ack=True)
        if message:
            sent.discard(message.properties["correlation_id"])
            answers.append(wire.decode(message.body)["result"]["ok"]["amount"])
    assert answers == [5] * 20
    assert count_of(means.database, outbox) == 1


def test_a_reused_request_id_with_another_body_is_refused(ledger_running, rpc, payer, agency):
    ledger_running("rpc")
    payment = a_payment(agency)
    rpc.call(METHOD, payment, token=payer)
    payment.amount = 6
    refused = rpc.call(METHOD, payment, token=payer)["refused"]
    assert (refused["kind"], refused["code"], refused["field"]) == (
        "Conflict",
        "request_id_reused",
        "requestId",
    )


def test_a_refusal_is_kept_and_leaves_nothing_else(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    payment = a_payment(agency, amount=13)
    first = rpc.call(METHOD, payment, token=payer)
    assert first["refused"]["field"] == "amount"
    assert rpc.call(METHOD, payment, token=payer) == first
    assert count_of(means.database, commands) == 1
    assert count_of(means.database, accounts) == count_of(means.database, outbox) == 0


def test_a_defect_leaves_nothing_and_names_its_trace_id_only(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    with pytest.raises(RuntimeError) as caught:
        rpc.call(METHOD, a_payment(agency, misbehave="crash"), token=payer)
    assert "disk is full" not in str(caught.value)
    assert count_of(means.database, accounts) == count_of(means.database, commands) == 0
    assert "ok" in rpc.call(METHOD, a_payment(agency), token=payer)


def test_a_command_that_leaves_no_trail_is_a_defect(ledger_running, rpc, payer, agency):
    ledger_running("rpc")
    with pytest.raises(RuntimeError):
        rpc.call(METHOD, a_payment(agency, misbehave="no trail"), token=payer)


def test_a_command_that_does_not_ask_the_policy_is_a_defect(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    with pytest.raises(RuntimeError):
        rpc.call(METHOD, a_payment(agency, misbehave="no policy"), token=payer)
    assert count_of(means.database, accounts) == 0


def test_a_question_cannot_write(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    account = rpc.call(METHOD, a_payment(agency), token=payer)["ok"]["account_id"]
    with pytest.raises(RuntimeError):
        rpc.call("documents.balance", Balance(account_id=account, misbehave="write"))
    assert rpc.call("documents.balance", Balance(account_id=account))["ok"]["amount"] == 5


def test_a_call_whose_deadline_passed_in_the_queue_is_not_started(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    late = rpc.call(METHOD, a_payment(agency), token=payer, **{wire.DEADLINE: wire.deadline_in(-1)})
    assert late["refused"]["code"] == "deadline_passed"
    # Four workers sleep while a fifth command waits beyond its deadline.
    sleepers = [rpc.send(METHOD, a_payment(agency, seconds=1.5), token=payer) for _ in range(4)]
    waiting = rpc.send(METHOD, a_payment(agency), token=payer, **{wire.DEADLINE: wire.deadline_in(0.7)})
    answers = {}
    while len(answers) < 5:
        message = rpc.channel.basic_get(rpc.queue, no_ack=True)
        if message:
            answers[message.properties["correlation_id"]] = wire.decode(message.body)["result"]
    assert answers[waiting]["refused"]["code"] == "deadline_passed"
    assert all("ok" in answers[each] for each in sleepers)
    assert count_of(means.database, accounts) == 4


def test_a_statement_is_cut_off_at_the_deadline(ledger_running, means, rpc, payer, agency):
    ledger_running("rpc")
    answer = rpc.call(METHOD, a_payment(agency, seconds=20), token=payer, seconds=1)
    assert answer["refused"]["code"] == "took_too_long"
    assert count_of(means.database, accounts) == count_of(means.database, commands) == 0


def test_who_lacks_a_token_or_role_is_refused(ledger_running, rpc, a_token, payer, agency):
    ledger_running("rpc")
    payment = a_payment(agency)
    assert rpc.call(METHOD, payment)["refused"]["code"] == "not_signed_in"
    assert rpc.call(METHOD, payment, token="nonsense")["refused"]["code"] == "bad_grant"
    assert rpc.call(METHOD, payment, token=a_token("reader", agency=agency))["refused"]["kind"] == "Forbidden"
    elsewhere = a_token("payer", agency=uuid4())
    assert rpc.call(METHOD, payment, token=elsewhere)["refused"]["code"] == "not_permitted"


def test_wrong_types_are_refused_with_the_field(ledger_running, rpc, payer, agency):
    ledger_running("rpc")
    wrong = wire.dump(a_payment(agency)) | {"amount": "five"}
    refused = rpc.call(METHOD, wrong, token=payer)["refused"]
    assert (refused["code"], refused["field"]) == ("wrong_type", "amount")
    assert refused["message"]["vi"]
    assert refused["remedy"]["en"]


def test_a_method_that_does_not_exist_is_answered(ledger_running, rpc):
    ledger_running("rpc")
    assert rpc.call("documents.no_such_thing", {})["refused"]["code"] == "unknown_method"


POISON = {
    "no_reply_to": Outgoing(exchange=names.RPC.name, routing_key=METHOD, body=b'{"args":[{}],"kwargs":{}}'),
    "bad JSON": Outgoing(exchange=names.RPC.name, routing_key=METHOD, body=b"{nonsense"),
    "pickle": Outgoing(
        exchange=names.RPC.name,
        routing_key=METHOD,
        body=pickle.dumps({"args": []}),
        content_type="application/x-python-serialize",
    ),
    "too large": Outgoing(exchange=names.RPC.name, routing_key=METHOD, body=b" " * 8_000_000),
}


@pytest.mark.parametrize("kind", POISON)
def test_poison_nobody_waits_for_is_parked_with_its_reason(
    ledger_running, means, rpc, eventually, payer, agency, servers, kind
):
    ledger_running("rpc")
    rpc.pool.publish_one(POISON[kind])
    channel = rpc.connection.channel()
    from kernel.bus.connection import connect

    with connect(servers.amqp_uri("admin")) as admin:
        channel = admin.channel()
        parked = eventually(lambda: channel.basic_get("rpc-documents.parked"))
        assert parked.headers[REASON] == "no_reply_to"
        body = parked.body if isinstance(parked.body, bytes) else parked.body.encode()
        assert body == POISON[kind].body
        channel.basic_ack(parked.delivery_tag)
    assert "ok" in rpc.call(METHOD, a_payment(agency), token=payer)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("bad JSON", "not_json"), ("pickle", "content_type_not_json"), ("too large", "message_too_large")],
)
def test_poison_somebody_waits_for_is_refused(ledger_running, rpc, payer, agency, kind, reason):
    from dataclasses import replace

    ledger_running("rpc")
    letter = replace(POISON[kind], reply_to=rpc.address, correlation_id="poison")
    rpc.pool.publish_one(letter)
    refused = rpc.receive("poison")["refused"]
    assert refused["code"] == "unreadable_call"
    assert reason in refused["message"]["vi"]
    assert "ok" in rpc.call(METHOD, a_payment(agency), token=payer)


def test_twenty_megabytes_are_refused_by_the_broker_itself(ledger_running, rpc, payer, agency):
    ledger_running("rpc")
    huge = Outgoing(exchange=names.RPC.name, routing_key=METHOD, body=b" " * 20_000_000)
    with pytest.raises(Exception, match="larger than configured max size"):
        rpc.pool.publish_one(huge)
    assert "ok" in rpc.call(METHOD, a_payment(agency), token=payer)
