"""What type checkers have to know about settings; checked by tests/test_typing.py."""

from dataclasses import dataclass, field
from typing import Annotated, assert_type

from confkit import (
    REQUIRED,
    Check,
    Config,
    Environ,
    Explanation,
    File,
    Matrix,
    Secret,
    Snapshot,
    Source,
    Url,
    Values,
    load,
)


@dataclass(frozen=True)
class Database:
    address: Annotated[Secret, Url("sqlite")] = Secret("sqlite://")
    pool_size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Settings:
    secret_key: Secret = REQUIRED
    database: Database = field(default_factory=Database)
    cache: Database | None = None


config = load(Settings)
assert_type(config, Config[Settings])
assert_type(config.current, Settings)
assert_type(config.current.database.pool_size, int)
assert_type(config.current.secret_key, Secret)
assert_type(config.current.cache, Database | None)
assert_type(config.snapshot, Snapshot[Settings])
assert_type(config.snapshot.current, Settings)
assert_type(config.explain(), Matrix)
assert_type(config.explain("database"), Explanation)

with config.override({"database.pool_size": 1}) as settings:
    assert_type(settings, Settings)

sources: list[Source] = [File("a.yaml"), Environ("SHOP_"), Values({"a": 1})]
assert_type(load(Settings, *sources, environment="production", argv=[]), Config[Settings])
