"""A settings file says all that a command needs of a platform, and what is wrong with it is named."""

import json
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.instance import Instance
from deploy.local.platform import Platform, new_passwords
from deploy.platform import environment, settings
from deploy.platform.names import SERVICES
from deploy.platform.platform import NotGiven
from ops import cli


@pytest.fixture
def local(tmp_path) -> Platform:
    instance = Instance(name="run", folder=tmp_path / "run")
    instance.make()
    return Platform(instance=instance, ports=ports.block(21_000), passwords=new_passwords(), existing={})


@pytest.fixture
def elsewhere(local, tmp_path) -> Path:
    """The instance's file as somebody took it with them."""
    local.save()
    copied = tmp_path / "elsewhere" / "tỉnh.json"
    copied.parent.mkdir()
    copied.write_bytes(local.instance.platform_file.read_bytes())
    return copied


@pytest.fixture
def eiso(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "vi")

    def run(*words) -> tuple[int, str]:
        code = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_a_copy_of_the_file_says_of_the_platform_what_the_platform_says_of_itself(local, elsewhere):
    read = settings.load(elsewhere)
    for service in SERVICES:
        assert read.amqp_uri(service) == local.amqp_uri(service)
        assert read.database_url(service) == local.database_url(service)
        assert read.ops_url(service) == local.ops_url(service)
        assert read.store_keys(service) == local.store_keys(service)
        known = environment.of_service(local, service)
        moved = {
            name: value.replace(str(elsewhere.parent), str(local.folder))
            for name, value in environment.of_service(read, service).items()
        }
        assert moved == known
    assert environment.of_gateway(read) == environment.of_gateway(local)
    assert read.ready_addresses == local.ready_addresses
    assert (read.name, read.postgres_admin_url) == ("run", local.postgres_admin_url)
    assert (read.folder, read.clock_file) == (elsewhere.parent, local.instance.clock_file)


def test_addresses_keep_what_their_servers_are_to_be_reached_by(elsewhere):
    kept = json.loads(elsewhere.read_text())
    kept["addresses"]["postgres"] = "postgresql://db.example:5433?sslmode=verify-full"
    kept["addresses"]["amqp"] = "amqps://broker.example/tinh"
    elsewhere.write_text(json.dumps(kept))
    read = settings.load(elsewhere)
    assert read.postgres_url("ops", "cases").endswith("@db.example:5433/cases?sslmode=verify-full")
    assert read.amqp_uri("ops").startswith("amqps://ops:")
    assert read.amqp_uri("ops").endswith("@broker.example/tinh")


def test_users_that_a_release_adds_get_a_secret_once(elsewhere):
    kept = json.loads(elsewhere.read_text())
    del kept["passwords"]["s3_links_access_key"]
    elsewhere.write_text(json.dumps({**kept, "made_by_hand": "stays"}))
    first = settings.complete(elsewhere)
    assert len(first.passwords["s3_links_access_key"]) == 40
    assert settings.complete(elsewhere) == first
    assert json.loads(elsewhere.read_text())["made_by_hand"] == "stays"
    assert elsewhere.stat().st_mode & 0o777 == 0o600


WRONG = {
    "{": "JSON",
    "[]": "{ … }",
    '{"format": 1, "addresses": []}': "addresses: { … }",
    '{"format": 1, "addresses": {"amqp": 5}}': 'addresses.amqp: "…"',
    '{"format": 1, "addresses": {}, "belongings": "keys"}': "belongings: [",
    '{"format": 7}': "format 7",
    '{"format": 1, "first_port": 20000, "passwords": {}}': "bản trước viết",
}


@pytest.mark.parametrize(("content", "named"), WRONG.items())
@pytest.mark.parametrize("command", ["status", "doctor", "clock", "store", "parked"])
def test_a_file_that_is_none_ends_with_two_and_says_which_field(eiso, tmp_path, command, content, named):
    (tmp_path / "platform.json").write_text(content)
    code, said = eiso(command, "--platform", tmp_path / "platform.json")
    assert (code, named in said) == (2, True), said


@pytest.mark.parametrize("command", ["status", "doctor", "clock"])
def test_a_platform_that_does_not_exist_ends_with_two_and_words(eiso, tmp_path, monkeypatch, command):
    code, said = eiso(command, "--platform", tmp_path / "none.json")
    assert (code, "Không có tệp thiết lập" in said) == (2, True)
    code, said = eiso(command, "--instance", "never-was")
    assert (code, "chưa từng được khởi động" in said) == (2, True)
    code, said = eiso(command, "--instance", "../etc")
    assert (code, "không hợp lệ" in said) == (2, True)
    monkeypatch.setenv("EISO_PLATFORM", str(tmp_path / "told.json"))
    code, said = eiso(command)
    assert (code, "told.json" in said) == (2, True)


def test_what_the_file_lacks_is_named(eiso, elsewhere):
    kept = json.loads(elsewhere.read_text())
    del kept["passwords"]["postgres_ops"]
    elsewhere.write_text(json.dumps(kept))
    with pytest.raises(NotGiven, match=r"passwords\.postgres_ops"):
        settings.load(elsewhere).ops_url("cases")
    code, said = eiso("status", "--platform", elsewhere)
    assert (code, "passwords.postgres_ops" in said) == (2, True)


def test_a_platform_whose_time_is_real_has_no_clock_to_be_set(eiso, elsewhere):
    kept = json.loads(elsewhere.read_text())
    del kept["settings"]["BUSINESS_CLOCK_FILE"]
    elsewhere.write_text(json.dumps(kept))
    code, said = eiso("clock", "advance", "3d", "--platform", elsewhere)
    assert (code, "giờ thật" in said) == (2, True)


def test_the_clock_of_a_platform_elsewhere_is_the_one_its_processes_watch(eiso, local, elsewhere):
    assert eiso("clock", "set", "2026-08-10T08:00", "--frozen", "--platform", elsewhere)[0] == 0
    assert local.instance.clock_file.exists()
    assert eiso("clock", "reset", "--platform", elsewhere)[0] == 0


def test_the_brokers_definitions_are_written_beside_the_file_for_its_owner_alone(eiso, local, elsewhere):
    code, _ = eiso("broker", "--platform", elsewhere)
    written = elsewhere.parent / "definitions.json"
    assert (code, written.stat().st_mode & 0o777) == (0, 0o600)
    users = {user["name"] for user in json.loads(written.read_text())["users"]}
    assert users == {*SERVICES, "gateway", "ops", "admin"}


def test_a_file_of_the_release_before_is_taken_over_by_the_next_start(local, monkeypatch):
    from deploy.local.platform import load_or_create

    before = {"format": 1, "first_port": 21_000, "passwords": dict(local.passwords)}
    local.instance.platform_file.write_text(json.dumps(before))
    taken = load_or_create(local.instance)
    assert (taken.ports, dict(taken.passwords)) == (local.ports, dict(local.passwords))
    assert settings.load(local.instance.platform_file).gateway_url == local.gateway_url
