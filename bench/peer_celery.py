"""A Celery worker with one task that says when it ran; `python -m bench.peer_celery URI QUEUE`."""

import logging
import sys
import time
from typing import Any

from bench import peers

RAN = "ran"
"""How a line about a task begins; the worker prints a greeting for people before."""


def app(uri: str, queue: str) -> Any:
    """Celery with what makes it comparable: quorum queue, publisher confirms, acknowledged when done."""
    peers.ready()
    from celery import Celery

    made = Celery("bench", broker=uri)
    made.conf.update(
        broker_transport_options={"confirm_publish": True},
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_default_queue=queue,
        task_default_queue_type="quorum",
        task_ignore_result=True,
        worker_detect_quorum_queues=True,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=32,
        worker_redirect_stdouts=False,
    )
    return made


def main(uri: str, queue: str) -> None:
    """Serve until killed; one line for each task: its name and when it ran, by the machine's one clock."""
    worker = app(uri, queue)

    @worker.task(name="bench.heard")
    def heard(name: str, _body: str) -> None:
        print(RAN, name, time.perf_counter(), flush=True)

    logging.disable(logging.CRITICAL)
    sys.argv = ["celery"]
    worker.worker_main(
        [
            "worker",
            "--pool=solo",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=CRITICAL",
        ]
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
