"""``confkit show``, ``explain``, ``diff``, ``check`` and ``schema``, and the program itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("project")
class TestShow:
    def test_prints_value_and_origin_of_every_key(self, run: Run) -> None:
        code, out, _ = run("show")
        assert code == 0
        rows = [line.split(maxsplit=2) for line in out.splitlines()]
        assert ["database.pool_size", "10", "config.yaml:2:14"] in rows
        assert ["database.password", "***", ".env:1"] in rows

    def test_a_root_without_files_is_a_warning(self, project: Path, run: Run) -> None:
        (project / "empty").mkdir()
        code, out, err = run("show", "--root", "empty", "--set", "database.password=x")
        assert (code, "database.pool_size" in out) == (0, True)
        assert err.startswith("warning: no configuration file was found in empty; name the dir")
        code, _, err = run("show", "--root", "empty")
        assert code == 1
        assert "no configuration file was found in empty" in err

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
        assert code == 1
        assert "database.pool_size  (broken)" in out
        assert "log_level           INFO" in out
        assert "database.pool_size: must be at most 100 (700, --set database.pool_size" in err
        assert "did you mean log_level?" in err

    def test_problems_as_json(self, run: Run) -> None:
        code, out, _ = run("show", "--json", "--set", "database.pool_size=x")
        assert code == 1
        assert [p["code"] for p in json.loads(out)["problems"]] == ["type"]


@pytest.mark.usefixtures("project")
class TestExplain:
    def test_a_broken_key_is_explained_and_so_are_the_others(self, run: Run) -> None:
        code, out, _ = run("explain", "database.pool_size", "--set", "database.pool_size=x")
        assert code == 1
        assert "database.pool_size = (broken)" in out
        assert "problem: database.pool_size: is not an integer" in out
        code, out, _ = run("explain", "log_level", "--set", "database.pool_size=x", "--json")
        assert code == 0
        assert json.loads(out)["value"] == "INFO"

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (("explain", "log_levle"), "usage"),
            (("show", "--settings", "appsettings:Nothing"), "usage"),
            (("show", "--settings", "raising:Settings"), "usage"),
            (("show", "--settings", "wrong:Settings"), "schema"),
            (("diff", "x", "production"), "usage"),
        ],
    )
    def test_errors_are_json_where_json_is_asked_for(
        self, run: Run, project: Path, words: tuple[str, ...], code: str
    ) -> None:
        (project / "raising.py").write_text("raise RuntimeError('no')")
        (project / "wrong.py").write_text(
            "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    a: int = 1\n"
        )
        status, out, err = run(*words, "--json")
        assert (status, err) == (2, "")
        assert json.loads(out)["error"]["code"] == code

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
        assert code == 2
        assert "did you mean production?" in err

    def test_a_misspelt_environment_is_no_equal_one_where_no_environment_has_a_file(
        self, project: Path, run: Run
    ) -> None:
        for name in ("production", "staging"):
            (project / "config" / f"{name}.yaml").unlink()
        code, out, err = run("diff", "development", "prodution")
        assert (code, out) == (2, "")
        assert "no file is named after the environment prodution; there are development" in err

    def test_a_broken_key_is_marked_and_the_others_are_compared(
        self, project: Path, run: Run
    ) -> None:
        (project / "config" / "staging.yaml").write_text("database: {pool_size: x}\nlog_level: W")
        code, out, err = run("diff", "production", "staging", "--json")
        found = json.loads(out)
        assert code == 1
        assert {d["key"]: d["kind"] for d in found["differences"]} == {
            "log_level": "changed",
            "database.pool_size": "broken",
        }
        assert found["problems"]["staging"][0]["code"] == "type"
        assert err == ""


class TestCheck:
    def test_ok(self, project: Path, run: Run) -> None:
        assert run("check", "--all") == (0, "development: ok\nproduction: ok\nstaging: ok\n", "")

    def test_all_is_also_the_default_environment(self, project: Path, run: Run) -> None:
        for name in ("production", "staging"):
            (project / "config" / f"{name}.yaml").unlink()
        (project / "config.yaml").write_text("database: {pool_size: [")
        code, out, _ = run("check", "--all")
        assert code == 1
        assert out.startswith("development: 1 problem")

    def test_a_directory_without_files_is_a_problem(
        self, project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (project / "empty").mkdir()
        monkeypatch.setenv("DATABASE_PASSWORD", "x")
        code, out, _ = run("check", "--root", "empty")
        assert code == 1
        assert "no configuration file was found in empty" in out
        assert "--root" in out

    def test_json_names_the_environment(self, project: Path, run: Run) -> None:
        _, out, _ = run("check", "--json")
        assert list(json.loads(out)) == ["development"]

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
        settings = project / "appsettings.py"
        settings.write_text(settings.read_text().replace("frozen=True", ""))
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

    @pytest.mark.parametrize("library", ["click", "rich"])
    def test_without_a_library_the_extra_is_named(self, library: str) -> None:
        code = f"""
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name == {library!r}:
            raise ModuleNotFoundError(name=name)

import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *p: None if name == {library!r} else found(name, *p)
sys.meta_path.insert(0, Without())
from confkit.__main__ import main
main()
"""
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        assert done.stderr == (
            f"Error: {library} is not installed: pip install 'confkit-toolkit[cli]'\n"
        )

    def test_an_interrupt_is_no_traceback(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, project: Path
    ) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("confkit.cli.target.resolve", interrupted)
        code, _, err = run("show")
        assert code == 130
        assert err.strip() == "Interrupted."
