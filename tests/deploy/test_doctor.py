"""The doctor finds what is wrong, says it in both languages with a remedy, and ends with 1."""

import json
import socket
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from deploy.local import machine, rabbitmq
from deploy.local.doctor import examine
from deploy.local.instance import ROOT, Instance
from deploy.local.platform import SERVICES, VHOST
from deploy.platform import broker, bucket
from ops.doctor import services, stores


def codes(findings) -> dict[str, bool]:
    return {finding.code: finding.is_well for finding in findings}


def eiso(*arguments: str, module: str = "ops") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_running_servers_are_well(platform):
    found = codes(stores.findings(platform))
    assert found == dict.fromkeys(
        ["ops_server", "ops_roles", "ops_users", "ops_lock", "ops_store_users"],
        True,
    )


def test_a_broker_user_that_is_refused_is_named(platform):
    stranger = replace(platform, passwords={**platform.passwords, "amqp_notify": "wrong"})
    [finding] = [f for f in stores.findings(stranger) if not f.is_well]
    assert (finding.code, finding.facts) == ("ops_users_refused", {"users": "notify"})


def test_a_database_role_that_is_refused_is_named(platform):
    stranger = replace(platform, passwords={**platform.passwords, "postgres_documents_app": "wrong"})
    [finding] = [f for f in stores.findings(stranger) if not f.is_well]
    assert (finding.code, finding.facts) == ("ops_roles_refused", {"roles": "documents_app"})


def test_rights_of_an_earlier_release_are_found_out(platform):
    """As `rabbitmqctl import_definitions` was forgotten: the service may lead its exchange into the calls."""
    [given] = [
        each
        for each in broker.definitions(platform.passwords, [VHOST])["permissions"]
        if each["user"] == "cases"
    ]
    rights = [given[verb] for verb in ("configure", "write", "read")]
    set_to = ("set_permissions", "-p", VHOST, "cases")
    rabbitmq.control(platform, *set_to, rights[0], ".*", rights[2])
    try:
        [finding] = [f for f in stores.findings(platform) if not f.is_well]
        assert (finding.code, finding.facts["users"]) == ("ops_rights_too_wide", "cases")
    finally:
        rabbitmq.control(platform, *set_to, *rights)
    assert all(f.is_well for f in stores.findings(platform))


@dataclass
class Forgetful:
    """A store that takes a lock, and deletes the version all the same."""

    version_id: str = "1"

    def put_object(self, *given, **named):
        return self

    def remove_object(self, *given, **named):
        return None


def test_a_store_that_ignores_a_lock_is_found_out(platform, monkeypatch):
    monkeypatch.setattr(bucket, "client", lambda *_: Forgetful())
    monkeypatch.setattr(stores, "_knows", lambda *_: True)
    assert codes(stores.findings(platform))["ops_lock_ignored"] is False


def test_a_store_that_lets_nobody_in_is_found_out(platform):
    stranger = replace(platform, passwords={**platform.passwords, "s3_secret_key": "wrong"})
    assert codes(stores.findings(stranger))["ops_store_refused"] is False


def test_a_user_of_the_store_with_another_key_is_named(platform):
    stranger = replace(platform, passwords={**platform.passwords, "s3_locks_secret_key": "wrong"})
    found = {each.code: each.facts for each in stores.findings(stranger)}
    assert found["ops_store_users_refused"]["users"] == "locks"
    assert codes(stores.findings(platform))["ops_store_users"] is True


def test_a_store_whose_users_were_not_made_is_found_out(platform):
    none = {name: said for name, said in platform.passwords.items() if not name.startswith("s3_directory")}
    found = codes(stores.findings(replace(platform, passwords=none)))
    assert found["ops_store_one_key"] is False


def test_a_port_taken_by_another_program_is_named(platform):
    free = {**platform.ports, "mail_page": _free_port()}
    moved = replace(platform, ports=free)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", free["mail_page"]))
        stranger.listen()
        [finding] = machine.findings_of_ports(moved)
    assert finding.code == "ops_ports_taken"
    assert str(free["mail_page"]) in finding.facts["ports"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("bound", "code"), [("LEAST_DISK", "ops_disk_low"), ("LEAST_MEMORY", "ops_memory_low")]
)
def test_too_little_disk_or_memory_is_found(platform, monkeypatch, bound, code):
    monkeypatch.setattr(machine, bound, 2**60)
    assert codes(machine.findings(platform.instance))[code] is False


def test_a_missing_program_is_named_by_its_package(platform, monkeypatch):
    monkeypatch.setitem(machine.PROGRAMS, "no-such-program", "some-package")
    found = {finding.code: finding.facts for finding in machine.findings(platform.instance)}
    assert found["ops_packages_missing"] == {"packages": "some-package"}


def test_a_database_that_is_not_at_its_head_is_named(platform, monkeypatch):
    monkeypatch.setattr(services, "_ask", lambda platform, service, question: "0000")
    [finding] = services.findings(platform)
    assert finding.facts["services"] == ", ".join(SERVICES)


def test_an_instance_that_never_ran_ends_with_two_and_its_remedy():
    done = eiso("doctor", "--instance", "never", "--json", module="deploy.local")
    last = json.loads(done.stdout)[-1]
    assert done.returncode == 2
    assert last["code"] == "ops_never_started"
    assert set(last["remedy"]) == {"vi", "en"}
    assert not Instance.named("never").folder.exists()


def test_an_old_data_format_is_refused_with_its_remedy(tmp_path):
    instance = Instance(name="old", folder=tmp_path)
    instance.platform_file.write_text('{"format": 0}')
    assert codes(examine(instance))["ops_old_format"] is False


def test_a_command_line_not_understood_ends_with_two():
    assert eiso("reconcil").returncode == 2
    assert eiso("--help").returncode == 0
