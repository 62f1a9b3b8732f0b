"""The private servers, as tests of the deployment need them."""

import logging

import pytest

from deploy.local import servers

logging.getLogger("pika").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def platform():
    """The tests' own servers, started if nobody did."""
    return servers.ensure("test")
