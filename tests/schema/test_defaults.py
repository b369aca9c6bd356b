"""A default instance sets the fields that its class would not give it."""

from __future__ import annotations

import itertools
from dataclasses import InitVar, dataclass, field
from typing import Annotated, Any

import pytest

from confkit import REQUIRED, Check, InvalidConfig, SchemaError, Values, load
from confkit.schema.defaults import counting

_numbers = itertools.count()


@dataclass(frozen=True)
class Db:
    host: str = "localhost"
    port: int = 5432
    dsn: str = ""

    def __post_init__(self) -> None:
        if not self.dsn:
            object.__setattr__(self, "dsn", f"pg://{self.host}:{self.port}")


@dataclass(frozen=True)
class Replica(Db):
    lag: int = 3


@dataclass(frozen=True)
class Odd:
    number: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", next(_numbers))


@dataclass(frozen=True)
class Strict:
    host: str = REQUIRED
    size: InitVar[int] = 1

    def __post_init__(self, size: int) -> None:
        if self.host is REQUIRED:
            return
        if "." not in self.host:
            raise ValueError("a full name is expected")


@pytest.mark.parametrize(
    ("instance", "names"),
    [
        (Db(), set()),
        (Db("prod"), {"host"}),
        (Db("prod", dsn="pg://other"), {"host", "dsn"}),
        (Db(dsn="pg://localhost:5432"), set()),
        (Replica(lag=1), {"lag"}),
        (Strict("a.b"), {"host"}),
    ],
)
def test_what_an_instance_sets(instance, names):
    assert counting(instance, "Settings.db") == names


def make(kind: Any, factory: Any) -> type:
    body = {"__annotations__": {"db": kind}, "db": field(default_factory=factory)}
    return dataclass(frozen=True)(type("Settings", (), body))


@pytest.mark.parametrize(
    ("factory", "values", "db"),
    [
        (Db, {}, Db()),
        (Db, {"db.host": "prod"}, Db("prod")),
        (Db, {"db.dsn": "x"}, Db(dsn="x")),
        (lambda: Db("a", 1), {"db.port": 2}, Db("a", 2)),
        (Replica, {}, Replica()),
        (Replica, {"db.host": "prod", "db.lag": 1}, Replica("prod", lag=1)),
    ],
)
def test_computed_fields_follow_the_values_that_win(factory, values, db):
    config = load(make(Db, factory), Values(values))
    assert config.current.db == db
    assert type(config.current.db) is type(db)
    with config.override({"db.host": "elsewhere"}) as inside:
        assert inside.db.host == "elsewhere"
        assert inside.db.dsn == ("x" if "db.dsn" in values else f"pg://elsewhere:{db.port}")


@pytest.mark.parametrize(
    ("kind", "factory", "says"),
    [
        (Odd, Odd, "Settings.db: its default is not what Odd makes of the same fields again"),
        (Db, lambda: 1 / 0, "Settings.db: its default cannot be made: ZeroDivisionError"),
        (Db, lambda: None, "Settings.db: the default is None: write Db | None"),
        (Db, lambda: "pg://", "Settings.db: the default is not a Db"),
    ],
)
def test_a_default_that_cannot_be_made_again_is_refused(kind, factory, says):
    with pytest.raises(SchemaError) as caught:
        load(make(kind, factory), Values({}))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "default", "says"),
    [
        (int, "5", "Settings.a: its default is a str, and int is expected"),
        (str, None, "Settings.a: its default is None: write str | None"),
        (list[int], ("x",), "Settings.a: its default is not an integer"),
        (tuple[int, ...], [1], "Settings.a: its default is a list, and tuple[int, ...]"),
        (int, True, "Settings.a: its default is not an integer"),
    ],
)
def test_a_default_of_another_type_is_refused_when_the_class_is_read(kind, default, says):
    body = {"__annotations__": {"a": kind}, "a": field(default_factory=lambda: default)}
    with pytest.raises(SchemaError) as caught:
        load(dataclass(frozen=True)(type("Settings", (), body)), Values({"a": 1}))
    assert says in str(caught.value)


def test_an_int_is_a_default_of_a_float():
    body = {"__annotations__": {"a": float}, "a": 5}
    assert load(dataclass(frozen=True)(type("Settings", (), body)), Values({})).current.a == 5


@dataclass(frozen=True)
class Item:
    size: Annotated[int, Check(min=1)] = 0


@dataclass(frozen=True)
class Checked:
    name: Annotated[str, Check(minlength=1)] = ""
    sizes: list[Annotated[int, Check(min=1)]] = field(default_factory=lambda: [1, 0])
    items: list[Item] = field(default_factory=list)
    named: dict[str, Item] = field(default_factory=dict)
    perhaps: Item | None = None


def test_defaults_that_win_are_judged_like_values():
    with pytest.raises(InvalidConfig) as caught:
        load(Checked, Values({"items": [{}], "named": {"a": {}}, "perhaps": {}}))
    assert sorted((p.key, p.message) for p in caught.value) == [
        ("items[0].size", "must be at least 1"),
        ("name", "must be at least 1 long"),
        ("named.a.size", "must be at least 1"),
        ("perhaps.size", "must be at least 1"),
        ("sizes[1]", "must be at least 1"),
    ]
    assert load(Checked, Values({"name": "x", "sizes": [1]})).current.name == "x"
