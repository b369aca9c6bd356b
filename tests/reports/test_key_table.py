"""The table of keys and layers: who wins is marked without colour, and secrets stay hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated

import pytest

from confkit import Check, Secret, Values, resolve
from confkit.reports.key_table import Shown, count_line, key_by_layer, matches, shown_rows
from confkit.reports.matrix import matrix

CANARY = "hunter2-canary"


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5
    name: str = "<b>"


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    key: Secret = Secret(CANARY)
    pool: Pool = field(default_factory=Pool)


def found(**values: object):
    above = Values(
        {"pool.size": 6, **{k.replace("__", "."): v for k, v in values.items()}}, name="b<"
    )
    return resolve(Settings, Values({"pool.size": 7}, name="a"), above)


def row(made: str, key: str) -> str:
    return re.search(rf"<tr[^>]*><th scope=\"row\"><code>{key}</code>.*?</tr>", made)[0]  # type: ignore[index]


def test_the_winner_and_the_overruled_are_told_in_words():
    line = row(key_by_layer(found()), "pool.size")
    assert line.count("wins: ") == 1
    assert line.count(" overruled") == 2
    assert row(key_by_layer(found()), "debug").count("no value") == 2


def test_a_layer_that_sets_nothing_has_no_column():
    made = key_by_layer(
        resolve(Settings, Values({}, name="empty"), Values({"debug": True}, name="x"))
    )
    assert "empty" not in made
    assert ">x<" in made


def test_secrets_are_hidden_and_tagged():
    made = key_by_layer(found(key="other-" + CANARY))
    assert CANARY not in made
    assert "secret</span>" in row(made, "key")


def test_a_broken_key_is_marked_and_the_rest_is_shown():
    made = key_by_layer(found(pool__size=0))
    assert "broken: " in row(made, "pool.size")
    assert "wins: " in row(made, "debug")


def test_values_and_names_are_text():
    made = key_by_layer(found(pool__name="<script>"))
    assert "<script" not in made
    assert "b&lt;" in made


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", True), ("pool", True), ("POOL", True), ("pool.*", True), ("/size$/", True),
        ("api", False), ("api, pool", True), ("/(/", False), ("*.siz?", True), ("debug", False),
    ],
)  # fmt: skip
def test_filters(text, wanted):
    assert matches("pool.size", text) is wanted


@pytest.mark.parametrize(
    ("shown", "keys"),
    [
        (Shown(), ["debug", "key", "pool.size", "pool.name"]),
        (Shown(overruled=True), ["pool.size"]),
        (Shown(secrets=True), ["key"]),
        (Shown(default=True), ["debug", "key", "pool.name"]),
        (Shown(default=True, filter="pool"), ["pool.name"]),
        (Shown(filter="nothing"), []),
    ],
)
def test_only_some_keys(shown, keys):
    resolution = found()
    rows = shown_rows(resolution, matrix(resolution), shown)
    assert [one.key for one in rows] == keys
    made = key_by_layer(resolution, shown)
    assert made.count('scope="row"') == len(keys)
    assert ("No key matches" in made) is (not keys)
    assert count_line(resolution, rows, matrix(resolution)).startswith(f"{len(keys)} of 4 keys.")
