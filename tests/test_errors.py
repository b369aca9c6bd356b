"""One error names every problem, for people and for machines."""

from __future__ import annotations

import json
import pickle

import pytest

import confkit
from confkit import InvalidConfig, InvalidSource, MissingExtra, Origin, Problem

FILE = Origin("file", "config.yaml", 3, 14)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("SchemaError", TypeError),
        ("InvalidSource", ValueError),
        ("InvalidConfig", ValueError),
        ("UnknownKey", LookupError),
        ("MissingExtra", ImportError),
        ("SecretError", Exception),
    ],
)
def test_every_error_is_one_of_ours_and_a_builtin_one(name, builtin):
    error = getattr(confkit, name)
    assert issubclass(error, confkit.ConfkitError)
    assert issubclass(error, builtin)


def test_a_missing_extra_has_the_line_that_installs_it():
    error = MissingExtra("redis", "redis")
    assert str(error) == "redis is not installed: pip install 'confkit-toolkit[redis]'"
    assert error.name == "redis"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("db.size", "is not an integer", FILE, "write 5", value="many"),
            "db.size: is not an integer (many, config.yaml:3:14) write 5",
        ),
        (Problem("db.size", "is required", None, "set it"), "db.size: is required; set it"),
        (Problem("", "is no file"), "is no file"),
        (Problem("k", "is wrong", FILE), "k: is wrong (config.yaml:3:14)"),
    ],
)
def test_a_problem_in_one_line(problem, text):
    assert str(problem) == text


def test_nothing_in_a_problem_forges_a_line():
    problem = Problem("a\nb", "is\x1b[31m wrong", FILE, "did you mean \u202ec?", value="x\r")
    assert str(problem).isprintable()


def test_a_problem_for_machines_is_plain_json():
    problem = Problem("k", "is wrong", FILE, "mend it", "type", "v", others=(Origin("env", "K"),))
    assert json.loads(json.dumps(problem.as_dict())) == {
        "key": "k",
        "code": "type",
        "message": "is wrong",
        "value": "v",
        "origin": "config.yaml:3:14",
        "file": "config.yaml",
        "line": 3,
        "column": 14,
        "hint": "mend it",
        "also_set_by": ["env K"],
    }
    assert Problem("k", "is missing").as_dict()["origin"] is None


def test_problems_are_sorted_by_origin_and_lines_as_numbers():
    problems = [
        Problem("e", "5", Origin("file", "b.yaml", 1)),
        Problem("d", "4", Origin("file", "a.yaml", 10, 2)),
        Problem("c", "3", Origin("file", "a.yaml", 9, 30)),
        Problem("b", "2", Origin("file", "a.yaml", 9, 4)),
        Problem("a", "1"),
    ]
    assert [p.message for p in InvalidConfig("S", problems)] == ["1", "2", "3", "4", "5"]


def test_the_report_has_every_problem_its_caret_line_and_what_else_sets_the_key():
    problem = Problem(
        "k", "is wrong", FILE, excerpt="3 | k: v\n       ^", others=(Origin("env", "K"),)
    )
    assert str(InvalidConfig("Settings", [problem, Problem("m", "is missing")])) == (
        "Settings: 2 problems\n"
        "  m: is missing\n"
        "  k: is wrong (config.yaml:3:14)\n"
        "    3 | k: v\n"
        "           ^\n"
        "    also set by: env K"
    )
    assert str(InvalidConfig("Settings", [problem])).startswith("Settings: 1 problem\n")


@pytest.mark.parametrize("error", [InvalidConfig, InvalidSource])
def test_errors_travel_between_processes(error):
    problems = (Problem("k", "is wrong", FILE),)
    made = error("S", problems) if error is InvalidConfig else error(problems)
    copy = pickle.loads(pickle.dumps(made))
    assert copy.problems == problems
    assert str(copy) == str(made)
