"""A plugin of pytest that loads one module from another source: `EISO_MUTANT=module=file`."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from hypothesis import Phase, settings

MODULE, _, FILE = os.environ.get("EISO_MUTANT", "").partition("=")


class Changed(importlib.machinery.SourceFileLoader):
    """The module where it is, with the changed source."""

    def get_code(self, fullname: str):  # type: ignore[no-untyped-def]
        return compile(Path(FILE).read_bytes(), self.path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    """Finds that one module before anybody else does."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None):  # type: ignore[no-untyped-def]
        if fullname != MODULE:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert found is not None
        assert found.origin is not None
        return importlib.util.spec_from_file_location(
            fullname,
            found.origin,
            loader=Changed(fullname, found.origin),
            submodule_search_locations=found.submodule_search_locations,
        )


# One example that fails is enough: nobody reads the smallest. Each change is tried as if it were alone.
settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None)
settings.load_profile("mutants")

assert MODULE not in sys.modules, f"{MODULE} was loaded before it could be changed"
if MODULE:
    sys.meta_path.insert(0, Finder())
