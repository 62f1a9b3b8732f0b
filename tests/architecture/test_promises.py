"""Promises about the whole that no single test could keep: topics, policies, migrations, settings, words."""

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib import import_module

import pytest

from contracts import every, messages
from contracts.base import Errand
from contracts.directory.roles import Role
from tests.architecture.source import ROOT, SERVICES, files
from tests.contract.golden import every_event


def services():
    """The service classes, loaded in a process that eventlet has not patched: they only declare."""
    return {
        name: getattr(import_module(f"services.{name}.service"), f"{name.title()}Service")
        for name in SERVICES
    }


def operations(service):
    return service.operations


def test_every_service_there_is_has_its_name_in_the_list():
    assert sorted(every.SERVICES) == SERVICES


def test_every_topic_has_a_publisher():
    """The event's class is constructed in the service that its topic names."""
    for topic, cls in every_event().items():
        source = topic.partition(".")[0]
        text = "".join(p.read_text("utf-8") for p in files(f"services/{source}"))
        assert re.search(rf"\b{cls.__name__}\(", text), f"nobody publishes {topic}"


def test_every_topic_has_a_consumer():
    heard = {topic for service in services().values() for topic in service.heard()}
    gateway = "".join(p.read_text("utf-8") for p in files("gateway"))
    unheard = {
        topic
        for topic, cls in every_event().items()
        if topic not in heard and topic not in gateway and not re.search(rf"\b{cls.__name__}\b", gateway)
    }
    assert not unheard


@pytest.mark.parametrize("name", SERVICES)
def test_every_method_has_a_policy_row_and_every_row_a_method(name):
    service = services()[name]
    assert set(operations(service)) == set(service.policy.rows)


@pytest.mark.parametrize("name", SERVICES)
def test_what_can_be_built_anew_is_declared_with_tables_and_reactions_there_are(name):
    """What only learns is a projection: left out here, nobody would notice that it went wrong."""
    service = services()[name]
    tables = import_module(f"services.{name}.metadata").METADATA.tables
    reactions = set(service.reactions)
    declared = {each for projection in service.projections for each in projection.reactions}
    assert {table for projection in service.projections for table in projection.tables} <= set(tables)
    assert declared <= reactions
    assert {each for each in reactions if each.startswith(("learn_", "follow_"))} == declared


@pytest.mark.parametrize("name", SERVICES)
def test_a_method_is_named_as_its_contract(name):
    for method, operation in operations(services()[name]).items():
        assert method == re.sub(r"(?<!^)([A-Z])", r"_\1", operation.contract.__name__).lower()


def test_every_command_is_a_mutation_and_every_mutation_a_command():
    schema = (ROOT / "gateway" / "schema.graphql").read_text("utf-8")
    body = re.search(r"type Mutation \{(.*?)\n\}", schema, re.S).group(1)
    mutations = set(re.findall(r"^  (\w+)\(", body, re.M))
    commands = {
        re.sub(r"_(\w)", lambda m: m.group(1).upper(), method)
        for service in services().values()
        for method, operation in operations(service).items()
        if operation.writes and not issubclass(operation.contract, Errand)
    }
    assert mutations == commands


def test_every_mutation_can_say_no():
    schema = (ROOT / "gateway" / "schema.graphql").read_text("utf-8")
    body = re.search(r"type Mutation \{(.*?)\n\}", schema, re.S).group(1)
    for result in re.findall(r"^  \w+\([^)]*\): (\w+)!", body, re.M):
        union = re.search(rf"union {result} = (.*)", schema)
        assert union, f"{result} is no union"
        assert {"InvalidProblem", "ForbiddenProblem", "ConflictProblem", "NotFoundProblem"} <= set(
            re.findall(r"\w+", union.group(1))
        )


def test_the_committed_schema_is_current():
    done = subprocess.run(
        [sys.executable, "-m", "gateway.schema", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_have_one_head_which_head_names(name):
    from kernel.data import migrations

    head = (ROOT / "services" / name / "migrations" / "HEAD").read_text().strip()
    assert migrations.head(name) == head
    numbered = sorted(
        p.name[:4] for p in (ROOT / "services" / name / "migrations" / "versions").glob("0*.py")
    )
    assert numbered == [f"{n:04}" for n in range(1, int(head) + 1)]


def test_decisions_are_numbered_one_after_the_other():
    named = sorted(p.name for p in (ROOT / "docs" / "adr").glob("*.md"))
    assert [name[:4] for name in named] == [f"{n:04}" for n in range(1, len(named) + 1)]
    heads = [(ROOT / "docs" / "adr" / name).read_text("utf-8").split("\n", 1)[0] for name in named]
    said = [re.match(r"# (?:ADR )?(\d+)[.:] ", head) for head in heads]
    assert [each and int(each[1]) for each in said] == list(range(1, len(named) + 1))


def test_every_setting_is_documented():
    documented = set(
        re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / "deploy" / "env.example").read_text("utf-8"), re.M)
    )
    from gateway.settings import GatewaySettings

    wanted = {GatewaySettings, *(service.settings for service in services().values())}
    undocumented = {f.name.upper() for settings in wanted for f in fields(settings)} - documented
    assert not undocumented


def test_both_languages_of_the_catalogue_say_the_same_facts():
    for code, entry in messages.catalogue().items():
        vi, en = entry.placeholders
        assert vi == en, code


REFUSALS = r"(?:Invalid|NotFound|Forbidden|Conflict|Unavailable)\(\s*\"(\w+)\""


def test_every_refusal_in_the_code_stands_in_the_catalogue_with_its_remedy():
    for path in files("kernel", "services", "gateway"):
        for code in re.findall(REFUSALS, path.read_text("utf-8")):
            entry = messages.catalogue().get(code)
            assert entry, f"{path.relative_to(ROOT)}: {code}"
            assert entry.remedy, f"{code} tells no remedy"


def test_vietnamese_text_is_precomposed():
    from unicodedata import is_normalized

    for path in ROOT.glob("contracts/messages/*.toml"):
        assert is_normalized("NFC", path.read_text("utf-8")), path.name


def test_the_lock_pins_every_package_by_hash_and_names_no_index():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"--(extra-)?index-url|--find-links|https?://", lock)
    pinned = re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.M)
    assert len(pinned) == len(set(pinned))
    assert all(
        "--hash=sha256:" in block for block in re.split(r"^(?=[a-z0-9][\w.-]*==)", lock, flags=re.M)[1:]
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    direct = {re.match(r"[\w-]+", each).group(0) for each in project["project"]["dependencies"]}
    assert direct <= set(pinned)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_with_tables_behind_a_rule_says_so(name):
    """Else its questions would not say who asks, and the rule would withhold nothing."""
    migrations = (ROOT / "services" / name / "migrations" / "versions").glob("0*.py")
    has_rules = any("behind_schema(" in path.read_text("utf-8") for path in migrations)
    assert services()[name].behind is has_rules


ROLES = {role.value for role in Role}


def test_roles_of_the_field_stand_in_the_policies_only():
    """Else the page of who may do what would not be the whole truth."""
    strays = set()
    for path in files("services", "org", "kernel"):
        if path.name == "policy.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "Role"
            spelt = isinstance(node, ast.Constant) and node.value in ROLES
            if named or spelt:
                strays.add(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not strays
