"""What the private servers are given: ports, configurations, environments."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from deploy.local import ceph, environment, ports, postgres, rabbitmq, supervision
from deploy.local.account import servers_folder
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import Platform, UnknownFormat, load, new_passwords
from deploy.platform import bucket


@pytest.fixture
def platform(tmp_path) -> Platform:
    instance = Instance(name="run", folder=tmp_path / "run")
    instance.make()
    return Platform(instance=instance, ports=ports.block(21_000), passwords=new_passwords(), existing={})


def test_a_block_with_one_port_taken_is_left_to_its_owner():
    wanted = ports.choose("0", free=lambda port: True)
    taken = wanted["amqp"]
    chosen = ports.choose("0", free=lambda port: port != taken)
    assert taken not in range(chosen["gateway"], chosen["gateway"] + ports.BLOCK)


def test_ports_lie_below_the_range_that_clients_are_given():
    assert all(20_000 <= port < 32_768 for port in ports.choose("f" * 12, free=lambda port: True).values())


def test_two_copies_of_the_project_begin_at_different_blocks():
    first, second = (Instance(name="run", folder=Path(f"/srv/{copy}/.local/run")) for copy in "ab")
    assert next(ports.blocks(first.digest)) != next(ports.blocks(second.digest))


def test_a_machine_without_free_ports_is_named_so():
    with pytest.raises(RuntimeError, match="free ports"):
        ports.choose("0", free=lambda port: False)


def test_every_configured_address_is_the_loopback(platform):
    configured = [
        rabbitmq.configuration(platform.ports["amqp"], Path("definitions.json")),
        ceph.configuration(platform.ports, Path("ceph"), "an-fsid"),
        *environment.of_service(platform, "documents").values(),
        *environment.of_gateway(platform).values(),
        *(f"{name}={value}" for name, value in postgres.settings(5432, "run").items()),
    ]
    found = {address for text in configured for address in re.findall(r"\d+\.\d+\.\d+\.\d+", text)}
    assert found == {"127.0.0.1"}


def test_only_the_tests_own_database_may_lose_what_it_confirmed():
    assert postgres.settings(1, "run")["fsync"] == "on"
    assert postgres.settings(1, "story")["fsync"] == "on"
    assert postgres.settings(1, "test")["fsync"] == "off"


def test_a_process_is_given_its_own_secrets_only(platform):
    passwords = platform.passwords
    documents = " ".join(environment.of_service(platform, "documents").values())
    gateway = " ".join(environment.of_gateway(platform).values())
    assert passwords["amqp_documents"] in documents
    assert passwords["postgres_documents_app"] in documents
    for secret in ("postgres_documents_owner", "amqp_notify", "postgres_directory_app", "postgres_postgres"):
        assert passwords[secret] not in documents
    for name, secret in passwords.items():
        assert (secret in gateway) == (name == "amqp_gateway"), name


def test_only_the_directory_knows_where_the_signing_key_and_the_keys_of_identity_numbers_are(platform):
    environments = environment.all_environments(platform)
    holders = {name for name, values in environments.items() if "GRANT_PRIVATE_KEY_FILE" in values}
    assert holders == {"directory", "directory.owner", "bootstrap"}
    readers = {name for name, values in environments.items() if "IDENTITY_KEYS_FILE" in values}
    assert readers == holders


def test_every_variable_written_is_explained(platform):
    explained = re.findall(r"^([A-Z0-9_]+)=", (ROOT / "deploy/env.example").read_text(), re.MULTILINE)
    written = {name for values in environment.all_environments(platform).values() for name in values}
    assert written <= set(explained)
    assert len(explained) == len(set(explained))


def test_files_with_secrets_are_their_owners_alone(platform):
    platform.save()
    environment.write(platform)
    files = [platform.instance.platform_file, *platform.instance.environment.iterdir()]
    assert len(files) > 5
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_an_environment_file_reads_back_as_written(platform):
    environment.write(platform)
    read = environment.read(environment.file_of(platform, "notify"))
    assert read == environment.of_service(platform, "notify")


def test_a_platform_reads_back_as_saved(platform):
    platform.save()
    assert load(platform.instance, environ={}) == platform


def test_a_folder_of_another_format_is_refused_by_name(platform):
    platform.instance.platform_file.write_text('{"format": 99}')
    with pytest.raises(UnknownFormat, match="99"):
        load(platform.instance, environ={})


def test_a_server_named_in_the_environment_is_used_instead(platform):
    platform.save()
    named = {
        "EISO_POSTGRES_URL": "postgresql://boss:secret@db.example:5433/postgres",
        "EISO_AMQP_URL": "amqp://broker.example:5673",
        "EISO_S3_URL": "https://AK:SK@files.example:7480/papers",
    }
    other = load(platform.instance, environ=named)
    secret = platform.passwords["amqp_documents"]
    assert other.amqp_uri("documents") == f"amqp://documents:{secret}@broker.example:5673/eiso"
    assert "@db.example:5433/documents" in other.database_url("documents")
    assert (other.s3_endpoint, other.s3_access_key) == ("https://files.example:7480", "AK")
    assert (other.s3_secret_key, other.s3_bucket) == ("SK", "papers")


def test_a_long_path_gets_a_short_socket(platform, tmp_path):
    deep = replace(platform.instance, folder=tmp_path / ("x" * 120))
    assert len(str(supervision.socket_path(deep))) <= supervision.LONGEST_SOCKET_PATH
    supervision.socket_path(deep).parent.rmdir()


def test_supervisord_reads_a_percent_sign_as_itself(platform):
    odd = replace(platform, passwords={**platform.passwords, "amqp_gateway": "a%sb"})
    assert ":a%%sb@" in supervision.configuration(odd)


def test_browsers_of_the_gateways_pages_only_may_use_the_bucket(platform):
    rule = bucket.cors(bucket.origins(platform)).decode()
    assert re.findall("<AllowedOrigin>(.*?)</AllowedOrigin>", rule) == [
        "http://127.0.0.1:21000",
        "http://localhost:21000",
    ]
    assert "DELETE" not in rule


@pytest.mark.parametrize("name", ["../etc", "a/b", "", "a b"])
def test_an_instance_name_cannot_leave_its_folder(name):
    with pytest.raises(ValueError, match="instance name"):
        Instance.named(name)


def test_the_folder_of_the_servers_is_whole_for_each_that_asks_beside_others(tmp_path):
    together = Barrier(3)

    def asked(instance: Instance) -> int:
        together.wait()
        return stat.S_IMODE(servers_folder(instance).stat().st_mode)

    with ThreadPoolExecutor(3) as three:
        for n in range(200):
            instance = Instance(name="run", folder=tmp_path / str(n) / "run")
            found = set(three.map(asked, [instance] * 3))
            assert found == {0o711}
