"""What the first hand-written version of this configuration got wrong, each held by a test.

Every test here fails on that version's behaviour: variables that are not set replace file values,
layers that are named are never read, secrets have a usable default, a mask knows four names.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from confkit import InvalidConfig, Secret, Values, load
from examples.shop.settings import Settings

CONFIG_SCHEMA: dict[str, Any] = {
    "debug": {"type": "boolean"},
    "log_level": {"type": "string", "allowed": ["DEBUG", "INFO", "WARNING", "ERROR"]},
    "environment": {"type": "string", "allowed": ["development", "staging", "production"]},
    "secret_key": {"type": "string", "minlength": 32},
    "database": {
        "type": "dict",
        "schema": {
            "url": {"type": "string", "required": True},
            "pool_size": {"type": "integer", "min": 1, "max": 100},
            "timeout": {"type": "integer", "min": 1},
        },
    },
    "redis": {
        "type": "dict",
        "schema": {
            "url": {"type": "string", "required": True},
            "timeout": {"type": "integer", "min": 1},
            "max_connections": {"type": "integer", "min": 1},
        },
    },
    "api": {
        "type": "dict",
        "schema": {
            "base_url": {"type": "string", "required": True},
            "timeout": {"type": "integer", "min": 1},
            "retry_count": {"type": "integer", "min": 0, "max": 10},
        },
    },
}


@dataclass(frozen=True)
class Database:
    url: str = "sqlite:///app.db"
    pool_size: int = 5
    timeout: int = 30
    echo: bool = False


@dataclass(frozen=True)
class Redis:
    url: str = "redis://localhost:6379/0"
    timeout: int = 5
    max_connections: int = 10


@dataclass(frozen=True)
class Api:
    base_url: str = "https://api.example.com"
    timeout: int = 30
    retry_count: int = 3


@dataclass(frozen=True)
class Plain:
    """The document's dataclasses without any rule of ours."""

    debug: bool = False
    log_level: str = "INFO"
    environment: str = "development"
    secret_key: Secret = Secret("x" * 32)
    database: Database = field(default_factory=Database)
    redis: Redis = field(default_factory=Redis)
    api: Api = field(default_factory=Api)


KEY = "k" * 32


def shop(root: Path, environ: dict[str, str] | None = None, **kwargs: Any) -> Any:
    (root / ".env").touch()
    return load(Settings, root=root, environ={"SECRET_KEY": KEY} | (environ or {}), **kwargs)


# -- the whole schema ----------------------------------------------------------------------------


def test_the_cerberus_schema_works_unchanged():
    before = copy.deepcopy(CONFIG_SCHEMA)
    assert load(Plain, Values({}), rules=CONFIG_SCHEMA).current == Plain()
    assert before == CONFIG_SCHEMA


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("log_level", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("environment", "prod", "must be one of development, staging, production"),
        ("secret_key", "short", "must be at least 32 long"),
        ("database.pool_size", 0, "must be at least 1"),
        ("database.pool_size", 101, "must be at most 100"),
        ("database.timeout", 0, "must be at least 1"),
        ("redis.timeout", 0, "must be at least 1"),
        ("redis.max_connections", 0, "must be at least 1"),
        ("api.timeout", 0, "must be at least 1"),
        ("api.retry_count", 11, "must be at most 10"),
        ("api.retry_count", -1, "must be at least 0"),
    ],
)
@pytest.mark.parametrize(("settings", "rules"), [(Plain, CONFIG_SCHEMA), (Settings, None)])
def test_every_rule_holds_given_whole_and_field_by_field(settings, rules, key, value, says):
    with pytest.raises(InvalidConfig) as caught:
        load(settings, Values({"secret_key": KEY, key: value}), rules=rules)
    (problem,) = caught.value
    assert problem.key == key
    assert says in problem.message or problem.message == f"is none of {says[15:]}"
    assert str(value) not in problem.value or key != "secret_key"


# -- fault 5: what is not set replaces nothing; only some words mean false -----------------------


def test_a_variable_that_is_not_set_replaces_nothing(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "debug: true\nfeatures: {new_dashboard: true}\ndatabase: {pool_size: 7}\n"
    )
    current = shop(tmp_path).current
    assert current.debug
    assert current.features.new_dashboard
    assert current.database.pool_size == 7


@pytest.mark.parametrize("text", ["1", "yes", "on", "TRUE"])
def test_true_has_several_words(tmp_path, text):
    assert shop(tmp_path, {"FEATURE_NEW_DASHBOARD": text}).current.features.new_dashboard


def test_what_is_neither_true_nor_false_is_an_error(tmp_path):
    with pytest.raises(InvalidConfig, match=r"debug: is not a boolean .* \(treu, env DEBUG\)"):
        shop(tmp_path, {"DEBUG": "treu"})


# -- fault 6: every layer that is named is read --------------------------------------------------


def test_json_env_files_command_line_and_runtime_overrides_are_read(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"database": {"pool_size": 6}}))
    assert shop(tmp_path).current.database.pool_size == 6
    (tmp_path / ".env.development").write_text("DATABASE_POOL_SIZE=7\n")
    assert shop(tmp_path).current.database.pool_size == 7
    config = shop(tmp_path, argv=["--database.pool-size", "8"])
    assert config.current.database.pool_size == 8
    config.set("database.pool_size", 9)
    assert config.current.database.pool_size == 9


def test_a_variable_in_an_env_file_is_expanded(tmp_path):
    (tmp_path / ".env.production").write_text("SECRET_KEY=${SECRET_KEY}\nSENTRY_DSN=${DSN}\n")
    config = shop(tmp_path, {"DSN": "https://key@sentry.example/1"}, environment="production")
    assert config.current.secret_key.reveal() == KEY
    assert config.current.sentry_dsn.reveal() == "https://key@sentry.example/1"


def test_a_variable_that_is_not_set_is_never_the_text_itself(tmp_path):
    (tmp_path / ".env.production").write_text("JWT_SECRET=${JWT_SECRET}\n")
    with pytest.raises(InvalidConfig, match="the variable JWT_SECRET is not set") as caught:
        shop(tmp_path, environment="production")
    assert caught.value.problems[0].origin.line == 1


# -- fault 7: no usable default for the secret key -----------------------------------------------


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_secret_key_has_no_default(tmp_path, environment):
    (tmp_path / ".env.production").write_text("")
    with pytest.raises(InvalidConfig, match="secret_key: is required and not set"):
        load(Settings, root=tmp_path, environ={}, environment=environment)


def test_the_old_default_would_be_too_short(tmp_path):
    with pytest.raises(InvalidConfig, match="secret_key: must be at least 32 long"):
        shop(tmp_path, {"SECRET_KEY": "dev-secret-key"})


# -- fault 12: what counts as sensitive ----------------------------------------------------------


def test_more_than_four_names_are_sensitive_and_urls_lose_their_passwords(tmp_path):
    secrets = {
        "DATABASE_URL": "postgresql://user:hunter2@db.example:5432/myapp",
        "JWT_SECRET": "hunter2" * 6,
        "SENTRY_DSN": "https://hunter2@sentry.example/1",
        "DATADOG_API_KEY": "hunter2",
        "API_KEY": "hunter2",
        "REDIS_URL": "redis://:hunter2@cache.example:6379/0",
        "ENCRYPTION_KEY": "hunter2",
    }
    config = shop(tmp_path, secrets)
    for shown in (config.explain(), config.explain().as_dict(), config.explain()._repr_html_()):
        assert "hunter2" not in str(shown)
    assert "redis://***@" in str(config.explain("redis.url")) or "redis://:***@" in str(
        config.explain("redis.url")
    )


def test_lists_are_entered():
    @dataclass(frozen=True)
    class Brokers:
        urls: Any = None

    config = load(Brokers, Values({"urls": [{"password": "hunter2"}, "amqp://u:hunter2@h"]}))
    assert config.explain("urls").text == "[{password: ***}, amqp://u:***@h]"


# -- fault 14: what is missing is required, and every value has an origin ------------------------


def test_a_bad_value_is_reported_where_it_stands(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("database:\n  pool_size: 500\n")
    with pytest.raises(InvalidConfig) as caught:
        shop(tmp_path, environment="production")
    assert str(caught.value) == (
        "Settings: 1 problem\n"
        "  database.pool_size: must be at most 100 (500, config/production.yaml:2:14)\n"
        "    2 |   pool_size: 500\n"
        "                     ^"
    )


def test_sections_are_there_whether_or_not_a_file_names_them(tmp_path):
    """The document's schema says `required` inside sections that may be missing altogether."""
    assert load(Plain, Values({}), rules=CONFIG_SCHEMA).current.redis == Redis()
    with pytest.raises(InvalidConfig, match="redis: a mapping is expected"):
        load(Plain, Values({"redis": "redis://h"}), rules=CONFIG_SCHEMA)


# -- the shop, as it stands ----------------------------------------------------------------------

SHOP = Path(__file__).parents[1] / "examples" / "shop"


def test_the_shop_loads_in_every_environment():
    environ = {
        "SECRET_KEY": KEY,
        "JWT_SECRET": "j" * 32,
        "ENCRYPTION_KEY": "e",
        "SENTRY_DSN": "https://k@sentry.example/1",
        "DATADOG_API_KEY": "d",
    }
    for environment, size in (("development", 5), ("production", 20)):
        config = load(Settings, root=SHOP, environ=environ, environment=environment)
        assert config.current.environment == environment
        assert config.current.database.pool_size == size
        assert config.current.api.retry_count == (3 if environment == "development" else 5)
