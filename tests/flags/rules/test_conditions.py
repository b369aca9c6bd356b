"""Conditions on attributes: what passes, what fails, and that nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.flags.rules.conditions import OPERATORS, Condition, comparators, semver


@pytest.mark.parametrize(
    ("operator", "operand", "value", "holds"),
    [
        ("in", ["DE", "AT"], "DE", True),
        ("in", ["DE", "AT"], "de", False),
        ("in", ["DE"], None, False),
        ("in", ["42"], 42, True),
        ("in", [42], "42", True),
        ("in", [42], 42.0, True),
        ("in", [1.5], "1.5", True),
        ("in", [True], True, True),
        ("in", [True], "true", False),
        ("in", [1], True, False),
        ("in", ["staff"], ["beta", "staff"], True),
        ("in", ["staff"], set(), False),
        ("in", ["nan"], float("nan"), False),
        ("in", ["x"], b"x", False),
        ("not_in", ["DE"], "FR", True),
        ("not_in", ["DE"], "DE", False),
        ("not_in", ["DE"], None, False),
        ("not_in", ["DE"], ["FR", "DE"], False),
        ("not_in", ["DE"], ["FR", "IT"], True),
        ("not_in", ["DE"], object(), False),
        ("prefix", "partner-", "partner-ada", True),
        ("prefix", ["a-", "b-"], "b-1", True),
        ("prefix", "1", 12, False),
        ("suffix", "@example.org", "a@example.org", True),
        ("suffix", "@example.org", None, False),
        ("min", 18, 18, True),
        ("min", 18, 17.9, False),
        ("min", 18, "18", True),
        ("min", 18, "x", False),
        ("min", 0, True, False),
        ("min", 0, float("nan"), False),
        ("max", 18, 18, True),
        ("above", 18, 18, False),
        ("below", 18, 17, True),
        ("semver", ">=2.3.0, <3", "2.10.0", True),
        ("semver", ">=2.3.0, <3", "3.0.0", False),
        ("semver", ">= 2.3.0 < 3", "2.3", True),
        ("semver", ">=2.3.0", "2.3.0-rc.1", False),
        ("semver", ">2.3.0-rc.1", "2.3.0", True),
        ("semver", "2.3.0", "v2.3.0+build.5", True),
        ("semver", ">=2", "not a version", False),
        ("semver", ">=2", 2, False),
    ],
)
def test_operators(operator, operand, value, holds):
    _, test = Condition.from_document({"attribute": "x", operator: operand}).compiled()
    assert test(value) is holds


def test_the_order_of_semantic_versions():
    """The example of the specification, and numbers that text would sort wrongly."""
    order = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2",
    ]  # fmt: skip
    versions = [semver(text) for text in order]
    assert None not in versions
    assert sorted(versions) == versions


@pytest.mark.parametrize(
    "text", ["", "01.2.3", "1.2.3.4", "1.0.0-01", "1.0.0-", "a", "1" * 300, None]
)
def test_what_is_no_version(text):
    assert semver(text) is None


@pytest.mark.parametrize("text", ["", ">=", ">=x", "~1.2", "1.2 || 2", 3, None])
def test_what_is_no_range(text):
    assert comparators(text) is None


def test_several_tests_of_one_condition_all_hold():
    condition = Condition.from_document({"attribute": "age", "min": 18, "below": 65})
    _, test = condition.compiled()
    assert [test(age) for age in (17, 18, 64, 65)] == [False, True, True, False]
    assert str(condition) == "age min 18 and below 65"
    assert condition.as_document() == {"attribute": "age", "min": 18, "below": 65}


OPERANDS = {"in": ["a"], "not_in": ["a"], "prefix": "a", "suffix": "a", "semver": ">1"}
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(),
    st.complex_numbers(), st.lists(st.one_of(st.none(), st.text(), st.floats())),
    st.dictionaries(st.text(), st.text()), st.just(10**400), st.just("\ud800"),
)  # fmt: skip


@given(st.sampled_from(sorted(OPERATORS)), anything)
def test_no_value_raises(operator, value):
    assert OPERATORS[operator](OPERANDS.get(operator, 1))(value) in (True, False)


@pytest.mark.parametrize(
    "text", ["inf", "-inf", "nan", "1_000", "\u0661\u0662", " 5", "5 ", "0x10", ""]
)
def test_text_that_python_alone_takes_for_a_number_is_none(text):
    assert not OPERATORS["min"](-1e9)(text)


@pytest.mark.parametrize("text", ["5", "-5", "+5.5", ".5", "5.", "1e3", "1E-3"])
def test_text_that_is_a_number_is_compared_as_one(text):
    assert OPERATORS["min"](-1e9)(text)
