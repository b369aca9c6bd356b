"""Rules of Check: their names and operands are settled when the class is read."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from confkit import REQUIRED, Check, Read, SchemaError, Secret
from confkit.schema.reading import read_schema
from confkit.schema.rules import refuse_changing


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


@dataclass(frozen=True)
class Part:
    a: int = 1


def make(annotation: Any) -> type:
    body = {"__annotations__": {"a": annotation}, "a": REQUIRED}
    return dataclass(frozen=True)(type("Made", (), body))


def check(**rules: Any) -> Any:
    return Check(**rules)


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        (int, {"min": 1, "max": 2.5}),
        (Decimal, {"min": 0, "max": Decimal("1.5")}),
        (dt.timedelta, {"max": dt.timedelta(1)}),
        (dt.date, {"min": dt.date(2026, 1, 1)}),
        (str, {"min": "a", "regex": "[a-z]", "allowed": ["a"], "empty": False}),
        (ipaddress.IPv4Address, {"min": ipaddress.IPv4Address("10.0.0.0")}),
        (Level, {"min": 1}),
        (Literal["a", "b"], {"regex": "a", "maxlength": 1}),
        (Color, {"allowed": ["red", Color.RED]}),
        (Secret, {"minlength": 3, "allowed": ["a"]}),
        (Path, {"regex": "/srv/.*", "allowed": [Path("a"), "b"]}),
        (list[int], {"minlength": 1, "contains": [1], "allowed": {1, 2}, "schema": {"min": 1}}),
        (dict[str, int], {"keysrules": {"regex": "a"}, "valuesrules": {"min": 1}}),
        (tuple[int, str], {"items": [{"min": 1}, {"maxlength": 2}]}),
        (int | None, {"min": 1}),
        (int, {"anyof": [{"min": 1}, {"noneof": [{"max": 5}]}]}),
        (int, {"dependencies": "b", "excludes": ["c"]}),
        (Any, {"min": 1, "regex": "a"}),
        (Annotated[complex, Read(complex)], {"check_with": print}),
    ],
)
def test_rules_that_fit(kind, rules):
    read_schema(make(Annotated[kind, check(**rules)]))


@pytest.mark.parametrize(
    ("kind", "rules", "says"),
    [
        (int, {"mim": 1}, "Check(mim=...): there is no rule mim: did you mean min?"),
        (int, {"zzz": 1}, "there is no rule zzz"),
        (int, {"required": True}, "Check(required=...): a field without a default is required"),
        (int, {"coerce": int}, "would change the value"),
        (int, {"nullable": True}, "write int | None"),
        (int, {"max": "100"}, "Check(max='100'): a number is expected, not str"),
        (int, {"max": True}, "a number is expected, not bool"),
        (int, {"minlength": 1}, "int has no length"),
        (int, {"regex": "a"}, "a pattern judges text, and int is none"),
        (int, {"allowed": ["1"]}, "'1' is no value of int"),
        (int, {"empty": False}, "int is never empty"),
        (int, {"contains": 1}, "int contains nothing"),
        (int, {"schema": {"min": 1}}, "schema judges a list, and this is int"),
        (int, {"items": []}, "int has no fixed places"),
        (int, {"anyof": [{"minlength": 1}]}, "minlength=1: int has no length"),
        (int, {"anyof": [{"mim": 1}]}, "there is no rule mim"),
        (int, {"anyof": {"min": 1}}, "a list of rules is expected"),
        (int, {"check_with": "name"}, "a function is expected"),
        (int, {"dependencies": 5}, "names of fields are expected"),
        (str, {"max": 5}, "a str is expected, not int"),
        (str, {"minlength": "1"}, "a length is a whole number"),
        (str, {"minlength": -1}, "a length is a whole number"),
        (str, {"regex": "("}, "is no regular expression"),
        (str, {"regex": 5}, "a pattern is text"),
        (str, {"allowed": "abc"}, "a list of values is expected"),
        (str, {"empty": "no"}, "empty is True or False"),
        (dt.timedelta, {"min": 1}, "a timedelta is expected, not int"),
        (dt.date, {"min": dt.datetime(2026, 1, 1)}, "a date is expected, not datetime"),
        (bool, {"min": 0}, "bool has no order"),
        (Color, {"allowed": ["blue"]}, "'blue' is no value of Color"),
        (Color, {"min": 1}, "Color has no order"),
        (list[int], {"min": 1}, "to judge the items, mark their type"),
        (list[int], {"schema": {"minlength": 1}}, "int has no length"),
        (list[int], {"schema": 5}, "a mapping of rules is expected"),
        (list[int], {"allowed": ["a"]}, "'a' is no value of int"),
        (list[Annotated[int, Check(excludes="b")]], {}, "compares fields"),
        (dict[str, int], {"valuesrules": {"regex": "a"}}, "a pattern judges text"),
        (tuple[int, str], {"items": [{"min": 1}]}, "2 mappings of rules are expected"),
        (int | str, {"min": 1}, "a str is expected, not int; mark the member that it fits"),
        (list[Annotated[int, check(mim=1)]], {}, "there is no rule mim"),
        (Part, {"check_with": print}, "mark the fields of Part"),
        (list[Part], {"schema": {"check_with": print}}, "mark the fields of Part"),
    ],
)
def test_rules_that_do_not_fit_name_the_class_and_the_field(kind, rules, says):
    with pytest.raises(SchemaError) as caught:
        read_schema(make(Annotated[kind, check(**rules)]))
    assert str(caught.value).startswith("Made.a: ")
    assert says in str(caught.value)


def test_a_whole_schema_may_have_all_rules_but_those_that_change_values():
    refuse_changing({"a": {"type": "integer", "required": True, "anyof_type": ["integer"]}})
    with pytest.raises(SchemaError, match=r"a\.b: the rule 'default'"):
        refuse_changing({"a": {"schema": {"b": {"default": 1}}}})
    with pytest.raises(SchemaError, match="a: there is no rule requird: did you mean required"):
        refuse_changing({"a": {"requird": True}})
