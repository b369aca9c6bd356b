"""Lists that several layers make: items appended, and items changed by their number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import Argv, Check, DotEnv, Environ, File, InvalidConfig, Secret, Values, load


@dataclass(frozen=True)
class Server:
    host: str = "h"
    port: Annotated[int, Check(max=9999)] = 80
    token: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    hosts: list[str] = field(default_factory=lambda: ["a"])
    servers: list[Server] = field(default_factory=lambda: [Server("one"), Server("two", 5)])
    pair: tuple[int, int] = (1, 2)
    groups: dict[str, list[int]] = field(default_factory=lambda: {"x": [1, 2]})
    named: dict[str, Server] = field(default_factory=dict)


def made(*sources: Any) -> Settings:
    return load(Settings, *sources).current


def problems(*sources: Any) -> list[str]:
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, *sources)
    return [str(p) for p in caught.value]


def env(**variables: str) -> Environ:
    return Environ(environ=variables)


def test_items_are_appended(tmp_path):
    (tmp_path / "a.yaml").write_text("hosts+: [b]")
    (tmp_path / ".env").write_text("HOSTS__APPEND=c,d")
    sources = [File(tmp_path / "a.yaml", root=tmp_path), DotEnv(tmp_path / ".env", root=tmp_path)]
    config = load(Settings, *sources, env(HOSTS__APPEND='["e"]'), Argv(["--hosts+=f"]))
    assert config.current.hosts == ["a", "b", "c", "d", "e", "f"]
    assert [(row.layer, row.raw, row.won) for row in config.explain("hosts").rows] == [
        ("command line", "+ f", True),
        ("environment", '+ ["e"]', True),
        (".env", "+ c,d", True),
        ("a.yaml", "+ [b]", True),
        ("defaults", "[a]", True),
    ]


def test_a_list_above_replaces_what_was_appended_below():
    assert made(Values({"hosts+": ["b"]}), Values({"hosts": ["c"]})).hosts == ["c"]
    assert made(Values({"hosts": ["c"]}), Values({"hosts+": ["b"]})).hosts == ["c", "b"]


def test_an_override_appends():
    config = load(Settings, Values({}))
    with config.override({"hosts+": ["b"]}) as inside:
        assert inside.hosts == ["a", "b"]
    assert config.current.hosts == ["a"]


def test_setting_and_appending_in_one_layer_is_a_problem():
    (problem,) = problems(Values({"hosts": ["b"], "hosts+": ["c"]}))
    assert problem.startswith("hosts: is set and appended to in one layer")


def test_names_of_the_users_own_may_end_in_a_plus():
    assert made(Values({"groups": {"c++": [1]}})).groups == {"x": [1, 2], "c++": [1]}


def test_an_item_is_changed_by_its_number():
    found = made(env(SERVERS__0__PORT="81", SERVERS__1__HOST="zwei", PAIR__1="9"))
    assert found.servers == [Server("one", 81), Server("zwei", 5)]
    assert found.pair == (1, 9)
    assert made(env(HOSTS="x,y"), Argv(["--hosts[1]", "z"])).hosts == ["x", "z"]
    assert made(env(GROUPS__X__1="7")).groups == {"x": [1, 7]}
    assert made(Values({"groups.x[0]": 5})).groups == {"x": [5, 2]}


def test_an_override_changes_one_item():
    config = load(Settings, Values({"servers": [{"port": 1}, {"port": 2}]}))
    with config.override({"servers[1].port": 3}) as inside:
        assert [s.port for s in inside.servers] == [1, 3]
    assert [s.port for s in config.current.servers] == [1, 2]


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (env(SERVERS__2__PORT="1"), "servers[2]"),
        (env(HOSTS__1="b"), "hosts[1]"),
        (Values({"groups.new[0]": 1}), "groups.new[0]"),
    ],
)
def test_a_number_beyond_the_end_is_a_problem_at_its_variable(source, key):
    (problem,) = problems(source)
    assert problem.startswith(f"{key}: is beyond the end of the list below, which has")


def test_a_bad_item_is_reported_at_the_layer_that_changed_it():
    (problem,) = problems(env(SERVERS__0__PORT="many"))
    assert problem == "servers[0].port: is not an integer (many, env SERVERS__0__PORT)"
    (problem,) = problems(env(SERVERS__0__PORT="70000"))
    assert problem.startswith("servers[0].port: must be at most 9999")
    assert "env SERVERS__0__PORT" in problem


def test_an_index_into_what_is_no_list_is_unknown():
    (problem,) = problems(Values({"named[0].port": 1}))
    assert problem.startswith("named[0].port: is no setting")


def test_a_secret_item_is_shown_nowhere():
    config = load(Settings, env(SERVERS__0__TOKEN="hunter2"))
    assert config.current.servers[0].token.reveal() == "hunter2"
    shown = [str(config.explain(k)) for k in ("servers", "servers[0]", "servers[0].token")]
    assert "hunter2" not in "".join(shown) + str(config.explain())


def test_a_list_that_one_layer_sets_and_appends_to_is_a_problem():
    for environ in (
        {"HOSTS": "a", "HOSTS__APPEND": "b"},
        {"HOSTS__APPEND": "b", "HOSTS": "a"},
    ):
        with pytest.raises(InvalidConfig) as caught:
            load(Settings, env(**environ))
        assert [(p.key, p.code) for p in caught.value.problems] == [("hosts", "append")]
