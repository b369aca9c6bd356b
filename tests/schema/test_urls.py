"""URLs are parsed, not matched, and told in words that quote none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from confkit import InvalidConfig, Secret, Url, Values, load


def make(**annotations: Any) -> type:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations)}
    return dataclass(frozen=True)(type("Settings", (), body))


def messages(settings: type, values: dict[str, Any]) -> list[str]:
    try:
        load(settings, Values(values))
    except InvalidConfig as error:
        return [f"{p.key}: {p.message}" for p in error.problems]
    return []


DATABASE = Url("postgresql", "mysql", "sqlite")
REDIS = Url("redis")


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (DATABASE, "postgresql://user:pass@localhost:5432/myapp"),
        (DATABASE, "postgresql+psycopg://h/db"),
        (DATABASE, "POSTGRESQL://h/db"),
        (DATABASE, "postgresql:///db"),
        (DATABASE, "mysql://h"),
        (DATABASE, "mysql+pymysql://u@h:3306/db?charset=utf8"),
        (DATABASE, "sqlite:///app.db"),
        (DATABASE, "sqlite:////abs/app.db"),
        (DATABASE, "sqlite://"),
        (DATABASE, "postgresql://u:p%2Fw@[::1]:5432/db"),
        (DATABASE, "postgresql://u:p@w@h/db"),
        (REDIS, "redis://localhost:6379/0"),
        (REDIS, "rediss://:pw@cache.prod.com:6379"),
        (REDIS, "redis://h/15?timeout=5"),
        (Url("http"), "https://api.example.com/v1"),
        (Url("http"), "http://münchen.example:80"),
    ],
)
def test_urls_that_hold(check, text):
    assert check.fault(text) == ""


@pytest.mark.parametrize(
    ("check", "text", "says"),
    [
        (DATABASE, "", "is not a URL (postgresql://, mysql://, sqlite://)"),
        (DATABASE, "localhost:5432", "is not a URL"),
        (DATABASE, 5, "is not a URL"),
        (DATABASE, "oracle://h", "must start with postgresql:// or mysql:// or sqlite://"),
        (DATABASE, "postgresqlx://h", "must start with"),
        (DATABASE, "postgresql://", "has no host"),
        (DATABASE, "mysql:///db", "has no host"),
        (DATABASE, "postgresql://u:p@/db", None),
        (DATABASE, "mysql://u:p@/db", "has no host"),
        (DATABASE, "postgresql://h:port/db", "has a port that is no number"),
        (DATABASE, "postgresql://h:99999/db", "has a port that is no number"),
        (DATABASE, "postgresql://h:0/db", "has a port that is no number"),
        (DATABASE, "postgresql://h:٣/db", "has a port that is no number"),
        (DATABASE, "postgresql://h:/db", "has a colon and no port"),
        (DATABASE, "postgresql://u:pa/ss@h/db", "is a / in the password unescaped?"),
        (DATABASE, "postgresql://[::1/db", "has a host that cannot be one"),
        (DATABASE, "postgresql://h h/db", "holds white space"),
        (DATABASE, "postgresql://h/\x1b", "holds white space or a control character"),
        (DATABASE, "sqlite://app.db", "SQLite takes a path"),
        (REDIS, "redis://h/db", "has a database that is no number"),
        (REDIS, "http://h", "must start with redis://"),
        (Url("https"), "http://h", "must start with https://"),
        (Url("rediss"), "redis://h", "must start with rediss://"),
        (REDIS, "redis://" + "9" * 100_000, None),
        (REDIS, "redis://h:" + "9" * 100_000, "has a port that is no number"),
    ],
)
def test_urls_that_do_not_hold(check, text, says):
    fault = check.fault(text)
    assert (says or "") in fault
    assert (says is None) == (fault == "")
    assert "pa/ss" not in fault


def test_a_url_check_needs_a_scheme_and_takes_null():
    with pytest.raises(TypeError, match="takes the schemes"):
        Url()
    assert repr(REDIS) == "Url('redis')"
    assert messages(make(u=Annotated[str | None, REDIS]), {}) == []


def test_a_wrong_url_in_a_secret_is_told_without_the_Url():
    settings = make(u=Annotated[Secret | None, DATABASE])
    assert messages(settings, {"u": "postgresql://u:hunter2@h:x/d"}) == [
        "u: has a port that is no number from 1 to 65535: is a / in the password unescaped?"
    ]
