"""What the country costs is measured over the bus, as a caller meets it."""

import pytest


@pytest.fixture
def running(on_the_bus):
    return on_the_bus


@pytest.fixture
def rpc(bus_rpc):
    return bus_rpc
