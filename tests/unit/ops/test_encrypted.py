"""Parts under age: nobody reads them without the key; what was cut, changed or for another key is refused."""

import os
import stat

import pytest
from pyrage.x25519 import Identity

from deploy.local.instance import ROOT, Instance
from deploy.local.platform import load_or_create
from ops import backup, cli
from ops.archive import age, manifest
from ops.archive.manifest import Opening, Writing
from ops.archive.unusable import Broken, Unusable

CONTENT = os.urandom(1000) * 1000
NAME = "objects/000001.pack"


@pytest.fixture
def identity():
    return Identity.generate()


@pytest.fixture
def sealed(tmp_path, identity):
    """A part of a megabyte for that key, in pieces as a dump comes."""
    writing = Writing(tmp_path, NAME, [str(identity.to_public())])
    for start in range(0, len(CONTENT), 77_777):
        writing.write(CONTENT[start : start + 77_777])
    assert writing.size == len(CONTENT)
    part = writing.end()
    assert part.name == f"{NAME}.age"
    return tmp_path / part.name, part


def read(folder, *identities):
    with Opening(folder=folder, identities=identities).part(NAME) as content:
        return content.read()


def test_a_part_is_read_back_with_its_key_and_reveals_nothing_without(tmp_path, sealed, identity):
    file, part = sealed
    assert read(tmp_path, identity) == CONTENT
    kept = file.read_bytes()
    assert CONTENT[:64] not in kept
    assert part.size == len(kept)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_each_of_several_keys_opens_it(tmp_path):
    keys = [Identity.generate(), Identity.generate()]
    writing = Writing(tmp_path, NAME, [str(key.to_public()) for key in keys])
    writing.write(CONTENT)
    writing.end()
    assert [read(tmp_path, key) == CONTENT for key in keys] == [True, True]


@pytest.mark.parametrize("at", [5, 100, 150, 1000, 500_000, -1])
def test_a_changed_byte_is_found(tmp_path, sealed, identity, at):
    file, _ = sealed
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.raises(Broken) as refused:
        read(tmp_path, identity)
    assert (refused.value.code, refused.value.facts["part"]) == ("archive_part_changed", f"{NAME}.age")


@pytest.mark.parametrize("left", [0, 10, 150, 200 + 65_552 * 3, -1, -65_552, -20_000])
def test_a_part_that_was_cut_is_found_wherever_it_was_cut(tmp_path, sealed, identity, left):
    """Also between two of age's pieces, each of which is whole."""
    file, _ = sealed
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(Broken):
        read(tmp_path, identity)


def test_who_stops_reading_early_still_reads_of_a_cut(tmp_path, sealed, identity):
    file, _ = sealed
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Broken), Opening(folder=tmp_path, identities=[identity]).part(NAME) as content:
        content.read(10)


def test_a_reader_that_fails_is_named_as_what_it_is(tmp_path, sealed, identity):
    with pytest.raises(ZeroDivisionError), Opening(folder=tmp_path, identities=[identity]).part(NAME):
        raise ZeroDivisionError


def test_another_key_is_refused_by_the_name_of_the_one_that_fits(identity):
    needed = [str(identity.to_public())]
    with pytest.raises(Unusable) as refused:
        age.fitting([Identity.generate()], needed)
    assert (refused.value.code, refused.value.facts["needed"]) == ("backup_key_wrong", needed[0])
    assert age.fitting([Identity.generate(), identity], needed) == [identity]


@pytest.mark.parametrize("content", ["", "age1abc", "AGE-SECRET-KEY-1ABC", "# nothing\n"])
def test_a_file_without_a_private_key_is_refused(tmp_path, content):
    (tmp_path / "key").write_text(content)
    with pytest.raises(Unusable) as refused:
        age.identities_in(tmp_path / "key")
    assert refused.value.code == "backup_key_none_in"


def test_the_seal_vouches_for_whom_an_archive_is_for(tmp_path):
    """One who rewrites the manifest so that no key seems needed is found out."""
    from tests.unit.ops.test_archive import a_manifest

    mine = a_manifest([], recipients=["age1a"])
    other = a_manifest([], id=mine.id)
    assert mine.facts_hash != other.facts_hash


def test_what_an_archive_of_before_says_of_itself_still_has_the_same_hash():
    """An archive of format 2, which knew no keys: its seal holds the hash that was made then."""
    from uuid import UUID

    from tests.unit.ops.test_archive import a_manifest

    kept = a_manifest([], id=UUID(int=7), format=2)
    assert kept.facts_hash == OF_FORMAT_2


OF_FORMAT_2 = "d34a9608c017ec10120136e895c2c9bd60f5addc63336599ef5f03a46804d674"


@pytest.fixture
def platform():
    instance = Instance.named("unit-keys")
    platform = load_or_create(instance)
    yield platform
    for path in sorted(instance.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    instance.folder.rmdir()


def eiso(*words):
    return cli.main([*words, "--instance", "unit-keys"])


def test_a_backup_without_a_key_must_be_asked_for_as_it_is(platform):
    with pytest.raises(Unusable) as refused:
        backup._for_whom(platform, unencrypted=False)
    assert refused.value.code == "backup_no_key"
    assert backup._for_whom(platform, unencrypted=True) == []


def test_a_pair_is_made_elsewhere_and_its_public_half_used_here(platform, tmp_path, capsys):
    file = tmp_path / "eiso.key"
    assert eiso("backup-key", "make", str(file)) == 0
    said = capsys.readouterr().out
    public = next(word for word in said.split() if word.startswith("age1"))
    secret = next(line for line in file.read_text().splitlines() if line.startswith(age.SECRET))
    assert secret not in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert eiso("backup-key", "use", public) == 0
    assert backup._for_whom(platform, unencrypted=False) == [public]
    assert secret not in "".join(
        path.read_text() for path in platform.instance.folder.rglob("*") if path.is_file()
    )
    assert [str(each.to_public()) for each in age.identities_in(file)] == [public]


def test_a_key_is_neither_overwritten_nor_made_where_the_platform_lies(platform, tmp_path, capsys):
    file = tmp_path / "eiso.key"
    file.write_text("mine")
    assert eiso("backup-key", "make", str(file)) == 2
    assert file.read_text() == "mine"
    assert eiso("backup-key", "make", str(ROOT / "eiso.key")) == 2
    assert not (ROOT / "eiso.key").exists()


@pytest.mark.parametrize("given", [[], ["age1nonsense"], ["AGE-SECRET-KEY-1QQQ"], ["x"]])
def test_what_is_no_public_key_changes_nothing(platform, given, capsys):
    public = str(Identity.generate().to_public())
    assert eiso("backup-key", "use", public) == 0
    assert eiso("backup-key", "use", *given) == 2
    assert backup._for_whom(platform, unencrypted=False) == [public]
    assert capsys.readouterr().err.strip()


def test_an_archive_for_a_key_asks_for_it_before_anything_is_read(tmp_path, identity):
    from argparse import Namespace

    from ops.restore import opening
    from tests.unit.ops.test_archive import a_manifest

    found = a_manifest([], recipients=[str(identity.to_public())])
    with pytest.raises(Unusable) as refused:
        opening(Namespace(archive=tmp_path, check=False, key_file=None), found)
    assert refused.value.code == "backup_key_needed"
    assert opening(Namespace(archive=tmp_path, check=True, key_file=None), found).identities == ()


def test_a_part_that_is_not_there_is_named(tmp_path, identity):
    (tmp_path / "objects").mkdir()
    with pytest.raises(Broken) as refused:
        read(tmp_path, identity)
    assert refused.value.code == "archive_part_missing"
    assert manifest.KNOWN == (2, 3)
