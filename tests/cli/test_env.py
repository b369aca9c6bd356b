"""``confkit env``: exit codes, outputs and options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confkit.envcheck.example import env_example
from confkit.schema.reading import read_schema
from examples.shop.settings import Settings

SETTINGS = "examples.shop.settings:Settings"


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("check", "nowhere.env"), "does not exist"),
        (("check", "."), "is a directory"),
        (("check", "--root", "empty"), "no env files"),
        (("check", "x.env", "--select", "Lowercasekey"), "did you mean LowercaseKey?"),
        (("check", "x.env", "--json", "--sarif"), "exclude each other"),
        (("check", "x.env", "--settings", "nothing"), "is not module:Class"),
        (("example",), "which settings?"),
        (("sort",), "Missing argument"),
    ],
)
def test_wrong_usage(argv, says, env):
    Path("x.env").write_text("A=1\n")
    Path("empty").mkdir()
    code, printed = env(*argv)
    assert code == 2
    assert says in printed


# -- diff ----------------------------------------------------------------------------------------


def test_diff(env):
    Path("a.env").write_text("A=1\nB=\nAPI_KEY=hunter2hunter2\n")
    Path("b.env").write_text("A=2\nB=x\n")
    code, printed = env("diff", "a.env", "b.env")
    assert code == 0
    assert [line.split() for line in printed.splitlines()] == [
        ["variable", "a.env", "b.env"],
        ["A", "1", "2"],
        ["API_KEY", "***", "(not", "set)"],
        ["B", "(empty)", "x"],
    ]


def test_diff_as_json(env):
    Path("a.env").write_text("A=1\n")
    Path("b.env").write_text("A=2\n")
    assert json.loads(env("diff", "a.env", "b.env", "--json")[1]) == {
        "left": "a.env",
        "right": "b.env",
        "differences": [{"name": "A", "left": "1", "right": "2"}],
    }


def test_diff_masks_what_the_settings_hold_as_secret(env):
    Path("a.env").write_text("DATABASE_URL=hunter2\n")
    Path("b.env").write_text("")
    assert "hunter2" not in env("diff", "a.env", "b.env", "-s", SETTINGS)[1]


def test_diff_checks_the_names(env):
    Path("a.env").write_text("A=1\n")
    Path("b.env").write_text("A=2\n")
    Path("c.env").write_text("A=1\nC=1\n")
    assert env("diff", "a.env", "b.env", "--check")[0] == 0
    assert env("diff", "a.env", "c.env", "--check")[0] == 1
    assert env("diff", "a.env", "a.env")[1] == "a.env and a.env set the same.\n"


def test_diff_of_a_file_that_cannot_be_read(env):
    Path("a.env").write_bytes(b"\xff")
    code, printed = env("diff", "a.env", "a.env")
    assert code == 1
    assert "a.env:1:1" in printed


# -- example -------------------------------------------------------------------------------------


def test_example(env):
    text = env_example(read_schema(Settings))
    assert env("example", "-s", SETTINGS) == (0, text)
    assert env("example", "-s", SETTINGS, "-o", "x.example") == (0, "x.example written.\n")
    assert Path("x.example").read_text() == text
    assert env("example", "-s", SETTINGS, "-o", "x.example", "--check")[0] == 0


def test_example_says_when_it_cannot_write(env):
    code, printed = env("example", "-s", SETTINGS, "-o", "nowhere/x.example")
    assert code == 1
    assert "cannot be written: No such file or directory (nowhere/x.example)" in printed


def test_example_finds_drift(env):
    code, printed = env("example", "-s", SETTINGS, "--check")
    assert code == 1
    assert printed == ".env.example is out of date: confkit env example -o .env.example\n"
    env("example", "-s", SETTINGS, "-o", ".env.example")
    assert env("example", "-s", SETTINGS, "--check") == (0, ".env.example is up to date.\n")
    with Path(".env.example").open("a") as file:
        file.write("# more\n")
    assert env("example", "-s", SETTINGS, "--check")[0] == 1


def test_the_example_of_the_shop_is_up_to_date():
    path = Path(__file__).parents[2] / "examples" / "shop" / ".env.example"
    assert path.read_text() == env_example(read_schema(Settings))


# -- sort ----------------------------------------------------------------------------------------


def test_sort(env):
    Path("x.env").write_text("B=1\nA=2\n")
    Path("y.env").write_text("A=1\n")
    assert env("sort", "--check", "x.env", "y.env") == (1, "x.env is not sorted.\n")
    assert Path("x.env").read_text() == "B=1\nA=2\n"
    assert env("sort", "x.env", "y.env") == (0, "x.env sorted.\n")
    assert Path("x.env").read_text() == "A=2\nB=1\n"
    assert env("sort", "--check", "x.env") == (0, "")


def test_sort_refuses_what_it_does_not_understand(env):
    text = "Z=1\nKEY=-----BEGIN PRIVATE KEY-----\nMIIabc+/\n-----END PRIVATE KEY-----\nA=1\n"
    Path("x.env").write_text(text)
    code, printed = env("sort", "x.env")
    assert code == 1
    assert "x.env:3 is not understood" in printed
    assert Path("x.env").read_text() == text


def test_example_and_sort_for_machines(env):
    text = env_example(read_schema(Settings))
    assert json.loads(env("example", "-s", SETTINGS, "--json")[1]) == {"file": None, "text": text}
    code, printed = env("example", "-s", SETTINGS, "--check", "--json")
    assert (code, json.loads(printed)) == (1, {"file": ".env.example", "up_to_date": False})
    Path("x.env").write_text("B=1\nA=2\n")
    code, printed = env("sort", "--check", "--json", "x.env")
    assert (code, json.loads(printed)) == (1, {"unsorted": ["x.env"], "refused": []})
    assert json.loads(env("sort", "--json", "x.env")[1]) == {"sorted": ["x.env"], "refused": []}
