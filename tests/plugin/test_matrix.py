"""Combinations of flags: which there are, and one test of each."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_confkit.matrix import combinations, label

AXES = {"a": (False, True), "b": (False, True), "c": ("x", "y", "z")}


def test_full_has_all():
    found = combinations(AXES, "full")
    assert len(found) == len({label(one) for one in found}) == 12


def test_one_off_changes_one_at_a_time():
    assert [label(one) for one in combinations(AXES, "one-off")] == [
        "a=off,b=off,c=x",
        "a=on,b=off,c=x",
        "a=off,b=on,c=x",
        "a=off,b=off,c=y",
        "a=off,b=off,c=z",
    ]


axes = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.sampled_from([(False, True), ("x", "y", "z"), (True,), (False, True, "v")]),
    min_size=1,
    max_size=6,
)


@given(axes)
def test_pairwise_has_every_pair(given_axes):
    found = combinations(given_axes, "pairwise")
    assert len({label(one) for one in found}) == len(found)
    for (a, xs), (b, ys) in itertools.combinations(given_axes.items(), 2):
        for x, y in itertools.product(xs, ys):
            assert any(one[a] == x and one[b] == y for one in found)


def test_pairwise_is_much_less_than_full():
    twenty = {f"flag-{n}": (False, True) for n in range(20)}
    assert len(combinations(twenty, "pairwise")) <= 14


@pytest.mark.parametrize("strategy", ["", "Full", "pairs"])
def test_a_strategy_that_is_none(strategy):
    with pytest.raises(ValueError, match="full, pairwise, one-off"):
        combinations(AXES, strategy)


def test_one_test_of_each_with_readable_ids(run):
    result = run(
        """
@pytest.mark.flag_matrix(["new-checkout", "b"])
def test_a(request):
    ids = f"new-checkout={'on' if flags.enabled('new-checkout') else 'off'},"
    ids += f"b={'on' if flags.enabled('b') else 'off'}"
    assert request.node.name == f"test_a[{ids}]"

@pytest.mark.flag_matrix({"theme": ["dark", "light", False]})
@pytest.mark.parametrize("number", [1, 2])
def test_b(number):
    assert flags.variant("theme") in ("dark", "light", None)

@pytest.mark.flag_matrix(["new-checkout"])
class TestIt:
    @pytest.mark.flag_matrix({"new-checkout": [True], "b": [True, False]})
    def test_nearest(self):
        assert flags.enabled("new-checkout")
""",
        "-v",
    )
    result.assert_outcomes(passed=4 + 6 + 2)
    result.stdout.fnmatch_lines(["*test_a[[]new-checkout=off,b=on[]]*"])


def test_different_strategies_for_one_test_are_refused(run):
    result = run("""
@pytest.mark.flag_matrix(["new-checkout"], strategy="one-off")
class TestIt:
    @pytest.mark.flag_matrix(["b"])
    def test_a(self):
        pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*different strategies: one-off, full*"])


def test_a_call_in_the_test_wins_over_the_matrix_and_the_matrix_over_the_class(run):
    run("""
@pytest.mark.override_flags({"new-checkout": False})
class TestIt:
    @pytest.mark.flag_matrix({"new-checkout": [True]})
    def test_a(self, override_flags):
        assert flags.enabled("new-checkout")
        override_flags({"new-checkout": False})
        assert not flags.enabled("new-checkout")
""").assert_outcomes(passed=1)
