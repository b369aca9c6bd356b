"""Flags that the command line forces."""

from __future__ import annotations

import re

import pytest

from pytest_confkit.combination import parse_flag

ON = """
def test_a():
    assert flags.enabled("new-checkout")
"""


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a", ("a", True, False)),
        ("a=on", ("a", True, False)),
        ("a=TRUE", ("a", True, False)),
        ("a=off!", ("a", False, True)),
        ("a!", ("a", True, True)),
        ("theme=dark", ("theme", "dark", False)),
    ],
)
def test_what_an_option_means(text, parsed):
    assert parse_flag(text) == parsed


@pytest.mark.parametrize("text", ["", "=on", "a=", "a=!"])
def test_an_option_that_means_nothing_is_refused(text, run):
    with pytest.raises(ValueError, match="--flag"):
        parse_flag(text)
    result = run(ON, f"--flag={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("option", ["--flag", "--confkit-flag"])
def test_by_name_with_a_line_in_the_header(run, option):
    result = run(ON, option, "new-checkout", option, "theme=dark")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["confkit: flags forced: new-checkout=on, theme=dark"])


def test_from_the_moment_that_modules_are_imported(run):
    body = "seen = flags.enabled('new-checkout')\ndef test_a():\n    assert seen\n"
    run(body, "--flag=new-checkout").assert_outcomes(passed=1)


def test_in_the_ini_file(pytester, run):
    pytester.makeini("[pytest]\naddopts = -p pytest_confkit.plugin\nconfkit_flags = new-checkout\n")
    run(ON).assert_outcomes(passed=1)


MARKED = """
@pytest.mark.override_flags({"new-checkout": True})
def test_a():
    assert flags.enabled("new-checkout") is EXPECTED
"""


def test_a_marker_wins_unless_the_option_insists(run):
    run(MARKED.replace("EXPECTED", "True"), "--flag=new-checkout=off").assert_outcomes(passed=1)
    run(MARKED.replace("EXPECTED", "False"), "--flag=new-checkout=off!").assert_outcomes(passed=1)


def test_a_slip_is_a_usage_error(run):
    result = run(ON, "--flag=new-chekout")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--flag: *did you mean new-checkout?"])


ALL = """
def test_a():
    assert flags.enabled("new-checkout") is STATE
    assert flags.enabled("theme") is STATE

@pytest.mark.override_flags({"theme": "dark"})
def test_b():
    assert flags.variant("theme") == "dark"
"""


@pytest.mark.parametrize("state", ["on", "off"])
def test_all_of_them(run, state):
    result = run(ALL.replace("STATE", str(state == "on")), f"--flags-all={state}")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([f"confkit: flags forced: all others {state}"])


def test_all_but_one(run):
    body = ALL.replace("STATE", "True", 1).replace("STATE", "False", 1)
    run(body, "--flags-all=on", "--flag=theme=off").assert_outcomes(passed=2)


RANDOM = """
@pytest.mark.parametrize("number", range(40))
def test_a(number):
    print("state", number, flags.enabled("new-checkout"), flags.enabled("theme"))
"""


def states(result):
    return re.findall(r"state \d+ \w+ \w+", result.stdout.str())


def test_at_random_with_a_seed_in_the_header(run):
    first = run(RANDOM, "--flags-random", "-s")
    first.assert_outcomes(passed=40)
    seed = re.search(r"at random, --flags-random=(\d+)", first.stdout.str())[1]
    again = run(RANDOM, f"--flags-random={seed}", "-s")
    assert states(first) == states(again)
    other = run(RANDOM, "--flags-random=another", "-s")
    assert states(other) != states(first)
    assert len({line.split(" ", 2)[2] for line in states(other)}) == 4


def test_a_state_at_random_is_the_same_whatever_ran_before(run):
    body = (
        """
KEPT = []
def test_before():
    KEPT.append(Flags(MemoryStore({"a-flag-of-its-own": {"enabled": True}}), background=False))
"""
        + RANDOM
    )
    alone = run(RANDOM, "--flags-random=1", "-s")
    after = run(body, "--flags-random=1", "-s")
    assert states(alone) == states(after)
    assert len(states(alone)) == 40


def test_a_failure_tells_its_combination(run):
    result = run("def test_a():\n    assert not flags.enabled('new-checkout')\n", "--flags-all=on")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*confkit: flags forced*", "new-checkout=on,theme=on"])


def test_an_option_that_another_plugin_has_is_left_to_it(pytester, run):
    pytester.syspathinsert()
    pytester.makepyfile(
        other="def pytest_addoption(parser):\n"
        "    parser.addoption('--flag', action='store_true')\n"
        "    parser.addoption('--flags-all', action='store_true')\n"
    )
    result = run(ON, "-p", "other", "--flag", "--flags-all", "--confkit-flag=new-checkout")
    result.assert_outcomes(passed=1)


def test_a_conftest_that_has_the_option_is_left_alone(pytester, run):
    pytester.makeconftest("def pytest_addoption(parser):\n    parser.addoption('--flag')\n")
    run(ON, "--flag=theirs", "--confkit-flag=new-checkout").assert_outcomes(passed=1)
