"""Values of variants: kinds, faults, copies and types."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import InvalidFlag
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.values import Mismatch, as_asked, kind_of, own, value_fault

VARIANTS = {"a": 50, "b": 50}


def rule(**fields):
    return Rule.from_document("theme", {"enabled": True, **fields})


def deep(levels):
    made = {}
    for _ in range(levels):
        made = {"a": made}
    return made


@pytest.mark.parametrize(
    ("value", "kind"),
    [("", "string"), (0, "number"), (1.5, "number"), ({}, "object"), (True, ""), (None, "")],
)
def test_kinds(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    "value",
    [
        True, False, None, [], [1], (1,), b"x", object(), math.nan, math.inf, "\ud800",
        "x" * 10_000,
        {"a": object()}, {"a": {1: 2}}, {1: 2}, {"a": [math.nan]}, {"a": "\ud800"}, deep(2000),
        {"\ud800": 1}, {"a": "x" * 10_000}, {"a": [1] * 10_000},
    ],
    ids=lambda value: f"{type(value).__name__}",
)  # fmt: skip
def test_what_no_variant_can_give_is_refused_by_its_name(value):
    assert value_fault(value)
    with pytest.raises(InvalidFlag) as caught:
        rule(variants=VARIANTS, values={"a": value, "b": value})
    assert {p.key for p in caught.value.problems} == {"values"}
    assert "the value of a" in str(caught.value)


numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
names = st.text("ab.ü", max_size=3)
json = st.recursive(
    st.none() | st.booleans() | numbers | st.text("aé\U0001f600\"'\\\n{}$", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
values = st.one_of(
    st.text("aé'\"\n$", max_size=9),
    numbers,
    st.dictionaries(names, json, max_size=3),
)


@given(values, values)
def test_what_is_taken_comes_out_of_the_document_and_of_decisions(a, b):
    document = {"enabled": True, "variants": VARIANTS, "values": {"a": a, "b": b}}
    if kind_of(a) != kind_of(b):
        with pytest.raises(InvalidFlag, match="of one kind"):
            Rule.from_document("theme", document)
        return
    made = Rule.from_document("theme", document)
    assert Rule.from_document("theme", made.as_document()) == made
    assert made.as_document()["values"] == {"a": a, "b": b}
    for unit in range(20):
        decision = Compiled(made).decide({"user_id": unit}, {})
        assert decision.payload == {"a": a, "b": b}[decision.variant]


@pytest.mark.parametrize(
    ("fields", "key", "text"),
    [
        ({"variants": VARIANTS, "values": {"a": "x"}}, "values", "have none for the variant b"),
        ({"values": {"a": "x"}}, "values", "there is no variant a"),
        ({"variants": {"blue": 100}, "values": {"blue": 1, "bluee": 2}}, "values", "mean blue"),
        ({"variants": VARIANTS, "values": {"a": "x", "b": 1}}, "values", "of one kind"),
        ({"variants": VARIANTS, "off_variant": "a"}, "off_variant", "there is no value of a"),
        ({"values": {"dark": 1}, "off_variant": "drak"}, "off_variant", "mean dark"),
        ({"values": {"a": 1}, "off_variant": "a b"}, "off_variant", "cannot be a variant's name"),
        ({"values": {"a b": 1}, "off_variant": "c"}, "values", "cannot be a variant's name"),
        ({"values": [1]}, "values", "must be a mapping"),
        ({"off_variant": 1}, "off_variant", "must be text"),
    ],
)
def test_variants_and_values_go_together(fields, key, text):
    with pytest.raises(InvalidFlag) as caught:
        rule(**fields)
    assert key in {p.key for p in caught.value.problems}
    assert text in " ".join(f"{p.message} {p.hint}" for p in caught.value.problems)


def test_off_gives_the_value_of_its_variant_and_else_none():
    off = rule(percentage=0, variants={"a": 100}, values={"a": 1, "z": 2}, off_variant="z")
    assert Compiled(off).decide({"user_id": "1"}, {}).payload == 2
    assert Compiled(off).decide({"user_id": "1"}, {}).variant is None
    none = rule(percentage=0, variants={"a": 100}, values={"a": 1})
    assert Compiled(none).decide({"user_id": "1"}, {}).payload is None
    only = rule(enabled=False, values={"z": "x"}, off_variant="z")
    assert Compiled(only).decide({}, {}).payload == "x"


def test_what_a_caller_does_to_a_value_changes_nobody_elses():
    given = {"a": {"list": [1]}}
    made = Compiled(rule(variants={"a": 100}, values=given))
    given["a"]["list"].append(2)
    made.decide({}, {}).payload["list"].append(3)
    made.rule.as_document()["values"]["a"]["list"].append(4)
    assert made.decide({}, {}).payload == {"list": [1]}
    assert own("text") == "text"


@pytest.mark.parametrize(
    ("value", "default", "answer"),
    [
        ("x", "y", "x"), (2, 1, 2), (2, 1.0, 2.0), (2.5, 1.0, 2.5), ({"a": 1}, {}, {"a": 1}),
        ("x", None, "x"), (2, None, 2), ({}, None, {}), (True, False, True),
    ],
)  # fmt: skip
def test_a_value_as_the_type_of_the_default(value, default, answer):
    found = as_asked(value, default)
    assert (found, type(found)) == (answer, type(answer))


@pytest.mark.parametrize(
    ("value", "default"),
    [
        ("x", 1),
        ("x", {}),
        ("x", True),
        (1, "y"),
        (1, True),
        (2.5, 1),
        (2.0, 1),
        ({}, "y"),
        ({}, []),
    ],
)
def test_a_value_of_another_type(value, default):
    with pytest.raises(Mismatch):
        as_asked(value, default)
