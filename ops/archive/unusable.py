"""Why an archive could not be made or used, in the catalogue's words."""

from typing import Any

from deploy.speech import complain


class Unusable(Exception):
    """Nothing was done, or what was begun is no archive; `code` is an entry of the catalogue."""

    exit_code = 2

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(f"{code} {facts}")

    def complain(self) -> int:
        """Say so; the exit code for it."""
        complain(self.code, **self.facts)
        return self.exit_code


class Broken(Unusable):
    """The archive is not what was written: the operator needs another one."""

    exit_code = 1
