"""A secret that is written as something else: no error, explanation or table shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated

import pytest

from confkit import (
    Environ,
    File,
    InvalidConfig,
    Secret,
    SecretBytes,
    SecretError,
    SecretManager,
    Sensitive,
    resolve,
)

CANARY = "Kanarie99"


@dataclass(frozen=True)
class Database:
    password: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    a: Secret = Secret("")
    many: list[Secret] = field(default_factory=list)
    pair: tuple[Secret, Secret] = (Secret(""), Secret(""))
    named: dict[str, Secret] = field(default_factory=dict)
    deep: dict[str, list[Secret]] = field(default_factory=dict)
    data: SecretBytes = SecretBytes(b"")
    api_password: str = ""
    marked: Annotated[str, Sensitive()] = ""
    db: Database = Database()
    dbs: dict[str, Database] = field(default_factory=dict)
    rows: list[Database] = field(default_factory=list)
    maybe: Secret | None = None


#: Wrong values, ``%`` for the secret: without quotes YAML takes it for something else.
VALUES = [
    "{%}", "{%: 1}", "{x: {%}}", "{%: {%}}", "{? %}", "\n  %: 1", "\n  - %: 1", "*%", "{<<: *%}",
    "[{%}]", "[[%]]", "[[{%}]]", "!% x", "!!% x", "!<%> x", "&%", "'%", '"%', '"\\%"', "`%", "@%",
    "%: x", "[%", "{%", ">%", "|%", "{%: 1", "{[%]: 1}", "{{%: 1}: 1}", '"%" x', "x\n b: %",
    '"${%}"', "${%}", "a${%}b", "${%:x}", "${%:-", "${%", "${x:?%}", "${env:%}", "$${%:x}${%}",
    "${%-%", "${%.x}", "${% x}", "${kanarie99:%}", "${%?no}", "{x: '${%}'}", "['${%}']",
    '"${%:?%}"', "${env:${%}}",
]  # fmt: skip
PLACES = ["a", "many", "pair", "named", "deep", "data", "api_password", "marked", "maybe"]
PLACES += ["db: {password", "dbs: {x: {password", "named: {x", "deep: {x"]


def shown(resolution) -> str:
    """All that people and machines get to see of a resolution."""
    texts = [str(resolution), repr(resolution), str(resolution.matrix())]
    for problem in resolution.problems:
        texts += [str(problem), repr(problem), json.dumps(problem.as_dict())]
    texts.append(str(InvalidConfig("S", resolution.problems, resolution)))
    for key in [*resolution.schema.leaves, *resolution.schema.sections]:
        explanation = resolution.explain(key)
        texts += [str(explanation), explanation._repr_html_(), json.dumps(explanation.as_dict())]
    return "\n".join(texts)


@pytest.mark.parametrize("place", PLACES)
def test_in_yaml(place, tmp_path):
    for value in VALUES:
        text = f"{place}: {value.replace('%', CANARY)}{'}' * place.count('{')}\n"
        (tmp_path / "a.yaml").write_text(text)
        resolution = resolve(Settings, File(tmp_path / "a.yaml"), Environ(environ={}))
        if place.startswith(("named", "deep", "dbs")) and value[0] in "{\n":
            continue  # a name is a name there
        assert CANARY not in shown(resolution), text


@pytest.mark.parametrize("value", [{CANARY: 1}, {"x": {CANARY: 1}}, [[CANARY]], [{CANARY: 1}]])
def test_in_json_toml_and_variables(value, tmp_path):
    for place in ("a", "many", "pair", "data", "api_password", "marked", "maybe"):
        (tmp_path / "a.json").write_text(json.dumps({place: value}))
        for source in (
            File(tmp_path / "a.json"),
            Environ(environ={place.upper(): json.dumps(value)}),
            Environ(environ={f"{place.upper()}__{CANARY.upper()}": "1"}),
        ):
            resolution = resolve(Settings, source, Environ(environ={}))
            assert CANARY.lower() not in shown(resolution).lower() or resolution.value is not None
    (tmp_path / "a.toml").write_text(f"[a]\n{CANARY} = 1\n[db.password.{CANARY}]\nx = 1\n")
    resolution = resolve(Settings, File(tmp_path / "a.toml"), Environ(environ={}))
    assert [p.key for p in resolution.problems] == ["a", "db.password"]
    assert CANARY not in shown(resolution)


@pytest.mark.parametrize("text", [v for v in VALUES if "$" in v])
def test_in_a_secret_manager(text):
    text = text.replace("%", CANARY).strip("'\"[]")
    try:
        shown = str(SecretManager(environ={"X": text}).get("X"))
    except SecretError as error:
        shown = f"{error!r}{error}"
    assert CANARY not in shown


def test_a_name_by_convention_is_told_and_so_is_the_place(tmp_path):
    (tmp_path / "a.yaml").write_text("a: x\nmaybe: '{A}'\napi_password: ${DB_PASSWORD}\n")
    resolution = resolve(Settings, File(tmp_path / "a.yaml"), Environ(environ={}))
    (problem,) = resolution.problems
    assert "DB_PASSWORD" in problem.message
    assert str(problem.origin).endswith("a.yaml:3:15")
    (tmp_path / "a.yaml").write_text(f"a: {{{CANARY}}}\n")
    (problem,) = resolve(Settings, File(tmp_path / "a.yaml"), Environ(environ={})).problems
    assert (problem.key, problem.code) == ("a", "type")
    assert "in quotes" in problem.hint
