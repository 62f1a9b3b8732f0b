"""A service as nameko wants it: a class with a name and an entry point for each handler."""

from typing import Any

from kernel.bus.rpc import method
from kernel.bus.subscription import reaction
from kernel.bus.worker import ContextProvider
from kernel.work.service import Service


def container_class(service: type[Service]) -> type[Any]:
    """Made anew from what the service declares, which itself knows no bus."""
    entrypoints: dict[str, Any] = {each.name: method(each) for each in service.operations.values()}
    entrypoints |= {each.name: reaction(each) for each in service.reactions.values()}
    return type(service.__name__, (), {"name": service.name, "means": ContextProvider(), **entrypoints})
