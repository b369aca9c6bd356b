"""``confkit env``: exit codes, outputs and options."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from confkit.cli import main
from confkit.envcheck.example import env_example
from confkit.schema.reading import read_schema
from examples.shop.settings import Settings

SETTINGS = "examples.shop.settings:Settings"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``confkit env`` in an empty directory; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> tuple[int, str]:
        code = main(["env", *argv])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def test_all_well(env):
    Path("x.env").write_text("A=1\n")
    assert env("check", "x.env") == (0, "1 file checked, nothing found.\n")


def test_findings(env):
    Path("x.env").write_text("A B=1\nB = 2\n")
    code, printed = env("check", "x.env")
    assert code == 1
    assert printed.splitlines() == [
        "x.env:1:3: UnreadableLine no '=' after the name",
        "x.env:2:2: SpaceCharacter a blank beside '=' (warning)",
        "1 file checked: 1 error, 1 warning; --fix fixes 1.",
    ]


def test_warnings_fail_a_strict_run_only(env):
    Path("x.env").write_text("A=a$b\n")
    assert env("check", "x.env")[0] == 0
    assert env("check", "--strict", "x.env")[0] == 1


def test_fix(env):
    Path("x.env").write_text("B = 2\n")
    assert env("check", "--fix", "x.env") == (
        0,
        "1 finding fixed.\n1 file checked, nothing found.\n",
    )
    assert Path("x.env").read_text() == "B=2\n"


def test_only_what_is_selected_is_mended(env):
    Path("x.env").write_text("B = 2 \n")
    env("check", "--fix", "--select", "TrailingWhitespace", "x.env")
    assert Path("x.env").read_text() == "B = 2\n"


def test_select_and_ignore(env):
    Path("x.env").write_text("b=1\nA = 2\n")
    assert "SpaceCharacter" not in env("check", "x.env", "--select", "LowercaseKey")[1]
    assert "LowercaseKey" not in env("check", "x.env", "--ignore", "LowercaseKey")[1]
    assert "UnorderedKey" not in env("check", "x.env")[1]
    assert "UnorderedKey" in env("check", "x.env", "--extend-select", "UnorderedKey")[1]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("check", "nowhere.env"), "does not exist"),
        (("check", "."), "is a directory"),
        (("check",), "no env files"),
        (("check", "x.env", "--select", "Lowercasekey"), "did you mean LowercaseKey?"),
        (("check", "x.env", "--json", "--sarif"), "exclude each other"),
        (("check", "x.env", "--settings", "nothing"), "is not module:Class"),
        (("example",), "which settings?"),
        (("sort",), "Missing argument"),
    ],
)
def test_wrong_usage(argv, says, env):
    Path("x.env").write_text("A=1\n")
    code, printed = env(*argv)
    assert code == 2
    assert says in printed


def test_json(env):
    Path(".env.production").write_text("a=1\nB=${C}\n")
    code, printed = env("check", "--json")
    report = json.loads(printed)
    assert code == 0
    assert report["files"] == [".env.production"]
    assert [f["code"] for f in report["findings"]] == ["LowercaseKey"]
    assert report["needed_at_run_time"] == ["C"]


def test_github(env):
    Path("x.env").write_text("a=1\n")
    assert env("check", "--github", "x.env")[1].startswith("::warning file=x.env,line=1,col=1,")


def test_sarif(env):
    Path("x.env").write_text("a=1\n")
    code, printed = env("check", "--sarif", "x.env")
    assert code == 0
    assert json.loads(printed)["runs"][0]["results"][0]["ruleId"] == "LowercaseKey"


def test_codes_are_listed(env):
    code, printed = env("check", "--codes")
    assert code == 0
    assert "ValueWithoutQuotes" in printed
    assert "NotPortable" in printed


def test_the_files_of_the_project_are_found(env):
    Path("pyproject.toml").write_text('[tool.confkit]\nroot = "app"\n')
    Path("app").mkdir()
    for name in (".env", ".env.test", "env"):
        Path("app", name).write_text("a=1\n")
    assert "2 files checked" in env("check")[1]
    Path("pyproject.toml").write_text('[tool.confkit.env]\nfiles = ["app/env"]\n')
    assert "1 file checked" in env("check")[1]


def test_the_table_of_the_project_is_read(env):
    Path("pyproject.toml").write_text('[tool.confkit.env]\nignore = ["LowercaseKey"]\n')
    Path("x.env").write_text("a=1\n")
    assert env("check", "x.env")[0] == 0
    Path("pyproject.toml").write_text("[tool.confkit.env]\nignroe = []\n")
    code, printed = env("check", "x.env")
    assert code == 2
    assert "did you mean ignore?" in printed
    Path("pyproject.toml").write_text("[tool.confkit]\nenv = 5\n")
    assert env("check", "x.env")[0] == 2


@pytest.mark.parametrize("option", ["--settings", "-s"])
def test_settings_on_the_command_line(option, env):
    Path(".env.production").write_text("SECRET_KEY=${SECRET_KEY}\nDATABASE_POOL_SIZE=500\n")
    code, printed = env("check", option, SETTINGS)
    assert code == 1
    assert "WrongType" not in printed
    assert ".env.production:2:20: RuleViolation DATABASE_POOL_SIZE must be at most 100" in printed


def test_settings_of_the_project(env):
    Path("pyproject.toml").write_text(f'[tool.confkit]\nsettings = "{SETTINGS}"\n')
    Path("x.env").write_text("SECRET_KEY=${SECRET_KEY}\nDATABASE_POOLSIZE=5\n")
    assert "did you mean DATABASE_POOL_SIZE?" in env("check", "x.env")[1]


def test_a_strict_run_looks_into_the_environment(env, monkeypatch):
    Path(".env.production").write_text("SECRET_KEY=${SECRET_KEY}\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert env("check")[0] == 0
    code, printed = env("check", "--strict")
    assert code == 1
    assert "UnsetReference SECRET_KEY needs SECRET_KEY" in printed
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    assert env("check", "--strict")[0] == 0


def test_scan_without_the_library_says_what_to_install(env, monkeypatch):
    from confkit.envcheck import scanning

    scanning._plugins.cache_clear()
    monkeypatch.setitem(sys.modules, "detect_secrets.settings", None)
    Path("x.env").write_text("A=hello\n")
    code, printed = env("check", "--scan", "x.env")
    assert code == 1
    assert "confkit-toolkit[scan]" in printed
    scanning._plugins.cache_clear()


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


def test_example_and_sort_for_machines(env):
    text = env_example(read_schema(Settings))
    assert json.loads(env("example", "-s", SETTINGS, "--json")[1]) == {"file": None, "text": text}
    code, printed = env("example", "-s", SETTINGS, "--check", "--json")
    assert (code, json.loads(printed)) == (1, {"file": ".env.example", "up_to_date": False})
    Path("x.env").write_text("B=1\nA=2\n")
    code, printed = env("sort", "--check", "--json", "x.env")
    assert (code, json.loads(printed)) == (1, {"unsorted": ["x.env"]})
    assert json.loads(env("sort", "--json", "x.env")[1]) == {"sorted": ["x.env"]}


def test_the_command_as_a_program(tmp_path):
    (tmp_path / "x.env").write_text("A B=1\n")
    command = [sys.executable, "-m", "confkit", "env", "check", "x.env"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("x.env:1:3: UnreadableLine")
    assert done.stderr == ""
