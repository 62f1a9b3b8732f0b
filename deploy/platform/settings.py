"""A platform's settings file: what somebody elsewhere needs to know to ask a platform, or to mend it.

JSON, readable by its owner only, for it holds secrets. `deploy.local` writes it for its instances; for a
platform elsewhere its operator writes one. Names that this release does not know are left as they are.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.platform.names import ROOT, server_passwords
from deploy.platform.platform import BELONGINGS, SERVERS, Platform

FORMAT = 1
MAPPINGS = ("addresses", "processes", "passwords", "admin", "settings")


DEFAULT = "run"


class BadName(ValueError):
    """What cannot be the name of an instance; the message is it."""


class UnknownFormat(Exception):
    """The file was written by another version of the project."""


class OfReleaseBefore(Exception):
    """An instance's file that the release before wrote: the next start writes it anew, with all it held."""


class Malformed(Exception):
    """The file is no settings file; the message says which field is wrong, and how it should be."""


def file_of(instance: str) -> Path:
    """Where the settings of an instance of this machine stand."""
    if not instance.replace("-", "").isalnum():
        raise BadName(instance)
    return ROOT / ".local" / instance / "platform.json"


def load(file: Path) -> Platform:
    """The platform as the file says it; FileNotFoundError where there is none."""
    kept = read(file)
    if "addresses" not in kept:
        raise OfReleaseBefore(file)
    given: dict[str, Any] = {name: _mapping(kept, name) for name in MAPPINGS}
    return Platform(
        name=str(kept.get("name") or file.stem),
        file=file,
        folder=(file.parent / str(kept.get("folder", "."))).resolve(),
        belongings=_names(kept, "belongings", BELONGINGS),
        shared=_names(kept, "shared", SERVERS),
        has_store_users=bool(kept.get("has_store_users", True)),
        **given,
    )


def read(file: Path) -> dict[str, Any]:
    """The file's fields as they stand, if it is of a format that is known here."""
    try:
        kept = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise Malformed(f"JSON: {error}") from None
    if not isinstance(kept, dict):
        raise Malformed("{ … }")
    if kept.get("format") != FORMAT:
        raise UnknownFormat(f"{file}: format {kept.get('format')}, known is {FORMAT}")
    return kept


def _mapping(kept: Mapping[str, Any], name: str) -> Mapping[str, str]:
    found = kept.get(name, {})
    if not isinstance(found, dict):
        raise Malformed(f"{name}: {{ … }}")
    for key, value in found.items():
        if not isinstance(value, str):
            raise Malformed(f'{name}.{key}: "…"')
    return found


def _names(kept: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = kept.get(name, list(default))
    if not (isinstance(found, list) and all(isinstance(each, str) for each in found)):
        raise Malformed(f'{name}: ["…", "…"]')
    return tuple(found)


def write(file: Path, kept: Mapping[str, Any]) -> None:
    """The file as a whole or not at all, readable by its owner only."""
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as into:
        json.dump({"format": FORMAT, **kept}, into, indent=1, ensure_ascii=False)
    new.replace(file)


def described(platform: Platform) -> dict[str, Any]:
    """What the file says of a platform."""
    return {
        "name": platform.name,
        **{name: dict(getattr(platform, name)) for name in MAPPINGS},
        "belongings": list(platform.belongings),
        "shared": list(platform.shared),
        "has_store_users": platform.has_store_users,
    }


def complete(file: Path) -> Platform:
    """Users of this release that the file knows no secret of yet get theirs; the platform as it is then."""
    with the_only_writer(file):
        kept = read(file)
        known = _mapping(kept, "passwords")
        missing = {name: new_secret() for name in server_passwords() if name not in known}
        if missing:
            write(file, {**kept, "passwords": {**known, **missing}})
        return load(file)


def keep_passwords(file: Path, more: Mapping[str, str]) -> None:
    """Passwords of people, not of servers, as a restored platform has them."""
    with the_only_writer(file):
        kept = read(file)
        write(file, {**kept, "passwords": {**_mapping(kept, "passwords"), **more}})


@contextmanager
def the_only_writer(file: Path) -> Iterator[None]:
    """Keep others from reading the file to write it anew meanwhile; ends with its holder."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_secret() -> str:
    """160 random bits, in letters that no address needs to quote."""
    return secrets.token_hex(20)
