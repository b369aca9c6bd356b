"""Values masked by their name, by their look and because they are secrets."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from confkit import Secret, SecretBytes
from confkit.redaction.values import redact, secrets_in, show


@pytest.mark.parametrize(
    ("value", "name", "shown"),
    [
        (None, "password", "null"),
        (True, "password", "true"),
        (False, "", "false"),
        ("", "password", ""),
        ("hunter2", "password", "***"),
        (1234, "pin", "***"),
        (Secret("hunter2"), "", "***"),
        ("a\nb\x1b[31m\u202e", "", "a\\nb\\x1b[31m\\u202e"),
        ({"user": "u", "password": "hunter2"}, "", "{user: u, password: ***}"),
        ({"user": {"tokens": ["hunter2"]}}, "", "{user: {tokens: ***}}"),
        (OrderedDict(a=1), "", "{a: 1}"),
        ({"a\nb": 1}, "", "{a\\nb: 1}"),
        (["https://u:hunter2@h", 3], "", "[https://***:***@h, 3]"),
        ({3, 1, 2}, "", "[1, 2, 3]"),
        (("a", None), "", "[a, null]"),
        (["hunter2"], "tokens", "***"),
        (1.5, "", "1.5"),
    ],
)
def test_a_value_in_one_line_masked_by_its_name_and_by_its_look(value, name, shown):
    assert show(value, name=name) == shown


def test_a_secret_field_is_masked_whatever_it_holds():
    assert show("plain", secret=True) == "***"
    assert show(["plain"], secret=True) == "***"


@dataclass
class Node:
    name: str
    api_key: str = ""
    inner: Any = None


class Color(Enum):
    RED = "red"


class Pair(NamedTuple):
    user: str
    password: str


def test_a_structure_is_masked_by_names_by_looks_and_by_secrets():
    value = {
        "user": "u",
        "password": "hunter2",
        "port": 5432,
        "ratio": 0.5,
        "on": True,
        "none": None,
        "urls": ["https://u:hunter2@h", {"deep": [{"client_secret": "hunter2"}]}],
        "held": [Secret("hunter2"), SecretBytes(b"hunter2")],
        "node": Node("n", "hunter2", Node("m")),
        "pair": Pair("u", "hunter2"),
        "set": {"b", "a"},
        "color": Color.RED,
        "raw": b"password=hunter2",
        "path": Path("/tmp/x"),
        "json": '{"password": "hunter2"}',
        5: "five",
    }
    shown = redact(value)
    assert "hunter2" not in str(shown)
    assert shown["password"] == "***"
    assert (shown["port"], shown["ratio"], shown["on"], shown["none"]) == (5432, 0.5, True, None)
    assert shown["held"] == ["***", "***"]
    assert shown["node"] == {
        "name": "n",
        "api_key": "***",
        "inner": {"name": "m", "api_key": "", "inner": None},
    }
    assert shown["pair"] == {"user": "u", "password": "***"}
    assert (shown["set"], shown["color"], shown["path"], shown["5"]) == (
        ["a", "b"],
        "red",
        "/tmp/x",
        "five",
    )
    assert json.loads(json.dumps(shown)) == shown


def test_what_is_too_deep_or_inside_itself_is_masked_whole():
    deep: Any = "hunter2"
    for _ in range(200):
        deep = [deep]
    assert "hunter2" not in str(redact(deep))
    ring: dict[str, Any] = {"a": "x"}
    ring["ring"] = ring
    assert redact(ring) == {"a": "x", "ring": "***"}
    shared = ["x"]
    assert redact({"a": shared, "b": shared}) == {"a": ["x"], "b": ["x"]}


def test_a_key_can_hold_a_secret_too():
    assert redact({"https://u:hunter2@h": 1}) == {"https://***:***@h": 1}


def test_public_overrules_the_name_and_nothing_else():
    assert show("shown", name="cache_token", public=True) == "shown"
    assert show("https://u:hunter2@h", name="token", public=True) == "https://***:***@h"
    assert show(Secret("x"), name="token", public=True) == "***"
    assert show("x", name="token", public=True, secret=True) == "***"


def test_secrets_are_found_inside_a_value():
    value = {"a": [Secret("one"), Node("n", inner=SecretBytes(b"two"))], "b": "three"}
    assert list(secrets_in(value)) == ["one", b"two"]
    assert list(secrets_in("text")) == ["text"]
    assert list(secrets_in([1, None, "x"])) == []
