"""`eiso status` distinguishes a process that is not ready from one that is not there."""

from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Thread

import pytest

from deploy.platform import answering
from deploy.platform.answering import Standing, standing


@contextmanager
def answering_with(code):
    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_):
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Health)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ready"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("code", "found"), [(200, Standing.READY), (503, Standing.NOT_READY)])
def test_a_process_that_answers_is_up(monkeypatch, code, found):
    # Two seconds are enough for an operator, and a busy machine may need more.
    monkeypatch.setattr(answering, "SECONDS", 30)
    with answering_with(code) as url:
        assert standing(url) is found


def test_a_process_that_says_nothing_is_not_ready_and_one_that_is_not_there_is_down(monkeypatch):
    monkeypatch.setattr(answering, "SECONDS", 0.2)
    with closing(socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/ready"
        assert standing(url) is Standing.DOWN
        deaf.listen()
        assert standing(url) is Standing.NOT_READY
