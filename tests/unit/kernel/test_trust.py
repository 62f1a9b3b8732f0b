"""Tokens that are forged, stale or confused are refused; the policy answers as its table reads."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from kernel.base.errors import Forbidden
from kernel.trust.identity import ALGORITHM, KIND, PUBLIC, Actor, Held, Verifier, sign_token
from kernel.trust.policy import Policy, Relation, row, scope, sight
from kernel.trust.row_security import seen_by

NOW = datetime(2026, 8, 10, 1, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def a_key():
    return OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)


KEY = a_key()
PRIVATE = KEY.as_dict(private=True)
VERIFIER = Verifier({"keys": [KEY.as_dict(private=False)]})


def an_actor():
    agency = uuid4()
    held = Held(role="drafter", agency_id=agency, with_subtree=True)
    return Actor(kind="person", person_id=uuid4(), position_id=uuid4(), agency_id=agency, roles=(held,))


def a_token(header=None, key=KEY, **claims):
    actor = an_actor()
    good = {
        "iss": "eiso-directory",
        "aud": "eiso",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + TEN).timestamp()),
        "sub": str(actor.person_id),
        "pos": str(actor.position_id),
        "agy": str(actor.agency_id),
        "roles": [],
    }
    head = {"alg": ALGORITHM, "typ": KIND, "kid": PRIVATE["kid"]} | (header or {})
    return jwt.encode(head, good | claims, key, algorithms=[head["alg"]])


def test_a_token_names_its_actor():
    actor = an_actor()
    assert VERIFIER.verify(sign_token(PRIVATE, actor, NOW, TEN), NOW) == actor
    assert VERIFIER.verify(sign_token(PRIVATE, PUBLIC, NOW, TEN), NOW) == PUBLIC


def test_a_token_never_lives_longer_than_ten_minutes():
    token = sign_token(PRIVATE, an_actor(), NOW, timedelta(hours=5))
    with pytest.raises(Forbidden, match="not_signed_in"):
        VERIFIER.verify(token, NOW + TEN + timedelta(seconds=1))


@pytest.mark.parametrize(
    "token",
    [
        a_token(key=a_key()),
        a_token(iss="somebody"),
        a_token(aud="elsewhere"),
        a_token(exp=int((NOW + timedelta(hours=1)).timestamp())),
        a_token(
            iat=int((NOW + timedelta(hours=1)).timestamp()),
            exp=int((NOW + timedelta(hours=1) + TEN).timestamp()),
        ),
        a_token(header={"typ": "JWT"}),
        a_token(header={"kid": "unknown"}),
        a_token(sub="not-an-id"),
        a_token(header={"alg": "HS256"}, key=OctKey.import_key(KEY.as_dict(private=False)["x"])),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwdWJsaWMifQ.",
        "nonsense",
    ],
    ids=[
        "other key",
        "issuer",
        "audience",
        "too long",
        "from the future",
        "kind",
        "key id",
        "subject",
        "HS256",
        "none",
        "text",
    ],
)
def test_a_forged_or_confused_token_is_refused(token):
    with pytest.raises(Forbidden, match="bad_grant"):
        VERIFIER.verify(token, NOW)


def test_a_verifier_does_not_take_a_key_that_could_sign():
    with pytest.raises(ValueError, match="private"):
        Verifier({"keys": [PRIVATE]})


POLICY = Policy(
    row("read", relation=Relation.PUBLIC),
    row("me", relation=Relation.SIGNED_IN),
    row("approve", relation=Relation.WITHIN, roles=["approver"], states=["reviewed"]),
    row("approve", relation=Relation.WITHIN, roles=["head"], states=["in_review", "reviewed"]),
    row("log", relation=Relation.SYSTEM),
)


def person(*roles):
    agency = uuid4()
    return Actor(kind="person", person_id=uuid4(), roles=tuple(Held(role=r, agency_id=agency) for r in roles))


@pytest.mark.parametrize(
    ("action", "actor", "admitted"),
    [
        ("read", PUBLIC, True),
        ("me", PUBLIC, False),
        ("me", person(), True),
        ("approve", person("approver"), True),
        ("approve", person("reader"), False),
        ("approve", PUBLIC, False),
        ("log", person("approver"), False),
        ("log", Actor.system("x"), True),
        ("read", Actor.system("x"), True),
        ("approve", Actor.system("x"), False),
        ("me", Actor.system("x"), False),
    ],
)
def test_the_door_admits_as_the_table_says(action, actor, admitted):
    if admitted:
        POLICY.admit(action, actor)
    else:
        with pytest.raises(Forbidden):
            POLICY.admit(action, actor)


def test_roles_depend_on_the_state():
    assert POLICY.roles_for("approve", "in_review") == {"head"}
    assert POLICY.roles_for("approve", None) == {"head", "approver"}
    assert not POLICY.is_open_in("approve", "draft")
    assert POLICY.needs_agency("approve")
    assert not POLICY.needs_agency("me")


def test_a_row_by_agency_without_roles_is_a_mistake():
    with pytest.raises(ValueError, match="role"):
        row("approve", relation=Relation.WITHIN)


SCOPED = Policy(
    row("list", relation=Relation.SIGNED_IN),
    row("tell", relation=Relation.WITHIN, roles=["receptionist"]),
    row("news", relation=Relation.PUBLIC),
    row("lease", relation=Relation.CLIENT),
    row("closed", relation=Relation.WITHIN, roles=["receptionist"]),
    scope("cases.read", "list"),
    scope("cases.sync", "tell"),
    sight("applicant", roles=["receptionist"]),
)


@pytest.mark.parametrize(
    ("scopes", "opened"),
    [
        ((), {"news", "lease"}),
        (("cases.read",), {"news", "lease", "list"}),
        (("cases.read", "cases.sync", "other"), {"news", "lease", "list", "tell"}),
    ],
)
def test_a_program_enters_where_its_scopes_say_and_a_person_does_not_pass_for_one(scopes, opened):
    program = Actor.client(uuid4(), scopes, [(uuid4(), True)])
    for action in ("list", "tell", "news", "lease"):
        if action in opened:
            SCOPED.admit(action, program)
        else:
            with pytest.raises(Forbidden, match="client_scope_missing"):
                SCOPED.admit(action, program)
    with pytest.raises(Forbidden, match="not_permitted"):
        SCOPED.admit("lease", an_actor())
    with pytest.raises(Forbidden, match="not_for_programs") as closed:
        SCOPED.admit("closed", program)
    assert "—" not in closed.value.remedy.en, "no scope opens it: asking for one would not help"
    assert not SCOPED.sights["applicant"] & {held.role for held in program.roles}


def test_a_programs_token_names_its_scopes_and_agencies_and_no_position():
    program = Actor.client(uuid4(), ["cases.read"], [(uuid4(), True), (uuid4(), False)])
    assert VERIFIER.verify(sign_token(PRIVATE, program, NOW, TEN), NOW) == program
    assert program.position_id is None
    assert not program.is_person


def test_a_scope_of_what_is_no_action_is_a_mistake():
    with pytest.raises(ValueError, match="nothing_such"):
        Policy(scope("cases.read", "nothing_such"))


def test_what_the_database_learns_that_somebody_may_see():
    actor, day = an_actor(), NOW.date()
    agency = actor.agency_id
    assert seen_by(actor, day) == f"{agency}|{agency}|{day}"
    assert seen_by(PUBLIC, day) == f"||{day}"
    assert seen_by(Actor.system("sweep"), day) == "all"
    below, alone = uuid4(), uuid4()
    program = Actor.client(uuid4(), [], [(below, True), (alone, False)])
    assert seen_by(program, day) == f"{','.join(sorted([str(below), str(alone)]))}|{below}|{day}"
