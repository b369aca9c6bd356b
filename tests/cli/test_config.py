"""``confkit show``, ``explain``, ``diff``, ``check`` and ``schema``, and the program itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from confkit.cli import main

SETTINGS = """
from __future__ import annotations
from dataclasses import dataclass, field
from typing import Annotated
from confkit import REQUIRED, Check, Secret

@dataclass(frozen=True)
class Database:
    password: Secret = REQUIRED
    pool_size: Annotated[int, Check(max=100)] = 5

@dataclass(frozen=True)
class Settings:
    log_level: str = "INFO"
    database: Database = field(default_factory=Database)
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with settings, two environments and a secret, as the working directory."""
    (tmp_path / "appsettings.py").write_text(SETTINGS)
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nsettings = "appsettings:Settings"\n')
    (tmp_path / "config.yaml").write_text("database:\n  pool_size: 10\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("database:\n  pool_size: 20\n")
    (tmp_path / "config" / "staging.yaml").write_text("log_level: DEBUG\n")
    (tmp_path / ".env").write_text("DATABASE_PASSWORD=hunter2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("ENVIRONMENT", "DATABASE_PASSWORD", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "appsettings", raising=False)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process; gives its exit code and what it printed."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        return code, out, err

    return run


@pytest.mark.usefixtures("project")
class TestShow:
    def test_prints_value_and_origin_of_every_key(self, run: Run) -> None:
        code, out, _ = run("show")
        assert code == 0
        rows = [line.split(maxsplit=2) for line in out.splitlines()]
        assert ["database.pool_size", "10", "config.yaml:2:14"] in rows
        assert ["database.password", "***", ".env:1"] in rows

    def test_layers_shows_what_each_says(self, run: Run) -> None:
        _, out, _ = run("show", "--layers", "-e", "production")
        row = next(line for line in out.splitlines() if line.startswith("database.pool_size"))
        assert row.split() == [
            *("database.pool_size", "5", "10", "▲", "20", "·", "·"),
            "config/production.yaml:2:14",
        ]

    def test_json(self, run: Run) -> None:
        _, out, _ = run("show", "--json")
        key = json.loads(out)["keys"]["database.pool_size"]
        assert key["origin"] == "config.yaml:2:14"
        assert key["sets"] == {"defaults": "5", "config.yaml": "10"}

    def test_set_is_the_command_line_layer(self, run: Run) -> None:
        _, out, _ = run("show", "--set", "database.pool_size=7", "--json")
        assert json.loads(out)["keys"]["database.pool_size"]["winner"] == "command line"

    def test_problems_are_all_printed_and_code_1(self, run: Run) -> None:
        code, out, err = run("show", "--set", "database.pool_size=700", "--set", "log_lvl=x")
        assert (code, out) == (1, "")
        assert "database.pool_size: must be at most 100 (700, --set database.pool_size" in err
        assert "did you mean log_level?" in err

    def test_problems_as_json(self, run: Run) -> None:
        code, out, _ = run("show", "--json", "--set", "database.pool_size=x")
        assert code == 1
        assert [p["code"] for p in json.loads(out)["problems"]] == ["type"]


@pytest.mark.usefixtures("project")
class TestExplain:
    def test_text(self, run: Run) -> None:
        code, out, _ = run("explain", "database.pool_size", "-e", "production")
        assert code == 0
        assert out.startswith("database.pool_size = 20\n  from config/production.yaml:2:14\n")

    def test_a_section(self, run: Run) -> None:
        _, out, _ = run("explain", "database")
        assert out.startswith("database = Database(password: ***, pool_size: 10)\n")

    def test_json(self, run: Run) -> None:
        _, out, _ = run("explain", "database.password", "--json")
        explained = json.loads(out)
        assert (explained["value"], explained["origin"]) == ("***", ".env:1")

    def test_an_unknown_key_is_wrong_usage_with_a_suggestion(self, run: Run) -> None:
        code, _, err = run("explain", "database.pol_size")
        assert code == 2
        assert "did you mean database.pool_size?" in err


@pytest.mark.usefixtures("project")
class TestDiff:
    def test_differing_values_are_code_1_where_they_are_checked(self, run: Run) -> None:
        assert run("diff", "production", "staging")[0] == 0
        code, out, _ = run("diff", "production", "staging", "--check")
        assert code == 1
        assert [line.split()[0] for line in out.splitlines()[1:]] == [
            "log_level",
            "database.pool_size",
        ]

    def test_equal_values_are_code_0(self, run: Run) -> None:
        code, out, _ = run("diff", "staging", "staging", "--check")
        assert (code, out) == (0, "staging and staging do not differ\n")

    def test_json(self, run: Run) -> None:
        _, out, _ = run("diff", "production", "staging", "--json")
        assert json.loads(out)["differences"][1]["new_origin"] == "config.yaml:2:14"

    def test_an_unknown_environment_is_a_problem_with_a_suggestion(self, run: Run) -> None:
        code, _, err = run("diff", "prodution", "staging")
        assert code == 1
        assert "did you mean production?" in err


class TestCheck:
    def test_ok(self, project: Path, run: Run) -> None:
        assert run("check", "--all") == (0, "production: ok\nstaging: ok\n", "")

    def test_every_problem_of_every_environment(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DATABASE_PASWORD=hunter2\n")
        (project / "config" / "staging.yaml").write_text("database: {pool_size: 700}\n")
        code, out, _ = run("check", "--all")
        assert code == 1
        assert "production: 1 problem\n" in out
        assert "staging: 2 problems\n" in out
        assert "DATABASE_PASWORD is set: did you mean DATABASE_PASSWORD?" in out
        assert "1 | … 700\n          ^" in out

    def test_unknown_variables_of_env_files_are_notes(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DATABASE_PASSWORD=x\nTYPO=1\n")
        code, out, _ = run("check")
        assert (code, "note: TYPO: names no setting (.env:2)" in out) == (0, True)
        code, _, _ = run("check", "--strict")
        assert code == 1

    def test_of_the_shared_environment_only_near_misses_are(
        self, project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOG_LEVL", "x")
        monkeypatch.setenv("EDITOR", "vi")
        _, out, _ = run("check", "--json")
        (found,) = json.loads(out).values()
        assert [(p["key"], p["hint"]) for p in found["unknown"]] == [
            ("LOG_LEVL", "did you mean LOG_LEVEL?")
        ]


@pytest.mark.usefixtures("project")
class TestSchemaAndExample:
    def test_schema(self, run: Run) -> None:
        code, out, _ = run("schema")
        assert code == 0
        assert json.loads(out)["title"] == "Settings"

    def test_env_example_names_every_variable(self, run: Run) -> None:
        _, out, _ = run("env", "example")
        for name in ("LOG_LEVEL", "DATABASE_PASSWORD", "DATABASE_POOL_SIZE"):
            assert name in out


class TestTarget:
    @pytest.mark.parametrize(
        ("target", "says"),
        [
            ("appsettings", "is not module:Class"),
            ("nowhere:Settings", "nowhere cannot be imported"),
            ("appsettings:Setings", "has no Setings; it has Database, Settings"),
            ("appsettings:REQUIRED", "is not a dataclass"),
        ],
    )
    def test_a_wrong_target_is_wrong_usage(
        self, project: Path, run: Run, target: str, says: str
    ) -> None:
        code, _, err = run("show", "--settings", target)
        assert code == 2
        assert says in err

    def test_no_target_names_the_two_ways(self, project: Path, run: Run) -> None:
        (project / "pyproject.toml").unlink()
        code, _, err = run("show")
        assert code == 2
        assert "--settings package.module:Class" in err

    def test_an_error_in_the_declaration_is_no_traceback(self, project: Path, run: Run) -> None:
        (project / "appsettings.py").write_text(SETTINGS.replace("frozen=True", ""))
        code, _, err = run("show")
        assert code == 1
        assert "is not frozen" in err


@pytest.mark.usefixtures("project")
def test_a_set_without_a_value_is_wrong_usage(run: Run) -> None:
    code, _, err = run("check", "--set", "log_level")
    assert code == 2
    assert "--set takes KEY=VALUE" in err


class TestProgram:
    """The program as the shell runs it."""

    def confkit(self, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "confkit", *words]
        return subprocess.run(program, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]

    def test_help_names_every_command(self) -> None:
        done = self.confkit("--help")
        assert done.returncode == 0
        for command in ("show", "explain", "diff", "check", "schema", "env", "flags"):
            assert f"\n  {command} " in done.stdout

    def test_wrong_usage_is_code_2(self) -> None:
        assert self.confkit("shwo").returncode == 2

    def test_a_reader_that_goes_away_is_no_traceback(self, project: Path) -> None:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "confkit", "show"],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        os.close(write)
        assert done.stderr == ""

    def test_without_click_the_extra_is_named(self) -> None:
        code = "import sys; sys.modules['click'] = None; from confkit.__main__ import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        assert done.stderr == (
            "Error: click is not installed: pip install 'confkit-toolkit[cli]'\n"
        )

    def test_an_interrupt_is_no_traceback(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, project: Path
    ) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("confkit.cli.target.load", interrupted)
        code, _, err = run("show")
        assert code == 130
        assert err.strip() == "Interrupted."
