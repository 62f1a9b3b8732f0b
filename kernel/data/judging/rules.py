"""What a file may hold, as data; and how a judgement against it is said."""

import tomllib
from base64 import b64decode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Against(Exception):
    """A file that may not be taken: a code of the catalogue, and where in the file it was found."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(code, where)
        self.code, self.where = code, where[:120]


ACTIVE = "upload_active_content"
EXTERNAL = "upload_external_reference"
EMBEDDED = "upload_embedded_file"
TOO_LARGE = "upload_unpacks_too_large"
UNREADABLE = "upload_not_judged"
KNOWN_BAD = "upload_known_bad"
CODES = (ACTIVE, EXTERNAL, EMBEDDED, TOO_LARGE, UNREADABLE, KNOWN_BAD)


@dataclass(frozen=True, kw_only=True)
class MediaType:
    """An allowed type: the ending of its names, how its bytes begin, what their beginning holds."""

    ending: str
    begins: bytes
    holds: bytes
    family: str
    main: str

    def fits(self, head: bytes) -> bool:
        """Whether a file that begins so may be of this type."""
        return head.startswith(self.begins) and self.holds in head


@cache
def media_types() -> dict[str, MediaType]:
    """The allowed types by name."""
    raw = tomllib.loads((HERE.parent / "media_types.toml").read_text("utf-8"))
    return {
        name: MediaType(
            ending=each["ending"],
            begins=each["begins"].encode(),
            holds=each["holds"].encode(),
            family=each["family"],
            main=each["main"],
        )
        for name, each in raw.items()
    }


@cache
def rules() -> dict[str, Any]:
    """`rules.toml`."""
    return tomllib.loads((HERE / "rules.toml").read_text("utf-8"))


@cache
def patterns() -> tuple[tuple[str, bytes], ...]:
    """Names and bytes of what is known to be bad, in lower case."""
    return tuple((each["name"], b64decode(each["base64"]).lower()) for each in rules()["patterns"])


LONGEST_PATTERN = 128


def search(chunk: bytes) -> None:
    """Refuse bytes in which something known stands."""
    lowered = chunk.lower()
    for name, pattern in patterns():
        if pattern in lowered:
            raise Against(KNOWN_BAD, name)
