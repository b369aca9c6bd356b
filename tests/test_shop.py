"""The example shop: the document's variables, the same settings from YAML and JSON, the demo."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import confkit
from examples.shop.credentials import LoginFailed, connect, database_url
from examples.shop.settings import Settings
from tests.secrets.aws_server import ok, version
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

SHOP = Path(__file__).parent.parent / "examples" / "shop"
NEEDED = ("SECRET_KEY", "JWT_SECRET", "ENCRYPTION_KEY", "SENTRY_DSN", "DATADOG_API_KEY")
VARIABLES = {
    "development": """DEBUG LOG_LEVEL ENVIRONMENT DATABASE_URL DATABASE_POOL_SIZE DATABASE_TIMEOUT
        REDIS_URL REDIS_TIMEOUT API_BASE_URL API_TIMEOUT API_RETRY_COUNT FEATURE_NEW_DASHBOARD
        FEATURE_BETA_API""",
    "production": """DEBUG LOG_LEVEL ENVIRONMENT DATABASE_URL DATABASE_POOL_SIZE DATABASE_TIMEOUT
        REDIS_URL REDIS_TIMEOUT SECRET_KEY JWT_SECRET ENCRYPTION_KEY SENTRY_DSN DATADOG_API_KEY
        API_BASE_URL API_TIMEOUT API_RETRY_COUNT""",
}


@pytest.mark.parametrize("environment", sorted(VARIABLES))
def test_an_env_file_has_exactly_its_variables(environment):
    text = (SHOP / f".env.{environment}").read_text()
    assert re.findall(r"^(\w+)=", text, re.MULTILINE) == VARIABLES[environment].split()


def test_every_variable_is_read_by_a_setting():
    """The names FEATURE_* and API_KEY among them, which are not those of their keys."""
    known = confkit.load(Settings, root=SHOP, environ={}).snapshot.schema.variables
    assert {name for names in VARIABLES.values() for name in names.split()} <= known.keys()
    assert known["API_KEY"] == "api.api_key"
    assert known["FEATURE_NEW_DASHBOARD"] == "features.new_dashboard"


def test_development_needs_no_environment():
    settings = confkit.load(Settings, root=SHOP, environ={}).current
    assert (settings.debug, settings.log_level, settings.environment) == (
        True,
        "DEBUG",
        "development",
    )
    assert settings.features.new_dashboard is True
    assert settings.database.url.reveal().endswith("/myapp_dev")


def test_production_demands_its_secrets_by_name():
    """A usable default of secret_key in production was a fault of the source document."""
    with pytest.raises(confkit.InvalidConfig) as error:
        confkit.load(Settings, root=SHOP, environment="production", environ={})
    found = {p.key: p.message for p in error.value.problems}
    for name in NEEDED:
        assert found[name.lower()] == f"the variable {name} is not set"


def test_production_takes_its_secrets_from_the_environment():
    environ = dict.fromkeys(NEEDED, "s" * 32)
    config = confkit.load(Settings, root=SHOP, environment="production", environ=environ)
    assert config.current.secret_key.reveal() == "s" * 32
    assert config.current.environment == "production"
    assert str(config.explain("secret_key").origin) == "env SECRET_KEY"


def test_json_gives_the_same_settings_as_yaml(tmp_path):
    yaml, json = tmp_path / "yaml", tmp_path / "json"
    for place, file in ((yaml, "config.yaml"), (json, "variants/config.json")):
        place.mkdir()
        shutil.copy(SHOP / file, place)
        shutil.copytree(SHOP / "config", place / "config")
    one, other = (confkit.load(Settings, root=place, environ={}) for place in (yaml, json))
    assert one.current == other.current
    assert str(other.explain("database.pool_size").origin) == "config.json:3:18"


@pytest.mark.skipif(
    "CONFKIT_TESTS_WITHOUT_EXTRAS" in os.environ, reason="the demo uses the command line tool"
)
def test_the_demo_shows_layers_reasons_and_a_rollout():
    done = subprocess.run(
        [sys.executable, "-m", "examples.shop.demo"],
        cwd=SHOP.parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for said in (
        "database.pool_size = 20\n  from .env.production:8",
        "redis.timeout: is not an integer (ten, env REDIS_TIMEOUT)",
        "9,970 of 100,000",
        "new_dashboard=off (outside the rollout: bucket 11.342 >= 10, unit user-42)",
    ):
        assert said in done.stdout
    assert not list(SHOP.glob("*.history.jsonl"))


@pytest.mark.skipif("CONFKIT_TESTS_WITHOUT_EXTRAS" in os.environ, reason="boto3 is an extra")
def test_a_rotated_database_password_costs_one_more_login(aws):  # noqa: F811
    fields = {"host": "db", "database": "shop", "username": "u@shop", "password": "p/1"}
    aws.answer = lambda operation, document: ok(**version(1, **fields))
    secrets = confkit.SecretManager()
    assert database_url(secrets).reveal() == "postgresql://u%40shop:p%2F1@db:5432/shop"
    aws.answer = lambda operation, document: ok(**version(2, **{**fields, "password": "p/2"}))
    seen = []

    def login(url):
        seen.append(url.reveal())
        if "p%2F2" not in url.reveal():
            raise LoginFailed
        return "connected"

    assert connect(secrets, login) == "connected"
    assert [url.partition("@")[0][-5:] for url in seen] == ["p%2F1", "p%2F2"]
    assert len(aws.requests) == 2

    def refuse(url):
        raise LoginFailed

    with pytest.raises(LoginFailed):
        connect(secrets, refuse)
    assert len(aws.requests) == 2
