"""Env files against the typed settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest

from confkit import REQUIRED, Check, Env, Renamed, Secret, Url
from confkit.envcheck.against_settings import SettingsCheck
from confkit.envcheck.envfile import EnvFile
from confkit.errors import SchemaError
from confkit.schema.reading import read_schema


@dataclass(frozen=True)
class Database:
    url: Annotated[Secret, Url("postgresql")] = Secret("postgresql://h/x")
    pool_size: Annotated[int, Check(min=1, max=100)] = 5


@dataclass(frozen=True)
class Settings:
    secret_key: Annotated[Secret, Check(minlength=8)] = REQUIRED
    debug: bool = False
    level: Literal["LOW", "HIGH"] = "LOW"
    port: Annotated[int, Renamed("listen")] = 80
    hosts: list[str] = field(default_factory=list)
    database: Database = field(default_factory=Database)
    others: Annotated[dict[str, Database], Env("OTHERS")] = field(default_factory=dict)


SCHEMA = read_schema(Settings)
Found = list[tuple[str, int, int, str]]


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., Found]:
    """What the settings say of a text, in a file of its own in an empty directory."""

    def check(text: str, name: str = "app.env", **options: object) -> Found:
        path = tmp_path / name
        path.write_text(text)
        checks = SettingsCheck(SCHEMA, **options)  # type: ignore[arg-type]
        file = EnvFile.load(path, tmp_path)
        return [(f.code, f.line, f.column, f.message) for f in checks.check(file)]

    return check


GOOD = "SECRET_KEY=longenough\n"


def test_what_fits_is_not_mentioned(found):
    text = (
        GOOD + "DEBUG=yes\nLEVEL=HIGH\nHOSTS=a,b\nDATABASE_POOL_SIZE=7\nOTHERS__A__POOL_SIZE=3\n"
        "ENVIRONMENT=production\nCONFKIT_X=1\nDATABASE='{\"pool_size\": 5}'\nLISTEN=81\n"
    )
    assert found(text) == []


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("DEBUG=maybe", ("WrongType", 2, 7, "DEBUG is not a boolean")),
        ("LEVEL=MID", ("WrongType", 2, 7, "LEVEL is none of LOW, HIGH")),
        ("DATABASE_POOL_SIZE=0", ("RuleViolation", 2, 20, "POOL_SIZE must be at least 1")),
        ("DATABASE_POOL_SIZE=five", ("WrongType", 2, 20, "is not an integer")),
        ("DATABASE_URL=mysql://h/x", ("RuleViolation", 2, 14, "must start with postgresql://")),
        ("DATABASE__POOL_SIZE=x", ("WrongType", 2, 21, "is not an integer")),
        ("OTHERS__A__POOL_SIZE=0", ("RuleViolation", 2, 22, "must be at least 1")),
        ("OTHERS__A__POOL_SIZE=x", ("WrongType", 2, 22, "is not an integer")),
        ("OTHERS__A__POOL=1", ("UnknownName", 2, 1, "did you mean others.a.")),
        ("DEBUG=", ("WrongType", 2, 7, "DEBUG is empty")),
        ("PORT=${A}\nA=${PORT}", ("SubstitutionKey", 2, 6, "in a circle")),
        ('DATABASE=\'{"pool_size": "x"}\'', ("WrongType", 2, 10, "is not an integer")),
        ("PORT=8O\nPORT=80 \nDEBUG=x", ("WrongType", 4, 7, "DEBUG")),
    ],
)
def test_values(line, finding, found):
    code, row, column, says = finding
    matching = [f for f in found(GOOD + line + "\n", known=("A",)) if f[0] == code]
    assert [f[:3] for f in matching] == [(code, row, column)]
    assert says in matching[0][3]


def test_interpolated_values_are_checked(found):
    assert found(GOOD + "A=7x\nPORT=${A}\n", known=("A",)) == [
        ("WrongType", 3, 6, "PORT is not an integer")
    ]
    assert found(GOOD + "A=7\nPORT=${A}\n", known=("A",)) == []
    assert found(GOOD + "A=7\nPORT='${A}'\n", known=("A",))[0][0] == "WrongType"


def test_what_comes_at_run_time_is_not_checked(found):
    text = "SECRET_KEY=${SECRET_KEY}\nPORT=${PORT}\nDATABASE_URL='${aws:db#url}'\nLEVEL=${X:?no}\n"
    assert found(text) == []


def test_a_strict_run_checks_what_the_environment_has(found):
    environ = {"SECRET_KEY": "short", "PORT": "x"}
    text = "SECRET_KEY=${SECRET_KEY}\nPORT=${PORT}\n"
    assert [f[:3] for f in found(text, environ=environ)] == [
        ("RuleViolation", 1, 12),
        ("WrongType", 2, 6),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("DATABASE_POOLSIZE", "DATABASE_POOLSIZE names no setting: did you mean "),
        ("database_pool_size", "did you mean DATABASE_POOL_SIZE?"),
        ("SOMETHING_ELSE", "SOMETHING_ELSE names no setting"),
    ],
)
def test_unknown_names(name, message, found):
    (finding,) = found(f"{GOOD}{name}=1\n")
    assert finding[:3] == ("UnknownName", 2, 1)
    assert message in finding[3]


def test_only_a_near_miss_is_an_error_since_files_are_shared():
    file = EnvFile("x.env", GOOD + "SOMETHING_ELSE=1\nPORTT=1\n")
    assert [f.level for f in SettingsCheck(SCHEMA).check(file)] == ["warning", "error"]


def test_names_that_others_read_are_known(found):
    assert found(GOOD + "COMPOSE_PROJECT_NAME=1\nX=1\n", known=("COMPOSE_*", "X")) == []


def test_a_required_value_is_missing(found):
    assert found("# c\nDEBUG=1\n\n") == [
        (
            "MissingRequired",
            2,
            8,
            "SECRET_KEY is required, and neither this file nor one below it sets it",
        )
    ]


def test_a_required_value_may_stand_below(found, tmp_path):
    (tmp_path / ".env").write_text(GOOD)
    assert found("DEBUG=1\n", ".env.production") == []
    (tmp_path / ".env").unlink()
    (tmp_path / "config.yaml").write_text("secret_key: longenough\n")
    assert found("DEBUG=1\n", ".env.production") == []
    (tmp_path / "config.yaml").write_text("debug: no\n")
    assert [f[0] for f in found("DEBUG=1\n", ".env.production")] == ["MissingRequired"]
    (tmp_path / "config.yaml").write_text("debug: [\n")
    assert found("DEBUG=1\n", ".env.production") == []  # it may set it: confkit check says more


def test_faults_of_files_below_are_not_told_twice(found, tmp_path):
    (tmp_path / ".env").write_text(GOOD + "PORT=x\n")
    assert found("DEBUG=1\n", ".env.production") == []


def test_the_base_file_is_no_last_word(found, tmp_path):
    assert [f[0] for f in found("DEBUG=1\n", ".env")] == ["MissingRequired"]
    (tmp_path / ".env.example").write_text("")
    assert [f[0] for f in found("DEBUG=1\n", ".env")] == ["MissingRequired"]
    (tmp_path / ".env.production").write_text("")
    assert found("DEBUG=1\n", ".env") == []


def test_of_a_template_only_the_names_are_checked(found):
    assert found("SECRET_KEY=\nPORT=\n", ".env.example") == []
    assert [f[0] for f in found("PROT=\n", ".env.example")] == ["UnknownName"]


def test_a_file_whose_name_is_no_environment_stands_alone(found):
    assert [f[0] for f in found("DEBUG=1\n", ".env.a b")] == ["MissingRequired"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("DATABASE_URL=postgresql://a/b\nDATABASE__URL=postgresql://c/d\n", "DATABASE_URL sets"),
        ("PORT=1\nLISTEN=2\n", "now called PORT"),
        ("DATABASE=x\n", "database is a section"),
    ],
)
def test_a_variable_without_effect(text, says, found):
    findings = [f for f in found(GOOD + text) if f[0] == "UnusableVariable"]
    assert len(findings) == 1
    assert says in findings[0][3]


def test_a_file_of_another_environment(found):
    assert found(GOOD + "ENVIRONMENT=staging\n", ".env.production")[0][:3] == (
        "UnusableVariable",
        2,
        13,
    )
    assert found(GOOD + "ENVIRONMENT=production\n", ".env.production") == []
    assert found(GOOD + "ENVIRONMENT=${STAGE}\n", ".env.production") == []
    assert found(GOOD + "ENVIRONMENT=staging\n", ".env") == []


def test_a_class_that_refuses_its_values_is_reported_where_it_stands():
    @dataclass(frozen=True)
    class Picky:
        low: int = 0
        high: int = 9

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low is above high")

    (finding,) = SettingsCheck(read_schema(Picky)).check(
        EnvFile("x.env", "ENCRYPTION_KEY=x\nLOW=10\n")
    )
    assert (finding.code, finding.line) == ("RuleViolation", 2)
    assert "low is above high" in finding.message
    outer = dataclass(frozen=True)(
        type("Outer", (), {"__annotations__": {"p": Picky}, "p": Picky()})
    )
    text = "OTHER=1\nP_LOW=10\n"
    findings = list(SettingsCheck(read_schema(outer), known=("OTHER",)).check(EnvFile("x", text)))
    assert [(f.code, f.line) for f in findings] == [("RuleViolation", 2)]


def test_the_words_of_a_class_with_a_secret_are_not_repeated():
    @dataclass(frozen=True)
    class Picky:
        api_key: str = ""

        def __post_init__(self) -> None:
            if self.api_key:
                raise ValueError(f"no such key: {self.api_key}")

    (finding,) = SettingsCheck(read_schema(Picky)).check(EnvFile("x.env", "API_KEY=hunter2\n"))
    assert finding.message == "Picky is refused by Picky"


def test_settings_that_cannot_work_are_said_first():
    @dataclass(frozen=True)
    class Odd:
        value: complex = 1j

    with pytest.raises(SchemaError, match="not supported"):
        SettingsCheck(read_schema(Odd))


def test_no_message_shows_the_value_of_a_secret(found):
    text = "SECRET_KEY=hunter2\nDATABASE_URL=mysql://u:hunter2@h/x\nPORT=hunter2\n"
    messages = " ".join(f[3] for f in found(text))
    assert "hunter2" not in messages
