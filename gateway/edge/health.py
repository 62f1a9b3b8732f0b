"""Is the gateway alive, is it ready, and how are the processes that its settings name."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.bus.client import Bus
from gateway.bus.public_tokens import PublicTokenKeeper
from gateway.bus.refused import Refused

PATIENCE = 1.0


@dataclass(frozen=True, kw_only=True)
class ProcessState:
    """What a process says of itself: up or not, ready or not, and why not."""

    name: str
    is_up: bool
    is_ready: bool
    faults: Mapping[str, str] = field(default_factory=dict)
    why: str | None = None
    """Why it counts as down: `away`, `slow` or `strange`."""


async def faults_of(bus: Bus, public: PublicTokenKeeper) -> dict[str, str]:
    """What keeps the gateway from serving: empty when nothing does."""
    if not bus.is_ready:
        return {"broker": "no connection"}
    try:
        async with asyncio.timeout(PATIENCE):
            await bus.call("directory.clock", {}, token=await public.current())
    except TimeoutError:
        return {"directory": "no answer"}
    except Refused as refused:
        return {"directory": str(refused.data["message"]["en"])}
    except Exception as error:
        return {"directory": type(error).__name__}
    return {}


async def states_of(client: httpx.AsyncClient, targets: Mapping[str, str]) -> list[ProcessState]:
    """All processes asked at the same time; one that does not answer within a second is down."""
    asked = (_state_of(client, name, url) for name, url in targets.items())
    return list(await asyncio.gather(*asked))


async def _state_of(client: httpx.AsyncClient, name: str, url: str) -> ProcessState:
    try:
        answer = await client.get(f"{url}/ready", timeout=PATIENCE)
        body: Any = answer.json()
        faults = {str(part): str(why) for part, why in body.get("faults", {}).items()}
        return ProcessState(name=name, is_up=True, is_ready=answer.status_code == 200, faults=faults)
    except httpx.TimeoutException:
        why = "slow"
    except httpx.HTTPError:
        why = "away"
    except (ValueError, AttributeError):
        why = "strange"
    return ProcessState(name=name, is_up=False, is_ready=False, why=why)
