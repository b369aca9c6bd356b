"""From variables and options to keys, with near misses for what names nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import (
    Alias,
    Entry,
    Env,
    File,
    InvalidConfig,
    Layer,
    Open,
    Origin,
    Renamed,
    Secret,
    Values,
    load,
)
from confkit.near import near
from confkit.resolution.keys import MOST_HINTS, Keyed
from confkit.resolution.keys import keyed as keyed_over
from confkit.resolution.merging import Merged
from confkit.resolution.variables import unknown_variables
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Renamed("database.pool_size"), Renamed("old_size")] = 5
    name: str = "p"


@dataclass(frozen=True)
class Database:
    url: str = "x"
    pool: Pool = field(default_factory=Pool)


@dataclass(frozen=True)
class Features:
    beta_api: bool = False
    new_ui: bool = True


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    token: Annotated[Secret | None, Env("API_TOKEN")] = None
    limits: dict[str, int] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    cache: Features | None = None
    features: Annotated[Features, Env("FEATURE")] = field(default_factory=Features)


SCHEMA = read_schema(Settings)


def keyed(layer: Layer, schema: Schema) -> Keyed:
    return keyed_over(layer, schema, Merged(schema))


def layer(spelling: str, values: dict[str, object]) -> Layer:
    return Layer("x", {k: Entry(v, Origin("env", k)) for k, v in values.items()}, spelling)


def keys(spelling: str, values: dict[str, object]) -> dict[str, object]:
    found = keyed(layer(spelling, values), SCHEMA)
    assert not found.problems
    return {k: e.raw for k, e in found.layer.entries.items()}


def problems(spelling: str, values: dict[str, object]) -> list[str]:
    return [str(p) for p in keyed(layer(spelling, values), SCHEMA).problems]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DEBUG": "1"}, {"debug": "1"}),
        ({"API_TOKEN": "x", "TOKEN": "y"}, {"token": "x"}),
        ({"DATABASE_POOL_SIZE": "1"}, {"database.pool.size": "1"}),
        ({"DATABASE__POOL__SIZE": "1"}, {"database.pool.size": "1"}),
        ({"FEATURE_BETA_API": "1"}, {"features.beta_api": "1"}),
        ({"FEATURE__BETA_API": "1", "FEATURES_NEW_UI": "1"}, {"features.beta_api": "1"}),
        ({"LIMITS__A": "1", "LIMITS__B__C": "2"}, {"limits.a": "1", "limits.b.c": "2"}),
        ({"LIMITS_A": "1", "LIMITS__": "1", "LIMITS____": "2"}, {}),
        ({"DATABASES__MAIN__POOL__SIZE": "1"}, {"databases.main.pool.size": "1"}),
        ({"LIMITS": '{"a": 1}'}, {"limits.a": 1}),
        ({"LIMITS": "null"}, {"limits": "null"}),
        ({"DATABASE": '{"url": "u", "pool": {"size": 3}}'}, None),
        ({"DATABASE": "postgres"}, {}),
        ({"CACHE": "{}", "FEATURE": "on"}, {}),
        ({"PATH": "/bin", "debug": "1", "Debug": "1"}, {}),
    ],
)
def test_variables_become_keys(variables, expected):
    if expected is None:
        expected = {"database.url": "u", "database.pool.size": 3}
    assert keys("variables", variables) == expected


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_spellings_the_canonical_one_counts_whatever_the_order(turned):
    pairs = [("DATABASE_POOL_SIZE", "1"), ("DATABASE__POOL__SIZE", "2")]
    assert keys("variables", dict(pairs[::-1] if turned else pairs)) == {"database.pool.size": "1"}


@pytest.mark.parametrize("turned", [False, True])
def test_a_variable_for_one_key_counts_more_than_one_for_its_section(turned):
    pairs = [("DATABASE", '{"url": "all", "pool": {"size": 1}}'), ("DATABASE_URL", "one")]
    assert keys("variables", dict(pairs[::-1] if turned else pairs)) == {
        "database.url": "one",
        "database.pool.size": 1,
    }


def test_a_section_in_broken_json_is_a_problem_at_its_variable():
    assert problems("variables", {"DATABASE": '{"url": '}) == [
        "database: is not a mapping in JSON (Database) (env DATABASE)"
    ]


def test_an_option_without_its_value_says_so():
    assert problems("options", {"database.pool.size": True}) == [
        (
            "database.pool.size: takes a value (env database.pool.size) "
            "write --database.pool.size VALUE"
        )
    ]
    assert keys("options", {"debug": True}) == {"debug": True}


def test_an_old_variable_is_named_with_its_prefix():
    made = Layer(
        "x", {"OLD_SIZE": Entry("1", Origin("env", "A_OLD_SIZE"))}, "variables", prefix="A_"
    )
    (warning,) = keyed(made, SCHEMA).warnings
    assert warning == "A_OLD_SIZE is now called A_DATABASE_POOL_SIZE (env A_OLD_SIZE)"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"debug": True}, {"debug": True}),
        ({"no-debug": True}, {"debug": False}),
        ({"features.no-beta": True}, None),
        ({"database.pool.size": "1"}, {"database.pool.size": "1"}),
        ({"features.beta-api": "on"}, {"features.beta_api": "on"}),
        ({"limits.a-b": "1"}, {"limits.a-b": "1"}),
        ({"no-database": True}, None),
    ],
)
def test_options_become_keys(options, expected):
    if expected is None:
        assert problems("options", options)
    else:
        assert keys("options", options) == expected


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"debgu": 1}, "debgu: is no setting (env debgu) did you mean debug?"),
        ({"database.urll": 1}, "database.urll: is no setting (env database.urll) did you mean"),
        ({"pool.size": 1}, "pool.size: is no setting (env pool.size) did you mean database.pool"),
        ({"databases.a.urll": 1}, "did you mean databases.a.url?"),
        ({"zzz": 1}, "zzz: is no setting (env zzz)"),
        ({"database": 5}, "database: a mapping is expected (Database) (env database)"),
        ({"database": []}, "database: a mapping is expected (Database) (env database)"),
        ({"databases.a": 5}, "databases.a: a mapping is expected (Database) (env databases.a)"),
    ],
)
def test_what_names_no_setting_is_a_problem_with_a_near_miss(values, problem):
    (found,) = problems("keys", values)
    assert problem in found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"database": None}, {}),
        ({"database": {}}, {}),
        ({"cache": None}, {"cache": None}),
        ({"cache": {}}, {"cache": {}}),
        ({"limits": {}}, {"limits": {}}),
        ({"databases.a": {}}, {"databases.a": {}}),
        ({"databases.a": None}, {"databases.a": None}),
    ],
)
def test_a_section_with_nothing_below_it_says_nothing_unless_none_is_a_value_there(
    values, expected
):
    assert keys("keys", values) == expected


def test_an_old_key_still_works_and_warns_with_its_place():
    for old in ("database.pool_size", "old_size"):
        found = keyed(layer("keys", {old: 7}), SCHEMA)
        assert found.layer.entries["database.pool.size"].raw == 7
        assert found.warnings == [f"{old} is now called database.pool.size (env {old})"]


def test_the_new_key_counts_more_than_the_old_one_beside_it():
    found = keyed(layer("keys", {"database.pool.size": 1, "old_size": 2}), SCHEMA)
    assert found.layer.entries["database.pool.size"].raw == 1
    assert found.warnings


def test_an_old_variable_still_works_and_warns():
    found = keyed(layer("variables", {"OLD_SIZE": "7"}), SCHEMA)
    assert found.layer.entries["database.pool.size"].raw == "7"
    assert found.warnings == ["OLD_SIZE is now called DATABASE_POOL_SIZE (env OLD_SIZE)"]


def test_a_layer_of_known_keys_is_passed_on_as_it_is():
    one = layer("keys", {"debug": True})
    assert keyed(one, SCHEMA).layer is one


def test_only_so_many_unknown_keys_are_compared():
    """A file of 100,000 unknown keys is one report, not minutes of looking for near misses."""
    found = problems("keys", {f"debug{i}": 1 for i in range(MOST_HINTS + 5)})
    assert sum("did you mean" in p for p in found) <= MOST_HINTS
    assert len(found) == MOST_HINTS + 5


def test_unknown_variables_are_collected_for_a_check():
    found = unknown_variables(
        layer("variables", {"DEBUG": "1", "LIMITS__A": "1", "DATABASE_POOL_SZIE": "1", "Q": "1"}),
        SCHEMA,
    )
    assert [str(p) for p in found] == [
        (
            "DATABASE_POOL_SZIE: names no setting (env DATABASE_POOL_SZIE) "
            "did you mean DATABASE_POOL_SIZE?"
        ),
        "Q: names no setting (env Q)",
    ]


def test_near_needs_some_likeness():
    assert near("pool_szie", ["pool_size", "url"]) == "pool_size"
    assert near("zzz", ["pool_size", "url"]) == ""


@dataclass(frozen=True)
class Tls:
    cert: Annotated[str, Alias("certificate")] = ""


@dataclass(frozen=True)
class Mail:
    sender: Annotated[str, Alias("from")] = ""
    tls: Annotated[Tls, Alias("ssl"), Renamed("mail.crypto")] = field(default_factory=Tls)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Aliased:
    mail: Annotated[Mail, Alias("e-mail"), Open("options"), Renamed("smtp")] = field(
        default_factory=Mail
    )
    mails: dict[str, Annotated[Mail, Open("options")]] = field(default_factory=dict)
    rest: Annotated[dict[str, Any], Open()] = field(default_factory=dict)


ALIASED = """\
e-mail:
  from: a
  ssl: {certificate: c}
  reply_to: r
mails:
  x:
    from: b
    further: {a: [1]}
else: 5
"""


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_second_names_and_open_sections_in_files(tmp_path, ending):
    import json

    import yaml

    path = tmp_path / f"a.{ending}"
    path.write_text(ALIASED if ending == "yaml" else json.dumps(yaml.safe_load(ALIASED)))
    config = load(Aliased, File(path))
    assert config.current == Aliased(
        mail=Mail("a", Tls("c"), {"reply_to": "r"}),
        mails={"x": Mail("b", options={"further": {"a": [1]}})},
        rest={"else": 5},
    )
    assert "a." in str(config.explain("mail.sender").origin)
    assert config.explain("mail.options.reply_to").origin is not None
    with config.override({"e-mail.from": "o", "mails.x.from": "p"}) as inside:
        assert (inside.mail.sender, inside.mails["x"].sender) == ("o", "p")


def test_layers_that_use_different_names_merge():
    config = load(Aliased, Values({"e-mail.from": "a"}), Values({"mail.sender": "b"}))
    assert config.current.mail.sender == "b"
    config = load(Aliased, Values({"mail.sender": "b"}), Values({"e-mail.from": "a"}))
    assert config.current.mail.sender == "a"


def test_both_names_in_one_layer():
    with pytest.raises(InvalidConfig) as caught:
        load(Aliased, Values({"mail.from": "a", "mail.sender": "b"}))
    (problem,) = caught.value
    assert (problem.key, problem.code) == ("mail.from", "duplicate-key")
    with pytest.raises(InvalidConfig):
        load(Aliased, Values({"mail.from": "a", "e-mail.from": "b"}))


def test_old_names_of_sections_work_and_warn():
    with pytest.warns(FutureWarning, match=r"smtp.sender is now called mail.sender"):
        assert load(Aliased, Values({"smtp.sender": "a"})).current.mail.sender == "a"
    with pytest.warns(FutureWarning, match=r"mail.crypto.cert is now called mail.tls.cert"):
        assert load(Aliased, Values({"mail.crypto.cert": "c"})).current.mail.tls.cert == "c"


def test_what_is_wrong_below_a_field_is_no_further_key():
    with pytest.raises(InvalidConfig) as caught:
        load(Aliased, Values({"mail.tls.x": 1, "mail.sender.x": 1}))
    assert {p.key for p in caught.value} == {"mail.tls.x", "mail.sender.x"}
