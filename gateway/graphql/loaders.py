"""One call for many: every relation of the schema is loaded in batches, so a list costs no call per row."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from contracts.base import ByIds

Ask = Callable[[Any], Awaitable[Any]]
MOST_AT_ONCE = 500
"""The most ids that `contracts.base.ByIds` takes."""


class Loaders:
    """The loaders of one request, made when first used; one per question and its further arguments."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.made: dict[Hashable, DataLoader[UUID, Any]] = {}

    async def one(self, question: type[ByIds[Any]], id: UUID | None, *, by: str = "id", **more: Any) -> Any:
        """The view of one id, or None where there is none or the caller may not see it."""
        if id is None:
            return None
        return await self._loader(self._load_each, question, by, more).load(id)

    async def some(self, question: type[ByIds[Any]], ids: list[UUID], **more: Any) -> list[Any]:
        """The views of several ids in their order, without those that cannot be seen."""
        found = await self._loader(self._load_each, question, "id", more).load_many(ids)
        return [item for item in found if item is not None]

    async def group(self, question: type[ByIds[Any]], id: UUID, *, by: str, **more: Any) -> list[Any]:
        """All views that belong to one id, in the order the service gave them."""
        loader = self._loader(self._load_groups, question, by, more)
        return list(await loader.load(id))

    def _loader(
        self, load: Any, question: type[ByIds[Any]], by: str, more: dict[str, Any]
    ) -> DataLoader[UUID, Any]:
        key = (load.__name__, question, by, *more.items())
        if key not in self.made:
            fetch = partial(load, question, by, more)
            self.made[key] = DataLoader(fetch, max_batch_size=MOST_AT_ONCE)
        return self.made[key]

    async def _load_each(self, question: type[ByIds[Any]], by: str, more: Any, ids: list[UUID]) -> list[Any]:
        answered = await self.ask(question(ids=ids, **more))
        found = {getattr(item, by): item for item in answered}
        return [found.get(key) for key in ids]

    async def _load_groups(
        self, question: type[ByIds[Any]], by: str, more: Any, ids: list[UUID]
    ) -> list[list[Any]]:
        groups = defaultdict(list)
        for item in await self.ask(question(ids=ids, **more)):
            groups[getattr(item, by)].append(item)
        return [groups[key] for key in ids]
