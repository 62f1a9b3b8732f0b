
from contracts import directory as c


def test_a_service_answers_over_the_bus(running, rpc):
    running("directory")
    answer = rpc.call("directory.clock", c.Clock())
    assert answer["ok"]["is_shifted"] is False


def test_a_stranger_is_refused(running, rpc, a_grant):
    running("directory")
    answer = rpc.call("directory.me", c.Me())
    assert answer["refused"]["code"] == "not_signed_in"
