"""Which flag, or pair of flags, makes a test fail."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_confkit.bisection import bisect

FLAGS = [f"flag-{n:02}" for n in range(32)]


@pytest.mark.parametrize("culprit", FLAGS)
def test_one_of_32_in_at_most_six_runs(culprit):
    found = bisect(FLAGS, lambda names: culprit in names)
    assert found.culprits == (culprit,)
    assert found.complete
    assert found.runs <= 6


def test_each_pair_of_32():
    most = 0
    for pair in itertools.combinations(FLAGS, 2):
        found = bisect(FLAGS, lambda names, pair=pair: set(pair) <= set(names))
        assert found.culprits == pair
        assert found.complete
        most = max(most, found.runs)
    assert most <= 13


def test_a_test_that_fails_without_them():
    found = bisect(FLAGS, lambda names: True)
    assert found.culprits == ()
    assert found.runs <= 6


def test_more_than_are_looked_for_are_no_complete_answer():
    needed = set(FLAGS[:5])
    found = bisect(FLAGS, lambda names: needed <= set(names))
    assert not found.complete
    assert set(found.culprits) <= needed


@given(st.integers(1, 40), st.sets(st.integers(0, 39), max_size=3))
def test_what_is_complete_is_enough_and_necessary(count, needed):
    count = max(count, *needed, 0) + 1
    found = bisect(range(count), lambda names: needed <= set(names))
    if found.complete:
        assert set(found.culprits) == needed


MANY = """
NAMES = [f"flag-{n:02}" for n in range(32)]
many = Flags(MemoryStore({name: {"enabled": False} for name in NAMES}), background=False)
RUNS = []

def test_a():
    RUNS.append(1)
    on = {name for name in NAMES if many.enabled(name)}
    assert not CULPRITS <= on

def test_runs():
    print("runs", len(RUNS))
    assert not many.enabled("flag-00") or True
"""


def test_one_culprit(run):
    result = run(MANY.replace("CULPRITS", '{"flag-17"}'), "--flags-all=on", "--flag-bisect", "-rP")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*confkit flag bisect*", "flag-17=on alone makes it fail (*"])
    runs = next(line for line in result.outlines if line.startswith("runs "))
    assert int(runs.split()[1]) <= 7


def test_a_pair(run):
    body = MANY.replace("CULPRITS", '{"flag-03", "flag-30"}')
    result = run(body, "--flags-all=on", "--flag-bisect")
    result.stdout.fnmatch_lines(["flag-03=on,flag-30=on together make it fail (*"])


def test_it_fails_without(run):
    result = run(MANY.replace("CULPRITS", "set()"), "--flags-all=on", "--flag-bisect")
    result.stdout.fnmatch_lines(["It fails with none of the 34 flags forced, too*"])


def test_fixtures_are_set_up_anew_and_the_tests_around_are_as_ever(run):
    result = run(
        """
@pytest.fixture
def fresh():
    made = []
    yield made
    made.append("used")

@pytest.fixture(scope="module")
def module():
    return object()

def test_before(fresh, module):
    assert fresh == []

@pytest.mark.flag_matrix(["new-checkout", "b"])
def test_a(fresh, module):
    assert fresh == []
    assert not flags.enabled("new-checkout")

def test_after(fresh, module):
    assert fresh == [] and not flags.enabled("new-checkout")
""",
        "--flag-bisect",
    )
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(["new-checkout=on alone makes it fail (*"] * 2)


def test_by_name_too(run):
    result = run(
        "def test_a():\n    assert not flags.enabled('new-checkout')\n",
        "--flag=new-checkout",
        "--flag=theme=dark",
        "--flag-bisect",
    )
    result.stdout.fnmatch_lines(["new-checkout=on alone makes it fail (*"])


def test_without_a_combination_nothing_is_run_again(run):
    result = run("def test_a():\n    assert flags.enabled('new-checkout')\n", "--flag-bisect")
    result.assert_outcomes(failed=1)
    assert "bisect ---" not in result.stdout.str()
