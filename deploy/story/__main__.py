"""Play the story on a platform of its own: `python -m deploy.story` (`make story`).

Sets up a fresh platform in its own folder and ports, with the business clock pinned, plays every act,
stops the platform, and ends with 0, or with 1 and the line that differs.
"""

import argparse
import asyncio
import sys
import time

import httpx

from deploy.local import servers
from deploy.local.instance import Instance
from deploy.local.platform import Platform
from deploy.local.up import running
from deploy.speech import said, say
from deploy.story.acts import ACTS
from deploy.story.cast import OPENING, Stage
from deploy.story.telling import Different
from kernel.base import clock

INSTANCE = "story"


async def play(platform: Platform) -> None:
    """All acts, one after the other."""
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=30) as http:
        stage = Stage(platform=platform, http=http)
        for act in ACTS:
            await act(stage)


def main() -> int:
    """0 when everything was as the story says."""
    parser = argparse.ArgumentParser(prog="deploy.story", description=__doc__)
    parser.add_argument("--instance", default=INSTANCE)
    name = parser.parse_args().instance
    began = time.monotonic()
    servers.remove(name)
    instance = Instance.named(name)
    instance.make()
    clock.shift_to(instance.clock_file, OPENING, frozen=True)
    with running(name, demo=("--without-documents",)) as platform:
        try:
            asyncio.run(play(platform))
        except Different as difference:
            print(f"  ✗ {difference}", file=sys.stderr, flush=True)
            return 1
        print()
        say("story_end", seconds=time.monotonic() - began)
    return 0


if __name__ == "__main__":
    print(said("story_begin"))
    sys.exit(main())
