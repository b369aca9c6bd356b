"""``resolve()`` gives what ``load()`` would, and never raises for bad input."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from typing import Annotated

import pytest

import confkit
from confkit import (
    REQUIRED,
    Check,
    Environ,
    File,
    InvalidConfig,
    Secret,
    UnknownKey,
    Values,
    load,
    resolve,
)


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Settings:
    key: Secret = REQUIRED
    port: int = 80
    pool: Pool = field(default_factory=Pool)
    pools: dict[str, Pool] = field(default_factory=dict)


GOOD = Values({"key": "hunter2", "port": 1}, name="good")


def test_a_good_resolution_has_the_value_that_load_gives():
    resolution = confkit.resolve(Settings, GOOD)
    assert resolution.problems == ()
    assert resolution.value == confkit.load(Settings, GOOD).current
    assert resolution.explain("port").value == 1


def test_a_bad_one_has_every_problem_and_explains_every_key():
    bad = Values(
        {"port": "x", "pool": {"size": 0}, "pools": {"a": {"size": 7}, "b": {"size": "y"}}}
    )
    resolution = confkit.resolve(Settings, Values({"port": 1}), bad)
    assert resolution.value is None
    assert {p.key: p.code for p in resolution.problems} == {
        "key": "missing",
        "port": "type",
        "pool.size": "min",
        "pools.b.size": "type",
    }
    port = resolution.explain("port")
    assert (port.value, port.text) == (None, "(broken)")
    assert [(row.layer, row.raw, row.won) for row in port.rows] == [
        ("values", "x", True),
        ("values", "1", False),
        ("defaults", "80", False),
    ]
    assert "problem: port: is not an integer" in str(port)
    assert resolution.explain("pools.a.size").value == 7
    assert resolution.explain("pools.a").value == {"size": 7}
    assert resolution.explain("pools").text == "(broken)"
    assert resolution.explain("key").problems[0].code == "missing"
    with pytest.raises(UnknownKey):
        resolution.explain("prot")


def test_the_matrix_of_a_bad_one_marks_what_is_broken():
    matrix = confkit.resolve(Settings, Values({"port": "x"})).matrix()
    found = json.loads(json.dumps(matrix.as_dict()))["keys"]
    assert found["port"]["value"] is None
    assert found["port"]["problems"][0]["code"] == "type"
    assert found["pool.size"] == {
        "value": 5,
        "origin": "default Pool.size",
        "winner": "defaults",
        "sets": {"defaults": "5"},
        "problems": [],
    }
    assert found["key"]["winner"] is None
    assert "✗ x" in str(matrix)
    assert "nothing sets it" in str(matrix)


def test_the_error_of_load_has_the_resolution():
    with pytest.raises(InvalidConfig) as caught:
        confkit.load(Settings, Values({"port": "x"}))
    resolution = caught.value.resolution
    assert resolution is not None
    assert set(resolution.problems) == set(caught.value.problems)
    assert resolution.explain("port").winner.raw == "x"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"root": "/nowhere/at/all"}, "missing-root"),
        ({"environment": "../x"}, "environment-name"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_a_problem(arguments, code):
    resolution = confkit.resolve(Settings, environ={}, **arguments)
    assert code in {problem.code for problem in resolution.problems}
    assert resolution.explain("port").value == 80


def test_a_source_that_cannot_be_read_is_a_problem_and_says_nothing_of_what_it_might_set(tmp_path):
    (tmp_path / "a.yaml").write_text("port: [")
    resolution = confkit.resolve(Settings, File(tmp_path / "a.yaml"))
    assert [p.code for p in resolution.problems] == ["yaml"]


def test_a_broken_file_hides_no_other_problem(tmp_path):
    (tmp_path / "a.yaml").write_text("port: [")
    resolution = confkit.resolve(
        Settings, File(tmp_path / "a.yaml"), Environ(environ={"POOL_SIZE": "0"})
    )
    assert {p.code for p in resolution.problems} == {"yaml", "min"}


def test_a_resolution_prints_no_value():
    resolution = confkit.resolve(Settings, GOOD, Values({"port": "hunter2"}))
    assert "hunter2" not in repr(resolution)
    assert repr(resolution) == "<Resolution of Settings, 1 problems>"


@dataclass(frozen=True)
class Ported:
    port: int = 80
    password: Secret | None = None


def test_empty_variables_and_secret_files_of_the_conventional_layers(tmp_path):
    (tmp_path / ".env").write_text("PORT=\n")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "password").write_text("p\n")
    (secrets / "unknown").write_text("x")
    found = load(
        Ported, root=tmp_path, environ={"PORT": ""}, empty="unset", secrets_dir=secrets
    ).current
    assert found == Ported(80, Secret("p"))
    with pytest.raises(InvalidConfig, match="port: is empty"):
        load(Ported, root=tmp_path, environ={})
    resolution = resolve(Ported, root=tmp_path, environ={}, empty="unset", secrets_dir=secrets)
    assert resolution.value == found


def test_options_of_the_conventional_layers_are_not_taken_beside_sources(tmp_path):
    for option in ({"empty": "unset"}, {"secrets_dir": tmp_path}):
        with pytest.raises(TypeError, match="for the conventional layers"):
            load(Ported, Values({}), **option)
    with pytest.raises(ValueError, match="unset"):
        load(Ported, root=tmp_path, environ={}, empty="none")


def test_a_path_in_place_of_a_source_says_what_to_write():
    with pytest.raises(TypeError, match=r"a str is no source: write File\('config.yaml'\)"):
        confkit.load(Settings, "config.yaml")
    with pytest.raises(TypeError, match=r"a dict is no source: write Values"):
        confkit.load(Settings, {"port": 1})


def test_a_missing_space_is_suggested(tmp_path):
    (tmp_path / "a.yaml").write_text("key: x\npool:\n  size:5\n")
    (problem,) = confkit.resolve(Settings, File(tmp_path / "a.yaml")).problems
    assert (problem.key, problem.hint) == ("pool", "is a space missing behind the colon?")


def test_a_key_under_the_wrong_indent_is_suggested_where_it_belongs(tmp_path):
    (tmp_path / "a.yaml").write_text("key: x\npool:\nsize: 5\n")
    (problem,) = confkit.resolve(Settings, File(tmp_path / "a.yaml")).problems
    assert (problem.key, problem.hint) == ("size", "did you mean pool.size?")


def test_single_quotes_around_a_variable_are_named(tmp_path):
    (tmp_path / ".env").write_text("PORT='${OTHER}'\nOTHER=5\nKEY=x\n")
    (problem,) = confkit.resolve(Settings, confkit.DotEnv(tmp_path / ".env")).problems
    assert problem.hint == "single quotes keep ${OTHER} as it is: write it in double quotes"


# -- a root without files ---------------------------------------------------------------------

PORT = {"PORT": "1"}


@pytest.mark.parametrize(
    ("root", "file", "environ", "warned"),
    [
        (None, None, {}, True),
        (".", None, {}, True),
        (None, None, {"UNRELATED": "1"}, True),
        (None, None, {"ENVIRONMENT": "production"}, True),
        (None, None, PORT, False),
        ("conf", None, PORT, True),
        (None, "pyproject.toml", PORT, True),
        (None, ".env.example", {}, True),
        (None, "config.txt", {}, True),
        (None, "config/readme.md", {}, True),
        (None, ".env", {}, False),
        (None, ".env.local", {}, False),
        (None, ".env.staging", {}, False),
        (None, "config.local.json", {}, False),
        (None, "config/production.toml", {}, False),
        ("conf", "conf/config.yaml", {}, False),
    ],
)
def test_a_root_without_files_is_warned_of(tmp_path, monkeypatch, root, file, environ, warned):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    text = {"pyproject.toml": '[tool.confkit]\nroot = "conf"\n', "config.local.json": "{}"}
    if file is not None:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text.get(file, ""))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        config = load(Ported, root=root, environ=environ)
        found = resolve(Ported, root=root, environ=environ)
        with config.override({"port": 5}):
            config.set("port", 6)
    where = "conf" if root == "conf" or file == "pyproject.toml" else "."
    message = f"no configuration file was found in {where}; name the directory with root="
    assert [str(one.message).startswith(message) for one in caught] == [True] * warned
    assert all(one.category is UserWarning and one.filename == __file__ for one in caught)
    assert found.problems == ()
    assert (found.unfound is not None and found.unfound.code == "no-files") is warned


def test_a_root_without_files_is_one_of_the_problems_where_there_are_others(tmp_path):
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, root=tmp_path, environ={})
    assert [problem.code for problem in caught.value.problems] == ["no-files", "missing"]
    assert str(tmp_path) in str(caught.value)


def test_a_root_that_lost_its_files_is_warned_of_when_it_is_read_again(tmp_path):
    (tmp_path / "config.yaml").write_text("port: 1\n")
    config = load(Ported, root=tmp_path, environ={})
    (tmp_path / "config.yaml").unlink()
    with pytest.warns(UserWarning, match="no configuration file was found"):
        config.reload()
    assert config.current.port == 80
