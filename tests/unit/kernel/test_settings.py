"""Settings are read once, and everything missing or wrong is named at once."""

import pytest

from gateway.settings import GatewaySettings
from kernel.life.settings import BadSettings, Settings, from_environ

GOOD = {
    "EISO_MODE": "test",
    "AMQP_URI": "amqp://a:b@localhost/x",
    "DATABASE_URL": "postgresql+psycopg://a@localhost/x",
    "GRANT_JWKS_FILE": "keys.json",
    "HEALTH_PORT": "9001",
    "S3_ENDPOINT": "http://localhost:7480",
    "S3_PUBLIC_ENDPOINT": "https://files.example",
    "S3_ACCESS_KEY": "a",
    "S3_SECRET_KEY": "b",
    "S3_BUCKET": "eiso",
    "S3_LOCK_MODE": "GOVERNANCE",
}


def test_good_settings_are_typed():
    settings = from_environ(
        Settings, GOOD | {"MAX_WORKERS": "4", "RETRY_TIERS": "0.5,2", "SOMETHING": "else"}
    )
    assert (settings.max_workers, settings.tiers, settings.health_port) == (4, (0.5, 2.0), 9001)


def test_every_missing_and_wrong_one_is_named():
    given = {k: v for k, v in GOOD.items() if k != "AMQP_URI"} | {"HEALTH_PORT": "0", "EISO_MODE": "holiday"}
    with pytest.raises(BadSettings) as caught:
        from_environ(Settings, given)
    assert all(name in str(caught.value) for name in ("AMQP_URI", "HEALTH_PORT", "EISO_MODE"))


@pytest.mark.parametrize("settings", [Settings, GatewaySettings])
def test_an_encrypted_broker_is_refused_and_not_spoken_to_in_plain_text(settings):
    with pytest.raises(BadSettings, match=r"AMQP_URI: cần amqp://.*not be encrypted"):
        from_environ(settings, GOOD | {"AMQP_URI": "amqps://a:b@broker:5671/eiso"})


def test_an_empty_variable_counts_as_missing():
    with pytest.raises(BadSettings, match="DATABASE_URL"):
        from_environ(Settings, GOOD | {"DATABASE_URL": ""})
