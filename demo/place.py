"""Where the demonstration is laid out: on the platform whose settings file it is given."""

import argparse
from pathlib import Path

from deploy.platform import settings
from deploy.platform.platform import Platform
from deploy.speech import complain


def arguments(parser: argparse.ArgumentParser) -> None:
    """The platform's settings file, or the name of an instance of this machine."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--platform", type=Path, metavar="FILE")
    which.add_argument("--instance", default=settings.DEFAULT)


def platform_of(asked: argparse.Namespace) -> Platform:
    """The platform that was asked for; where there is none, that is said and the command ends with 2."""
    try:
        return settings.load(asked.platform or settings.file_of(asked.instance))
    except FileNotFoundError as none:
        complain("ops_settings_none", file=none.filename)
    except settings.BadName as bad:
        complain("ops_bad_instance", instance=bad)
    except settings.OfReleaseBefore as before:
        complain("ops_settings_before", file=before)
    except (settings.UnknownFormat, settings.Malformed) as failure:
        complain("ops_old_format", what=failure)
    raise SystemExit(2)


def accounts_file(folder: Path) -> Path:
    """The accounts that a visitor may try, as the front page of a demonstration shows them."""
    return folder / "accounts.json"
