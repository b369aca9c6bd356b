"""A commented .env.example from the settings."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from confkit import REQUIRED, Check, Doc, Env, Seconds, Secret, Url, load
from confkit.envcheck.checking import Checks
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.example import describe, env_example
from confkit.envcheck.options import Options
from confkit.schema.reading import read_schema
from confkit.schema.shapes import shape_of
from confkit.sources.dotenv import DotEnv


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Database:
    url: Annotated[Secret, Url("sqlite")] = Secret("sqlite:///hunter2.db")
    timeout: Annotated[int, Check(min=1, max=9), Doc("seconds")] = 3


@dataclass(frozen=True)
class Settings:
    key: Annotated[Secret, Check(minlength=32), Doc("signs")] = REQUIRED
    debug: bool = False
    name: Annotated[str, Check(regex="[a-z ]+")] = "my shop"
    level: Annotated[str, Check(allowed=["A", "B"])] = "A"
    colour: Colour = Colour.RED
    wait: dt.timedelta = dt.timedelta(minutes=1.5)
    since: dt.date = dt.date(2026, 1, 31)
    hosts: list[str] = field(default_factory=lambda: ["a", "b c"])
    tags: frozenset[str] = frozenset({"y", "x"})
    sizes: dict[str, int] = field(default_factory=lambda: {"s": 1})
    path: Path = Path("/tmp")
    nothing: str | None = None
    database: Annotated[Database, Doc("where orders are kept")] = field(default_factory=Database)
    others: Annotated[dict[str, Database], Env("OTHERS")] = field(default_factory=dict)


TEXT = env_example(read_schema(Settings))


@pytest.mark.parametrize(
    "block",
    [
        "\n# signs\n# secret; length at least 32; required\nKEY=\n",
        "\n# bool\n# DEBUG=false\n",
        "\n# str; matches [a-z ]+\n# NAME='my shop'\n",
        "\n# str; one of A, B\n# LEVEL=A\n",
        "\n# one of red, blue\n# COLOUR=red\n",
        "\n# timedelta\n# WAIT=90s\n",
        "\n# date\n# SINCE=2026-01-31\n",
        '# HOSTS=\'["a", "b c"]\'\n',
        '# TAGS=\'["x", "y"]\'\n',
        "# JSON object\n# SIZES='{\"s\": 1}'\n",
        "# PATH=/tmp\n",
        "\n# str\n# NOTHING=\n",
        "\n# -- database: where orders are kept\n",
        "\n# secret; URL: sqlite://\n# DATABASE_URL=\n",
        "\n# seconds\n# int; at least 1; at most 9\n# DATABASE_TIMEOUT=3\n",
        "# OTHERS='{}'\n# or one by one: OTHERS__NAME=...\n",
    ],
)
def test_every_variable_is_described(block):
    assert block in TEXT


def test_no_secret_is_in_it():
    assert "hunter2" not in TEXT


def test_what_it_says_of_defaults_is_what_the_settings_read(tmp_path):
    lines = [
        line.removeprefix("# ") if "=" in line and line.startswith("# ") else line
        for line in TEXT.replace("KEY=\n", f"KEY={'k' * 32}\n").splitlines()
    ]
    kept = [line for line in lines if line.split("=")[0].isidentifier() and line.split("=", 1)[1]]
    (tmp_path / ".env").write_text("\n".join(kept) + "\n")
    read = load(Settings, DotEnv(tmp_path / ".env")).current
    assert read == Settings(key=Secret("k" * 32))


def test_it_passes_the_checks():
    options = Options().choose(ignore=["DangerousKey"])
    checks = Checks(options, [read_schema(Settings)], environ={})
    assert checks.of(EnvFile(".env.example", TEXT)) == []


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "int"),
        (int | str, "int or str"),
        (bool | None, "bool"),
        (Literal["a", 1], "one of a, 1"),
        (tuple[int, ...], "tuple of int: JSON, or parted by commas"),
        (list, "list of any: JSON, or parted by commas"),
        (Annotated[timedelta, Seconds()], "timedelta, or seconds"),
        (bytes | None, "base64"),
        (dict[str, int], "JSON object"),
        (Any, "any"),
    ],
)
def test_types_in_words(annotation, words):
    assert describe(shape_of(annotation)[0]) == words


def test_a_default_that_no_file_can_hold_is_left_out():
    @dataclass(frozen=True)
    class Odd:
        things: list[Any] = field(default_factory=lambda: [object()])

    assert "# THINGS=\n" in env_example(read_schema(Odd))
