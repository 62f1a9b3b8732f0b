"""Services without a bus, on real databases and the real store, with one thing of each kind."""

from dataclasses import dataclass
from typing import Any

import pytest

from kernel.life.settings import from_environ
from kernel.run.launcher import service_class
from kernel.run.process import means_of
from tests.integration.conftest import environment_of
from tests.integration.rights.ground import Ground, Spoken
from tests.integration.rights.seeds import SEEDS, Things


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
def speaking(platform, database_of):
    """`speaking("cases")`: the service's own methods on a fresh database."""
    made = []

    def begin(name: str, **changes: str) -> Spoken:
        service = service_class(name)
        url = database_of(name).engine.url.render_as_string(hide_password=False)
        settings = from_environ(service.settings, environment_of(platform, name, DATABASE_URL=url, **changes))
        made.append(means_of(service, settings))
        return Spoken(service, made[-1])

    yield begin
    for means in made:
        if close := getattr(means.tools, "close", None):
            close()
        means.publishers.drain()
        means.database.close()


@pytest.fixture
def field_of(speaking, private_key):
    """`field_of("cases")`: the service with its province and its things."""

    def lay(name: str) -> Field:
        spoken, ground = speaking(name), Ground(private_key)
        spoken.plant(ground)
        return Field(name, spoken, ground, SEEDS[name](spoken, ground))

    return lay
