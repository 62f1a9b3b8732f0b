"""Play the story: `python -m demo.story --platform FILE`, on a platform whose business time may be set.

It needs the demonstration province without its documents, and nobody else at work. `make story` sets such a
platform up, has the story played on it, and stops it. Ends with 0, or with 1 and the line that differs.
"""

import argparse
import asyncio
import sys

import httpx

from demo.place import arguments, platform_of
from demo.story.acts import ACTS
from demo.story.cast import OPENING, Stage
from demo.story.reporting import Different
from deploy.platform.platform import Platform


async def play(platform: Platform) -> None:
    """All acts, one after the other."""
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=30) as http:
        stage = Stage(platform=platform, http=http)
        for act in ACTS:
            await act(stage)


def main() -> int:
    """0 when everything was as the story says."""
    parser = argparse.ArgumentParser(prog="demo.story", description=__doc__)
    arguments(parser)
    parser.add_argument("--opening", action="store_true", help="in lúc mở màn / print when the curtain rises")
    asked = parser.parse_args()
    if asked.opening:
        print(OPENING.isoformat())
        return 0
    try:
        asyncio.run(play(platform_of(asked)))
    except Different as difference:
        print(f"  ✗ {difference}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
