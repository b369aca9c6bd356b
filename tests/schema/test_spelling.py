"""Second names, old names, and keys that an open section takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import REQUIRED, Alias, Open, Renamed, SchemaError
from confkit.schema.reading import read_schema
from confkit.schema.spelling import current, present, rest_of


@dataclass(frozen=True)
class Tls:
    cert: Annotated[str, Alias("x.509"), Renamed("certificate")] = ""


@dataclass(frozen=True)
class Database:
    host: Annotated[str, Alias("from"), Alias("hostName")] = ""
    tls: Annotated[Tls, Alias("ssl"), Renamed("crypto")] = field(default_factory=Tls)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    database: Annotated[Database, Alias("db"), Open("options")] = field(default_factory=Database)
    named: dict[str, str] = field(default_factory=dict)


SCHEMA = read_schema(Settings)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("database.host", "database.host"),
        ("database.from", "database.host"),
        ("db.hostName", "database.host"),
        ("db", "database"),
        ("db.ssl", "database.tls"),
        ('db.ssl."x.509"', "database.tls.cert"),
        ("db.options.from", "database.options.from"),
        ("named.db", "named.db"),
        ("from", "from"),
    ],
)
def test_second_names(key, field):
    assert present(SCHEMA, key) == field


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("certificate", "database.tls.cert"),
        ("crypto", "database.tls"),
        ("crypto.cert", "database.tls.cert"),
        ("database.host", "database.host"),
    ],
)
def test_old_names(key, field):
    assert current(SCHEMA, key) == field


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("database.sslmode", "database.options.sslmode"),
        ("database.a.b", "database.options.a.b"),
        ('database."a.b"', 'database.options."a.b"'),
        ("database.host.x", ""),
        ("database.tls.x", ""),
        ("x", ""),
    ],
)
def test_keys_that_an_open_section_takes(key, field):
    assert rest_of(SCHEMA, key) == field


def make(**annotations: Any) -> type:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations, REQUIRED)}
    return dataclass(frozen=True)(type("Made", (), body))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (make(a=dict, b=Annotated[dict, Alias("a")]), "Made.b: Alias('a') is also a name of a"),
        (
            make(a=Annotated[dict, Alias("x")], b=Annotated[dict, Alias("x")]),
            "Made.b: Alias('x') is also a name of a",
        ),
        (make(a=Annotated[Database, Open("host")]), "Open('host') needs a field host of Database"),
        (make(a=Annotated[Database, Open("nope")]), "Open('nope') needs a field nope of Database"),
        (make(a=Annotated[dict, Renamed("b")], b=dict), "Renamed('b') is the name of a field"),
    ],
)
def test_names_that_cannot_be(settings, says):
    with pytest.raises(SchemaError) as caught:
        read_schema(settings)
    assert says in str(caught.value)
