"""``confkit env check``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


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
    code, printed = env("check", option, "examples.shop.settings:Settings")
    assert code == 1
    assert "WrongType" not in printed
    assert ".env.production:2:20: RuleViolation DATABASE_POOL_SIZE must be at most 100" in printed


def test_settings_of_the_project(env):
    Path("pyproject.toml").write_text(
        f'[tool.confkit]\nsettings = "{"examples.shop.settings:Settings"}"\n'
    )
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


def test_the_command_as_a_program(tmp_path):
    (tmp_path / "x.env").write_text("A B=1\n")
    command = [sys.executable, "-m", "confkit", "env", "check", "x.env"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("x.env:1:3: UnreadableLine")
    assert done.stderr == ""


# -- projects and packages -------------------------------------------------------------------------

SOURCE = """
from __future__ import annotations
from dataclasses import dataclass

@dataclass(frozen=True)
class Settings:
    {}: int = 1
"""


@pytest.fixture
def monorepo(env, tmp_path):
    """Two applications, each with settings in a module of the same name."""
    (tmp_path / "pyproject.toml").write_text('[tool.confkit.env]\npackages = ["apps/*"]\n')
    for name, field in (("web", "port"), ("worker", "threads")):
        app = tmp_path / "apps" / name
        app.mkdir(parents=True)
        (app / "conf.py").write_text(SOURCE.format(field))
        (app / "pyproject.toml").write_text('[tool.confkit]\nsettings = "conf:Settings"\n')
        (app / ".env").write_text(f"{field.upper()}=2\n")
    (tmp_path / "apps" / "docs").mkdir()
    return env


def test_each_package_is_checked_against_its_own_settings(monorepo, tmp_path):
    assert monorepo("check") == (0, "2 files checked, nothing found.\n")
    (tmp_path / "apps" / "web" / ".env").write_text("PORT=many\n")
    code, printed = monorepo("check")
    assert code == 1
    assert printed.startswith("apps/web/.env:1:6: WrongType PORT")
    assert "2 files checked: 1 error." in printed


def test_the_options_of_a_package_are_its_own(monorepo, tmp_path):
    with (tmp_path / "apps" / "web" / "pyproject.toml").open("a") as file:
        file.write('[tool.confkit.env]\nignore = ["WrongType"]\n')
    for name, field in (("web", "PORT"), ("worker", "THREADS")):
        (tmp_path / "apps" / name / ".env").write_text(f"{field}=many\n")
    printed = monorepo("check")[1]
    assert "apps/worker/.env:1:9: WrongType" in printed
    assert "apps/web" not in printed


def test_one_package_is_checked_by_its_root(monorepo, tmp_path):
    assert "1 file checked" in monorepo("check", "--root", "apps/web")[1]


def test_machines_get_paths_from_the_root_of_the_repository(monorepo, tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "apps" / "web" / ".env").write_text("PORT=many\n")
    monkeypatch.chdir(tmp_path / "apps" / "web")
    assert monorepo("check")[1].startswith(".env:1:6:")
    assert monorepo("check", "--github")[1].startswith("::error file=apps/web/.env,line=1,")
    log = json.loads(monorepo("check", "--sarif")[1])
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "apps/web/.env"


def test_several_settings_share_a_file(env, tmp_path):
    (tmp_path / "one.py").write_text(SOURCE.format("port"))
    (tmp_path / "two.py").write_text(SOURCE.format("threads"))
    Path(".env").write_text("PORT=1\nTHREADS=x\nOTHER=1\n")
    code, printed = env("check", "-s", "one:Settings", "-s", "two:Settings")
    assert code == 1
    assert "WrongType THREADS" in printed
    assert "OTHER names no setting" in printed
    assert "PORT names" not in printed
    Path("pyproject.toml").write_text(
        '[tool.confkit]\nsettings = ["one:Settings", "two:Settings"]\n'
    )
    assert env("check") == (code, printed)


def test_files_ignore_codes_of_their_own(env):
    Path("pyproject.toml").write_text(
        '[tool.confkit.env.per-file-ignores]\n"*.example" = ["LowercaseKey"]\n'
    )
    Path(".env.example").write_text("a=1\n")
    Path(".env").write_text("a=1\n")
    printed = env("check")[1]
    assert ".env:1:1: LowercaseKey" in printed
    assert ".env.example" not in printed


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('files = ["deploy/.env.*"]', "deploy/.env.*"),
        ('packages = ["apps/*"]', "apps/*"),
        ("packages = 5", "packages"),
        ('quotes = "backticks"', "when-needed"),
        ("per-file-ignores = []", "per-file-ignores"),
        ('per-file-ignores = {"*" = ["Nonsense"]}', "Nonsense"),
        ("qoutes = 'any'", "did you mean quotes?"),
    ],
)
def test_an_option_that_leads_nowhere_is_named(table, named, env):
    Path("pyproject.toml").write_text(f"[tool.confkit.env]\n{table}\n")
    Path(".env").write_text("A=1\n")
    code, printed = env("check")
    assert code == 2
    assert named in printed


def test_a_log_of_a_run_that_failed_says_so(env, capsys):
    code, printed = env("check", "nowhere.env", "--sarif")
    assert code == 2
    log = json.loads(printed[: printed.rindex("}") + 1])
    (call,) = log["runs"][0]["invocations"]
    assert call["executionSuccessful"] is False
    assert "nowhere.env" in call["toolConfigurationNotifications"][0]["message"]["text"]


def test_a_template_is_the_schema_where_there_are_no_settings(env):
    Path(".env.example").write_text("# int\nPORT=80\n")
    Path(".env").write_text("PORT=http\n")
    code, printed = env("check", ".env", "-s", ".env.example")
    assert code == 1
    assert ".env:1:6: WrongType PORT" in printed
    Path("pyproject.toml").write_text('[tool.confkit]\nsettings = ".env.example"\n')
    assert env("check", ".env") == (code, printed)
    Path(".env.schema").write_text("# @typo\nPORT=80\n")
    assert env("check", ".env", "-s", ".env.schema")[0] == 2
