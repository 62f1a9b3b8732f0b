"""A zip archive within bounds: how many members, how large, how named, and how each of them begins."""

import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from kernel.data.judging.rules import (
    EMBEDDED,
    LONGEST_PATTERN,
    TOO_LARGE,
    UNREADABLE,
    Against,
    rules,
    search,
)

CHUNK = 1 << 16
MIB = 1 << 20
END_OF_DIRECTORY = b"PK\x05\x06"
END_SIZE = 22
BAD_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn")


class Budget:
    """What may be unpacked in all, archives within archives included."""

    def __init__(self, packed: int) -> None:
        self.packed = max(packed, 1)
        self.unpacked = self.entries = 0

    def enter(self, count: int) -> None:
        """So many more members."""
        self.entries += count
        if self.entries > rules()["archive"]["entries"]:
            raise Against(TOO_LARGE, f"{self.entries}")

    def spend(self, size: int) -> None:
        """So many more bytes."""
        limits = rules()["archive"]
        self.unpacked += size
        dense = self.unpacked > limits["ratio_from_mib"] * MIB
        if self.unpacked > limits["unpacked_mib"] * MIB or (
            dense and self.unpacked > limits["ratio"] * self.packed
        ):
            raise Against(TOO_LARGE, f"{self.unpacked // MIB} MiB")


class Archive:
    """An opened zip whose directory holds nothing odd."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        self.budget = budget
        _check_edges(file)
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise Against(UNREADABLE, str(error)) from error
        self.members = {each.filename: each for each in self.zip.infolist() if not each.is_dir()}
        budget.enter(len(self.zip.infolist()))
        self._check_names()

    def _check_names(self) -> None:
        listed = self.zip.infolist()
        if len({each.filename.lower() for each in listed}) != len(listed):
            raise Against(UNREADABLE, "two members of one name")
        for each in listed:
            if _is_odd(each):
                raise Against(UNREADABLE, ascii(each.filename))
        if listed and min(each.header_offset for each in listed) != 0:
            raise Against(UNREADABLE, "bytes before the archive")
        # What it says it unpacks to; how much it does is counted again as it is read.
        if sum(each.file_size for each in listed) > rules()["archive"]["unpacked_mib"] * MIB:
            raise Against(TOO_LARGE, f"{sum(each.file_size for each in listed) // MIB} MiB")

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes, searched for what is known to be bad, counted as they are unpacked."""
        before = b""
        try:
            with self.zip.open(self.members[name]) as member:
                while chunk := member.read(CHUNK):
                    self.budget.spend(len(chunk))
                    search(before + chunk)
                    before = chunk[-LONGEST_PATTERN:]
                    yield chunk
        except Against:
            raise
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise Against(UNREADABLE, f"{name!a}: {error}") from error
        except Exception as error:  # zlib.error, and whatever a decoder of another method raises
            raise Against(UNREADABLE, f"{name!a}: {error}") from error

    def read(self, name: str) -> bytes:
        """The whole of a member."""
        return b"".join(self.chunks(name))


def _check_edges(file: BinaryIO) -> None:
    """The archive is the whole file: another format's bytes stand neither before nor after it."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - END_SIZE))
    end = file.read(END_SIZE)
    if not end.startswith(END_OF_DIRECTORY) or end[-2:] != b"\0\0":
        raise Against(UNREADABLE, "bytes after the archive")
    file.seek(0)


def _is_odd(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    parts = name.rstrip("/").split("/")
    return (
        any(unicodedata.category(letter) in BAD_CATEGORIES for letter in name)
        or "\\" in name
        or ":" in name
        or any(part in ("", ".", "..") for part in parts)
        or stat.S_ISLNK(member.external_attr >> 16)
        or bool(member.flag_bits & 0x1)
        or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )


def check_beginning(name: str, head: bytes) -> None:
    """Refuse a program, an archive or a compound file, whatever it is called."""
    for each in rules()["archive"]["begins"]:
        if head.startswith(bytes.fromhex(each["hex"])):
            raise Against(EMBEDDED, f"{name} ({each['is']})")
