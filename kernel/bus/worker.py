"""The bridge into nameko: a worker is given the process's means."""

from typing import Any

from nameko.extensions import DependencyProvider

from kernel.work.context import ProcessContext

MEANS = "EISO_MEANS"


class ContextProvider(DependencyProvider):  # type: ignore[misc]
    """Gives every worker the `Means` that the launcher put into the container's configuration."""

    def get_dependency(self, worker_ctx: Any) -> ProcessContext:
        means: ProcessContext = self.container.config[MEANS]
        return means
