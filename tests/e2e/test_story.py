"""The story, act by act, on the session's platform: what `make story` shows is what `make test` proves."""

import pytest
import pytest_asyncio

from demo.story.acts import ACTS
from demo.story.cast import OPENING, Stage
from tests.e2e.conftest import a_client

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(platform):
    """The stage all acts share; business time is put back for the tests after these."""
    async with a_client(platform) as http:
        made = Stage(platform=platform, http=http)
        made.set_clock(OPENING)
        yield made
        made.set_clock(OPENING)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_the_story_goes_as_it_is_written(stage, act):
    await act(stage)
