"""Cerberus rules on typed values, in words that quote none; URLs parsed, not matched."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest

from confkit import Check, InvalidConfig, SchemaError, Secret, Values, load, url
from confkit.resolution.validation import Checker
from confkit.schema.reading import read_schema


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


def make(**annotations: Any) -> type:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations)}
    return dataclass(frozen=True)(type("Settings", (), body))


def messages(settings: type, values: dict[str, Any], **kwargs: Any) -> list[str]:
    try:
        load(settings, Values(values), **kwargs)
    except InvalidConfig as error:
        return [f"{p.key}: {p.message}" for p in error.problems]
    return []


@pytest.mark.parametrize(
    ("annotation", "bad", "good", "says"),
    [
        (Annotated[int, Check(min=1)], 0, 1, "must be at least 1"),
        (Annotated[int, Check(max=9)], 10, 9, "must be at most 9"),
        (Annotated[str, Check(minlength=3)], "ab", "abc", "must be at least 3 long"),
        (Annotated[list[int], Check(maxlength=1)], [1, 2], [1], "must be at most 1 long"),
        (Annotated[str, Check(allowed=["a", "b"])], "c", "a", "must be one of a, b"),
        (Annotated[str, Check(forbidden=["x"])], "x", "y", "has a value that is not allowed"),
        (Annotated[str, Check(regex="[a-z]+$")], "A", "a", "must match the pattern [a-z]+$"),
        (Annotated[str, Check(empty=False)], "", "x", "must not be empty"),
        (Annotated[Color, Check(allowed=["red"])], "blue", "red", "must be one of red"),
        (Annotated[Path, Check(regex="/srv/.*")], "/tmp/x", "/srv/x", "must match the pattern"),
        (Annotated[Secret, Check(minlength=3)], "ab", "abc", "must be at least 3 long"),
        (Annotated[int, Check(anyof=[{"max": 1}, {"min": 9}])], 5, 9, "breaks the rule 'anyof'"),
        (Annotated[int, Check(noneof=[{"min": 5}])], 5, 4, "breaks the rule 'noneof'"),
        (Annotated[list[int], Check(contains=[1])], [2], [1], "lacks a value that must be"),
        (Annotated[list[int], Check(schema={"min": 1})], [1, 0], [1], "must be at least 1"),
        (Annotated[dict[str, int], Check(valuesrules={"min": 1})], {"a": 0}, {"a": 1}, "at least"),
        (Annotated[int | None, Check(min=1)], 0, None, "must be at least 1"),
    ],
)
def test_rules_by_their_cerberus_names(annotation, bad, good, says):
    settings = make(value=annotation)
    assert messages(settings, {"value": good}) == []
    (message,) = messages(settings, {"value": bad})
    assert says in message


def test_the_place_inside_a_list_is_named():
    settings = make(ports=Annotated[list[int], Check(schema={"min": 1})])
    assert messages(settings, {"ports": [1, 0, -1]}) == [
        "ports[1]: must be at least 1",
        "ports[2]: must be at least 1",
    ]


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Nested:
    pool: Pool = field(default_factory=Pool)
    spare: Pool | None = None
    pools: dict[str, Pool] = field(default_factory=dict)
    listed: list[Pool] = field(default_factory=list)


def test_rules_reach_into_sections_items_and_lists():
    values = {"pool": {"size": 0}, "spare": {"size": 0}, "pools": {"a.b": {"size": 0}}}
    assert messages(Nested, values | {"listed": [{"size": 1}, {"size": 0}]}) == [
        "listed[1].size: must be at least 1",
        "pool.size: must be at least 1",
        'pools."a.b".size: must be at least 1',
        "spare.size: must be at least 1",
    ]


def test_defaults_are_checked_as_well():
    @dataclass(frozen=True)
    class Settings:
        port: Annotated[int, Check(min=1)] = 0

    with pytest.raises(InvalidConfig, match=r"port: must be at least 1 \(0, default Settings.port"):
        load(Settings, Values({}))


def test_rules_that_look_at_other_fields():
    settings = make(
        key=Annotated[str | None, Check(dependencies=["cert"])],
        cert=str | None,
        token=Annotated[str | None, Check(excludes="cert")],
    )
    assert Checker(read_schema(settings)).looks_around
    (message,) = messages(settings, {"token": "t"})
    assert message == "token: cannot stand beside cert"


def test_a_whole_schema_stands_beside_the_checks():
    rules = {"pool": {"type": "dict", "schema": {"size": {"max": 3}}}}
    assert messages(Nested, {}, rules=rules) == ["pool.size: must be at most 3"]
    assert messages(Nested, {"pool.size": 0}, rules=rules) == ["pool.size: must be at least 1"]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"pool": {"minn": 1}}, "rules that Cerberus does not take"),
        ({"pool": {"default": 1}}, "pool: the rule 'default' would change the value"),
        ({"pool": {"coerce": int}}, "pool: the rule 'coerce' would change the value"),
        (
            {"pool": {"type": "dict", "schema": {"size": {"rename": "x"}}}},
            "pool.size: the rule 'rename' would change the value",
        ),
    ],
)
def test_rules_that_cannot_be_are_refused(rules, says):
    with pytest.raises(SchemaError) as caught:
        load(Nested, Values({}), rules=rules)
    assert says in str(caught.value)
    with pytest.raises(SchemaError):
        load(make(pool=Annotated[int | None, Check(**rules["pool"])]), Values({}))


def refuse(field: str, value: Any, error: Any) -> None:
    error(field, f"is {value!r}, at https://u:hunter2@h/")


def test_a_checkers_own_words_are_shown_without_passwords_in_them():
    settings = make(name=Annotated[str, Check(check_with=refuse)])
    assert messages(settings, {"name": "x"}) == ["name: is 'x', at https://***:***@h/"]


@pytest.mark.parametrize(
    "annotations",
    [
        {"key": Annotated[Secret, Check(check_with=refuse)]},
        {"password": Annotated[str, Check(check_with=refuse)]},
        {"keys": Annotated[list[Secret], Check(schema={"check_with": refuse})]},
    ],
)
def test_a_checkers_words_about_a_secret_are_not_shown(annotations):
    (name,) = annotations
    value = ["hunter2"] if name == "keys" else "hunter2"
    (message,) = messages(make(**annotations), {name: value})
    assert message.endswith("breaks the rule 'check_with'")


def test_nor_are_they_for_a_list_inside_a_section():
    @dataclass(frozen=True)
    class Section:
        keys: Annotated[list[Secret], Check(schema={"check_with": refuse})]

    settings = make(section=Section)
    (message,) = messages(settings, {"section.keys": ["hunter2"]})
    assert message == "section.keys[0]: breaks the rule 'check_with'"


def test_cerberus_is_not_asked_where_there_are_no_rules():
    checker = Checker(read_schema(make(a=int)))
    assert checker.check({"a": 1}) == []
    assert checker._validators == []


# -- url -----------------------------------------------------------------------------------------

DATABASE = url("postgresql", "mysql", "sqlite")
REDIS = url("redis")


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
        (url("http"), "https://api.example.com/v1"),
        (url("http"), "http://münchen.example:80"),
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
        (url("https"), "http://h", "must start with https://"),
        (url("rediss"), "redis://h", "must start with rediss://"),
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
        url()
    assert repr(REDIS) == "url('redis')"
    assert messages(make(u=Annotated[str | None, Check(check_with=REDIS)]), {}) == []


def test_a_wrong_url_in_a_secret_is_told_without_the_url():
    settings = make(u=Annotated[Secret, Check(check_with=DATABASE)])
    assert messages(settings, {"u": "postgresql://u:hunter2@h:x/d"}) == [
        "u: has a port that is no number from 1 to 65535: is a / in the password unescaped?"
    ]
