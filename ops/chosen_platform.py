"""Which platform a command is about: a settings file, or one of this machine by its name."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.platform import settings
from deploy.platform.names import ROOT
from deploy.platform.platform import Platform
from deploy.speech import both

ENVIRONMENT = "EISO_PLATFORM"
"""Names the settings file where the command line does not."""


class NoPlatform(Exception):
    """There is no such platform, or its settings cannot be read; `code` is the catalogue's."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The platform's settings file, or its name."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--platform", type=Path, metavar="FILE", help=both("ops_help_platform"))
    which.add_argument("--instance", help=both("ops_help_instance"))


def file_of(asked: argparse.Namespace) -> Path:
    """Where the settings of the platform asked about stand."""
    if asked.platform is not None:
        return Path(asked.platform)
    if asked.instance is None and (named := os.environ.get(ENVIRONMENT)):
        return Path(named)
    try:
        return settings.file_of(asked.instance or settings.DEFAULT)
    except settings.BadName as bad:
        raise NoPlatform("ops_bad_instance", instance=str(bad)) from None


def platform_of(asked: argparse.Namespace) -> Platform:
    """The platform asked about; `NoPlatform` where there is none."""
    with reading(asked) as file:
        return settings.load(file)


@contextmanager
def reading(asked: argparse.Namespace) -> Iterator[Path]:
    """The settings file of the platform asked about; what is wrong with it becomes `NoPlatform`."""
    file = file_of(asked)
    try:
        yield file
    except FileNotFoundError:
        if file.parent.parent == ROOT / ".local":
            raise NoPlatform("ops_never_started", instance=file.parent.name) from None
        raise NoPlatform("ops_settings_none", file=file) from None
    except (OSError, UnicodeDecodeError) as failure:
        what = getattr(failure, "strerror", None) or type(failure).__name__
        raise NoPlatform("ops_settings_unread", file=file, what=what) from None
    except settings.Malformed as failure:
        raise NoPlatform("ops_settings_malformed", file=file, what=str(failure)) from None
    except settings.OfReleaseBefore:
        raise NoPlatform("ops_settings_before", file=file) from None
    except settings.UnknownFormat as failure:
        raise NoPlatform("ops_old_format", what=str(failure)) from None
