"""What several unit tests of the directory begin with."""

import pytest

from tests.unit.directory.towns import Town


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def units(town):
    return [town.add(f"Xã {n}", town.root) for n in range(4)]
