"""Services without a bus, on real databases and the real store, with one thing of each kind."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.rights.ground import Ground
from tests.integration.rights.seeds import SEEDS, Things
from tests.integration.spoken import Spoken


@dataclass
class Field:
    """One service on its ground, with its things."""

    name: str
    spoken: Spoken
    ground: Ground
    things: Things

    @property
    def policy(self) -> Any:
        return self.spoken.means.policy


@pytest.fixture
def speaking(running, servers):
    """`speaking("cases")`: the service's own methods on a fresh database, with the store."""
    return running


@pytest.fixture
def field_of(speaking, private_key):
    """`field_of("cases")`: the service with its province and its things."""

    def lay(name: str) -> Field:
        spoken, ground = speaking(name), Ground(private_key)
        ground.plant(spoken)
        return Field(name, spoken, ground, SEEDS[name](spoken, ground))

    return lay
