"""What merges and what replaces, at every depth and from every source."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from confkit import REQUIRED, Argv, Environ, File, InvalidConfig, Secret, Values, diff, load
from confkit.resolution.merging import Merged, defaults_of, folded, started
from confkit.schema.places import plain_keys
from confkit.schema.reading import read_schema


@dataclass(frozen=True)
class Server:
    host: str = REQUIRED
    port: int = 80
    tags: dict[str, str] = field(default_factory=lambda: {"zone": "a"})


@dataclass(frozen=True)
class Tls(Server):
    cert: str = ""


@dataclass(frozen=True)
class Cache:
    url: str = "redis://"
    size: int = 1


@dataclass(frozen=True)
class Settings:
    limits: dict[str, int] = field(default_factory=lambda: {"a": 1, "b": 2})
    notes: dict[str, str | None] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=lambda: {"main": Server("x", 5)})
    deep: dict[str, dict[str, int]] = field(default_factory=lambda: {"one": {"p": 1, "q": 2}})
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=lambda: ["a"])
    cache: Cache | None = None


@dataclass(frozen=True)
class Account:
    password: Secret = REQUIRED


@dataclass(frozen=True)
class Accounts:
    accounts: dict[str, Account] = field(default_factory=dict)


def made(*sources: Any) -> Settings:
    return load(Settings, *[Values(s) if isinstance(s, dict) else s for s in sources]).current


@pytest.mark.parametrize(
    "source",
    [
        {"limits": {"a": 3}},
        {"limits.a": 3},
        Environ(environ={"LIMITS": '{"a": 3}'}),
        Environ(environ={"LIMITS__A": "3"}),
        Argv(["--limits", '{"a": 3}']),
        Argv(["--limits.a", "3"]),
    ],
    ids=["nested", "key", "json in a variable", "variable", "json as an option", "option"],
)
def test_a_mapping_in_code_merges_with_every_source(source):
    assert made(source).limits == {"a": 3, "b": 2}


def test_a_text_in_a_file_that_is_json_merges_too(tmp_path):
    (tmp_path / "a.yaml").write_text("limits: '{\"a\": 3}'")
    assert made(File(tmp_path / "a.yaml")).limits == {"a": 3, "b": 2}


def test_an_override_of_one_item_keeps_the_others():
    config = load(Settings, Values({}))
    with config.override({"limits.a": 5}) as inside:
        assert inside.limits == {"a": 5, "b": 2}
    assert config.current.limits == {"a": 1, "b": 2}


def test_an_item_in_code_keeps_the_fields_that_a_layer_leaves_alone():
    found = made({"servers": {"main": {"host": "y"}}}).servers
    assert found == {"main": Server("y", 5)}
    assert made({"servers.main.tags.rack": "7"}).servers["main"].tags == {"zone": "a", "rack": "7"}


def test_an_item_in_code_keeps_its_class():
    @dataclass(frozen=True)
    class Own:
        servers: dict[str, Server] = field(default_factory=lambda: {"main": Tls("x", cert="c")})

    found = load(Own, Values({"servers.main.port": 9})).current.servers["main"]
    assert found == Tls("x", 9, cert="c")


def test_mappings_merge_at_every_depth_and_scalars_replace():
    first = {"extra": {"a": {"b": {"c": 1, "d": 2}}, "s": 1}, "deep": {"one": {"q": 5}}}
    second = {"extra": {"a": {"b": {"d": 3}}, "s": {"t": 4}}}
    found = made(first, second)
    assert found.extra == {"a": {"b": {"c": 1, "d": 3}}, "s": {"t": 4}}
    assert found.deep == {"one": {"p": 1, "q": 5}}
    assert made(first, second, {"extra": {"a": 9}}).extra == {"a": 9, "s": {"t": 4}}


def test_an_empty_mapping_adds_nothing_to_one_that_has_keys():
    assert made({"limits": {}, "extra": {"a": 1}}, {"extra": {}}).extra == {"a": 1}
    assert made({"extra": {"a": {}}}).extra == {"a": {}}
    assert made({"extra": {"a": {"b": 1}}}, {"extra": {"a": {}}}).extra == {"a": {"b": 1}}
    assert made({"extra": {"a": 1}}, {"extra": {"a": {}}}).extra == {"a": {}}


def test_null_takes_an_item_away_where_its_type_has_no_null():
    found = made({"limits": {"a": None}, "servers": {"main": None}, "deep": {"one": {"p": None}}})
    assert found.limits == {"b": 2}
    assert found.servers == {}
    assert found.deep == {"one": {"q": 2}}
    assert made({"notes": {"a": "x"}}, {"notes": {"a": None}}).notes == {"a": None}
    assert made({"extra": {"a": 1}}, {"extra": {"a": None}}).extra == {"a": None}


def test_what_null_took_away_comes_back_afresh():
    found = made({"servers.main": None}, {"servers.main.host": "z"}).servers
    assert found == {"main": Server("z")}


def test_the_last_item_taken_away_leaves_an_empty_mapping_with_its_place():
    config = load(Settings, Values({"limits": {"a": None, "b": None}}, name="off"))
    assert config.current.limits == {}
    assert config.explain("limits").winner is not None
    assert {d.key: d.kind for d in diff(load(Settings, Values({})), config)} == {
        "limits.a": "removed",
        "limits.b": "removed",
        "limits": "added",
    }


def test_a_layer_above_null_begins_an_optional_section_with_the_defaults_of_its_class():
    assert made({"cache.size": 2}).cache == Cache(size=2)
    assert made({"cache.size": 2}, {"cache": None}).cache is None
    assert made({"cache.size": 2}, {"cache": None}, {"cache.url": "u"}).cache == Cache("u")
    assert made({"cache": {}}).cache == Cache()


def test_names_keep_the_spelling_of_a_lower_layer():
    lower = {"headers": {"Content-Type": "a", "X-Id": "b"}}
    upper = Environ(environ={"HEADERS__CONTENT_TYPE": "c", "HEADERS__NEW_ONE": "d"})
    assert made(lower, upper).headers == {"Content-Type": "c", "X-Id": "b", "new_one": "d"}


def test_a_list_is_replaced_whole():
    assert made({"hosts": ["b"]}).hosts == ["b"]


def test_lists_in_a_snapshot_are_not_those_of_another():
    config = load(Settings, Values({"extra": {"l": [1]}}))
    config.current.hosts.append("mine")
    config.current.extra["l"].append(2)
    config.current.limits["mine"] = 1
    with config.override({"cache.size": 3}) as inside:
        assert inside.hosts == ["a"]
        assert inside.extra == {"l": [1]}
        assert inside.limits == {"a": 1, "b": 2}


def test_copies_change_apart():
    schema = read_schema(Settings)
    lower = started(schema).copy()
    upper = lower.copy()
    for key, entry in Values({"limits.a": 7, "servers.main.port": 7}).read().entries.items():
        upper.put(key, entry)
    below = {key: entry.raw for key, entry in lower.walk()}
    above = {key: entry.raw for key, entry in upper.walk()}
    assert (below["limits.a"], above["limits.a"]) == (1, 7)
    assert above["servers.main.port"] == 7
    assert "servers.main.port" not in below


def test_every_entry_is_found_by_its_key_and_by_what_is_inside():
    merged = started(read_schema(Settings))
    for key, entry in merged.walk():
        assert merged.find(key) == (key, entry)
    assert merged.find("hosts[0]") == ("hosts", merged.fields["hosts"])
    assert merged.find("servers.main.port")[0] == "servers.main"
    assert merged.find("limits.z") is None
    assert merged.find("nothing") is None


def test_what_replaces_simply_is_known_in_advance():
    assert plain_keys(read_schema(Settings)) == {"hosts"}
    assert "limits.a" in defaults_of(read_schema(Settings)).entries
    assert Merged(read_schema(Settings)).fields == {}
    assert folded("Content-Type") == folded("CONTENT_TYPE")


def test_a_scalar_for_a_mapping_is_a_problem_and_not_a_loss():
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Values({"limits": {"z": 1}}), Values({"limits": 5}))
    (problem,) = caught.value
    assert (problem.key, problem.code) == ("limits", "type")


def test_a_secret_in_an_item_stays_one():
    config = load(
        Accounts, Environ(environ={"ACCOUNTS": json.dumps({"a": {"password": "hunter2"}})})
    )
    assert config.current.accounts["a"].password.reveal() == "hunter2"
    assert "hunter2" not in str(config.explain("accounts")) + str(config.explain())
