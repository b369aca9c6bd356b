"""Several env files side by side."""

from __future__ import annotations

import pytest

from confkit.envcheck.comparison import check, differences, kind
from confkit.envcheck.envfile import EnvFile


def found(*files: tuple[str, str], typed: str = "") -> list[tuple[str, str, str]]:
    opened = [EnvFile(name, text) for name, text in files]
    return [(f.file, f.code, f.message) for f in check(opened, frozenset(typed.split()))]


def test_names_that_a_file_lacks():
    files = (".env.a", "X=1\nY=1\n"), (".env.b", "X=1\nZ=1\nW=1\n"), (".env.c", "X=1\nY=1\nZ=1\n")
    assert found(*files) == [
        (".env.a", "DifferentKeys", "lacks W, set in .env.b"),
        (".env.a", "DifferentKeys", "lacks Z, set in .env.b, .env.c"),
        (".env.b", "DifferentKeys", "lacks Y, set in .env.a, .env.c"),
        (".env.c", "DifferentKeys", "lacks W, set in .env.b"),
    ]


def test_what_the_base_file_sets_no_other_lacks():
    assert found((".env", "X=1\n"), (".env.a", "Y=1\n"), (".env.b", "X=2\nY=1\n")) == []
    assert found(("x/.env", "X=1\n"), (".env.a", "Y=1\n"), (".env.b", "X=2\nY=1\n")) == [
        (".env.a", "DifferentKeys", "lacks X, set in .env.b")
    ]


def test_templates_are_not_compared():
    assert found((".env.a", "X=1\n"), (".env.example", "Y=\n")) == []


def test_a_name_alone_is_not_set():
    assert found((".env.a", "X=1\n"), (".env.b", "X\n")) == [
        (".env.b", "DifferentKeys", "lacks X, set in .env.a")
    ]


def test_values_of_another_kind():
    assert found((".env.a", "X=5\n"), (".env.b", "X=five\n")) == [
        (".env.b", "DifferingTypes", "X is text, and an integer in .env.a")
    ]
    assert found((".env.a", "X=5\n"), (".env.b", "X=five\n"), typed="X") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "true"), ("1", "5"), ("5", "2.5"), ("", "5"), ("${X}", "5"), ("on", "no"), ("0", "1.5")],
)
def test_kinds_that_go_together(one, other):
    assert found((".env.a", f"X={one}\n"), (".env.b", f"X={other}\n")) == []


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("x", "text"),
        ("-5", "an integer"),
        ("1", "a boolean or an integer"),
        ("1e3", "a number"),
        ("True", "a boolean"),
        ("redis://h", "a URL"),
        ("[1, 2]", "a JSON list"),
        ('{"a": 1}', "a JSON object"),
        ("{a", "text"),
        ("", ""),
        ("x${A}", ""),
    ],
)
def test_kind(value, what):
    assert kind(value) == what


def test_differences_are_sorted_and_masked():
    left = EnvFile("a", "SAME=1\nB=1\nA=x\nAPI_KEY=hunter2hunter2\nURL=http://u:hunter2@h/\nE=\n")
    right = EnvFile("b", "SAME='1'\nB=2\nAPI_KEY=${API_KEY}\nURL=http://h/\nE=1\nNOTE=hunter2\n")
    found = differences(left, right, {"NOTE": True})
    assert [(d.name, d.left, d.right) for d in found] == [
        ("A", "x", None),
        ("API_KEY", "***", "${API_KEY}"),
        ("B", "1", "2"),
        ("E", "", "1"),
        ("NOTE", None, "***"),
        ("URL", "http://***:***@h/", "http://h/"),
    ]
    assert "hunter2" not in repr(found)


def test_the_text_of_a_reference_beside_a_secret_is_masked():
    left = EnvFile("a", "API_KEY=${A}hunter2\n")
    assert differences(left, EnvFile("b", ""))[0].left == "***"


def test_a_name_that_may_be_a_secret_is_masked():
    key = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC7VJTUt9Us8cKj"
    (found,) = differences(EnvFile("a", f"{key}=hunter2\n"), EnvFile("b", ""))
    assert (found.name, found.left) == ("***", "***")


def test_a_credential_under_a_harmless_name_is_masked():
    (found,) = differences(EnvFile("a", "X=AKIA" + "QWERTYUIOPASDFG2\n"), EnvFile("b", ""))
    assert found.left == "***"
