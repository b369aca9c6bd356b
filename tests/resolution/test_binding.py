"""Winners become the user's dataclass, or problems that say where each value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest

from confkit import (
    REQUIRED,
    Check,
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    RelativePath,
    Secret,
    Values,
    load,
)


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5
    hosts: list[str] = field(default_factory=lambda: ["localhost"])


@dataclass(frozen=True)
class Database:
    url: Secret = Secret("sqlite://")
    pool: Pool = field(default_factory=Pool)
    replica: Pool | None = None


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    port: int = 80
    cert: Annotated[Path | None, RelativePath()] = None
    certs: Annotated[list[Path], RelativePath()] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    grid: dict[str, dict[str, int]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    cache: Database | None = None

    def __post_init__(self) -> None:
        if self.port == 13:
            raise ValueError(f"port 13 and the url {self.database.url.reveal()}")


class Vault:
    secret = True

    def resolve(self, reference: str) -> str:
        return {"db": "hunter2"}[reference]


@pytest.fixture
def yaml(tmp_path):
    def write(*texts: str) -> list[File]:
        files = []
        for i, text in enumerate(texts):
            (tmp_path / f"{i}.yaml").write_text(text)
            files.append(File(tmp_path / f"{i}.yaml", root=tmp_path))
        return files

    return write


def problems(*sources: Any, settings: type = Settings, **kwargs: Any) -> list[str]:
    with pytest.raises(InvalidConfig) as caught:
        load(settings, *sources, **kwargs)
    return [str(p) for p in caught.value]


# -- sections and open mappings ------------------------------------------------------------------


def test_an_optional_section_is_none_until_a_layer_says_a_word_below_it(yaml):
    assert load(Settings, Values({})).current.cache is None
    assert load(Settings, *yaml("cache: {pool: {size: 9}}")).current.cache == Database(pool=Pool(9))
    assert load(Settings, *yaml("cache: {}")).current.cache == Database()
    assert load(Settings, *yaml("cache:")).current.cache is None


def test_null_takes_an_optional_section_away_and_a_later_word_starts_afresh(yaml):
    layers = yaml("cache: {url: x, pool: {size: 9}}", "cache: null", "cache: {pool: {size: 7}}")
    assert load(Settings, *layers[:2]).current.cache is None
    assert load(Settings, *layers).current.cache == Database(pool=Pool(7))


def test_a_section_that_cannot_be_null_stays_as_it_was(yaml):
    layers = yaml("database: {pool: {size: 9}}", "database:", "database: {}", "database: null")
    assert load(Settings, *layers).current.database.pool.size == 9


def test_open_mappings_merge_key_by_key_among_layers_and_the_environment(yaml):
    config = load(
        Settings,
        *yaml("limits: {a: 1, b.c: 2}", "limits: {a: 3}", "limits: {}"),
        Environ(environ={"LIMITS__D": "4", "LIMITS__B": "5"}),
        Values({"limits": {"e": 6}}),
    )
    assert config.current.limits == {"a": 3, "b.c": 2, "b": 5, "d": 4, "e": 6}
    assert str(config.explain('limits."b.c"').origin) == "0.yaml:1:21"


def test_open_mappings_of_dataclasses_merge_field_by_field(yaml):
    config = load(
        Settings,
        *yaml(
            "databases: {main: {url: x, pool: {size: 1}}, example.com: {url: y}, e: {}, n: }",
            "databases: {main: {replica: {hosts: [a, b]}}}",
        ),
        Environ(environ={"DATABASES__MAIN__POOL__SIZE": "2", "DATABASES__NEW__URL": "z"}),
    )
    assert config.current.databases == {
        "main": Database(Secret("x"), Pool(2), Pool(hosts=["a", "b"])),
        "example.com": Database(Secret("y")),
        "e": Database(),
        "new": Database(Secret("z")),
    }
    assert str(config.explain("databases.main.pool.hosts").origin) == "default Pool.hosts"


def test_mappings_stand_in_each_other_as_the_file_has_them(yaml):
    config = load(Settings, *yaml("extra: {a: {b: {c: [1, {d: x}]}}, e: {}}\ngrid: {x: {y: 1}}"))
    assert config.current.extra == {"a": {"b": {"c": [1, {"d": "x"}]}}, "e": {}}
    assert config.current.grid == {"x": {"y": 1}}
    config = load(Settings, *yaml("extra: {a: {b: 1}}", "extra: {a: {c: 2}}"))
    assert config.current.extra == {"a": {"b": 1, "c": 2}}


def test_an_item_of_code_does_not_hide_the_variables_of_another(yaml):
    config = load(
        Settings,
        Values({"labels": {"a": "${A}"}}),
        *yaml("labels: {b: '${A}', c: \"${A}\"}"),
        Environ(environ={"A": "x"}),
    )
    assert config.current.labels == {"a": "${A}", "b": "${A}", "c": "x"}


def test_a_wrong_item_is_named_with_its_own_place(yaml):
    layers = yaml("limits:\n  a: 1\n  b: many\ndatabases: {m: {pool: {size: x}}}")
    assert problems(*layers) == [
        "limits.b: is not an integer (many, 0.yaml:3:6)",
        "databases.m.pool.size: is not an integer (x, 0.yaml:4:30)",
    ]


# -- defaults ------------------------------------------------------------------------------------


def test_mutable_defaults_are_not_shared():
    one, two = load(Settings, Values({})), load(Settings, Values({}))
    one.current.database.pool.hosts.append("x")
    one.current.limits["x"] = 1
    assert two.current.database.pool.hosts == ["localhost"]
    one.reload()
    assert one.current.database.pool.hosts == ["localhost"]
    assert load(Settings, Values({})).current.limits == {}


# -- paths ---------------------------------------------------------------------------------------


def test_a_relative_path_is_relative_to_the_file_that_names_it(yaml, tmp_path):
    (tmp_path / ".env").write_text("CERT=tls/env.pem")
    config = load(Settings, *yaml("cert: tls/a.pem\ncerts: [b.pem, /etc/c.pem]"))
    assert config.current.cert == tmp_path / "tls/a.pem"
    assert config.current.certs == [tmp_path / "b.pem", Path("/etc/c.pem")]
    assert load(Settings, DotEnv(tmp_path / ".env")).current.cert == tmp_path / "tls/env.pem"
    assert load(Settings, Environ(environ={"CERT": "x.pem"})).current.cert == Path("x.pem")
    assert load(Settings, *yaml("cert: null")).current.cert is None
    assert load(Settings, *yaml("cert: /abs.pem")).current.cert == Path("/abs.pem")


# -- problems ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Range:
    low: int = 1
    high: int = 2

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"{self.low} is above {self.high}")


@dataclass(frozen=True)
class Holder:
    range: Range = field(default_factory=Range)


@dataclass(frozen=True)
class Needy:
    secret_key: Secret = REQUIRED
    databases: dict[str, Database] = REQUIRED
    database: Pool = field(default_factory=Pool)


def test_a_missing_value_says_where_to_set_it_and_what_was_set_instead():
    assert problems(Environ(environ={"SECRET_KYE": "x"}), settings=Needy) == [
        (
            "databases: is required and not set; set DATABASES in the environment or "
            "databases in a file"
        ),
        "secret_key: is required and not set; SECRET_KYE is set: did you mean SECRET_KEY?",
    ]


def test_an_empty_mapping_is_a_value_for_a_required_one(yaml):
    config = load(Needy, *yaml("secret_key: x\ndatabases: {}"))
    assert config.current.databases == {}


def test_every_problem_of_every_layer_at_once(yaml, tmp_path):
    """One run, one mend: syntax in one file, types elsewhere, unknown keys, rules."""
    (tmp_path / ".env").write_text("NAME=x\nBROKEN LINE\n")
    found = problems(
        *yaml("port: many\nnmae: x\n", "database:\n  pool: {size: 0}\n", "name: ["),
        DotEnv(tmp_path / ".env", root=tmp_path),
        Environ(environ={"LIMITS__A": "x", "CERTS": "[", "NAME": "${env:UNSET}"}),
        argv=["--prot", "1", "--set"],
    )
    said = [line.split(" (")[0].split(";")[0] for line in found]
    said[6] = said[6].partition(":")[0]  # the rest are the words of the parser
    assert said == [
        "prot: is no setting",
        "takes key=value",
        "no '=' after the name",
        "port: is not an integer",
        "nmae: is no setting",
        "database.pool.size: must be at least 1",
        "is not YAML",
        "certs: is not a list in JSON",
        "limits.a: is not an integer",
        "name: the variable UNSET is not set",
    ]


def test_a_broken_source_does_not_make_required_values_missing(yaml):
    assert len(problems(*yaml("secret_key: ["), settings=Needy)) == 1


def test_what_else_sets_the_key_is_told_highest_first(yaml):
    with pytest.raises(InvalidConfig) as caught:
        load(
            Settings,
            *yaml("port: 1", "port: 2"),
            Environ(environ={"PORT": "x"}),
        )
    (problem,) = caught.value
    assert [str(o) for o in problem.others] == ["1.yaml:1:7", "0.yaml:1:7"]
    assert "also set by: 1.yaml:1:7, 0.yaml:1:7" in str(caught.value)


def test_the_caret_stands_below_the_value(yaml):
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, *yaml("database:\n  pool:\n    size: many\n"))
    assert caught.value.problems[0].excerpt == "3 |     size: many\n              ^"


def test_a_long_value_is_cut(yaml):
    (problem,) = problems(*yaml(f"port: {'x' * 10_000}"))
    assert len(problem) < 200


def test_a_class_that_refuses_its_values_is_a_problem_without_its_secrets():
    assert problems(Values({"port": 13})) == ["is refused by Settings"]


def test_a_class_without_secrets_may_say_why():
    assert problems(Values({"range.low": 3}), settings=Holder) == [
        "range: is refused by Range: 3 is above 2"
    ]


# -- interpolation -------------------------------------------------------------------------------


def test_a_secret_reference_needs_a_secret_field(yaml):
    layers = yaml("database: {url: 'x:${vault:db}'}\nname: '${vault:db}'")
    assert problems(*layers, resolvers={"vault": Vault()}) == [
        "name: is built from a secret (0.yaml:2:7) give the field the type Secret"
    ]
    config = load(Settings, layers[0], Values({"name": "n"}), resolvers={"vault": Vault()})
    assert config.current.database.url.reveal() == "x:hunter2"


def test_values_of_code_are_final(yaml):
    config = load(Settings, Values({"name": "${vault:db} ${HOME}"}), resolvers={"vault": Vault()})
    assert config.current.name == "${vault:db} ${HOME}"


def test_names_mean_variables_and_lines_of_env_files_and_lists_are_entered(yaml, tmp_path):
    (tmp_path / ".env").write_text("HOST=from-file\nPORT_BASE=81\n")
    config = load(
        Settings,
        *yaml(
            "name: ${HOST}\nport: ${PORT_BASE}\ndatabase: {pool: {hosts: [a, '${X}', \"${HOST}\"]}}"
        ),
        DotEnv(tmp_path / ".env", root=tmp_path),
        Environ(environ={"HOST": "from-env"}),
    )
    assert config.current.name == "from-env"
    assert config.current.port == 81
    assert config.current.database.pool.hosts == ["a", "${X}", "from-env"]
    assert config.explain("port").used == ("${PORT_BASE} from .env:2",)


def test_without_a_layer_of_variables_names_mean_the_process_environment(yaml, monkeypatch):
    monkeypatch.setenv("CONFKIT_TEST_NAME", "x")
    monkeypatch.delenv("CONFKIT_TEST_UNSET", raising=False)
    config = load(Settings, *yaml("name: ${CONFKIT_TEST_NAME}-${env:CONFKIT_TEST_NAME}"))
    assert config.current.name == "x-x"
    assert "CONFKIT_TEST_UNSET is not set" in problems(*yaml("name: ${CONFKIT_TEST_UNSET}"))[0]
