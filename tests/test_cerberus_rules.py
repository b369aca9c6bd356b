"""Cerberus, made strict: a rule that cannot judge a value is broken, not passed over."""

from __future__ import annotations

import pytest

from confkit import SchemaError
from confkit.cerberus_rules import Broken, broken, flag_validator, validator


@pytest.mark.parametrize(
    ("rules", "value", "rule"),
    [
        ({"min": 1}, "text", "min"),
        ({"max": 1}, None, "nullable"),
        ({"max": "a"}, 5, "max"),
        ({"minlength": 1}, 5, "minlength"),
        ({"maxlength": 1}, 5, "maxlength"),
        ({"regex": "a"}, 5, "regex"),
        ({"min": 3}, 2, "min"),
        ({"anyof": [{"min": 3}, {"max": 1}]}, 2, "anyof"),
    ],
)
def test_what_a_rule_cannot_judge_breaks_it(rules, value, rule):
    (one,) = broken(validator({"x": rules}), {"x": value})
    assert (one.path, one.rule) == (("x",), rule)


def test_the_place_inside_a_collection_is_given():
    judge = validator({"x": {"type": "list", "schema": {"min": 1}}})
    assert broken(judge, {"x": [1, 0]}) == [Broken(("x", 1), "min", 1, "")]
    assert broken(judge, {"x": [1], "further": 5}) == []


def test_the_words_of_a_checker_come_along():
    judge = validator({"x": {"check_with": lambda field, _value, error: error(field, "no")}})
    assert broken(judge, {"x": 1}) == [Broken(("x",), "check_with", None, "no")]


def test_rules_that_do_not_exist_are_a_schema_error():
    with pytest.raises(SchemaError, match="does not take"):
        validator({"x": {"minn": 1}})


def test_the_rule_of_a_flag_may_be_a_mapping_of_any_kind():
    from types import MappingProxyType

    judge = flag_validator({"x": {"type": "mapping"}})
    assert judge.validate({"x": MappingProxyType({})})
    assert not judge.validate({"x": 1})
