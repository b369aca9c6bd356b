"""Cerberus rules on typed values, in words that quote none; URLs parsed, not matched."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import cerberus
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confkit import REQUIRED, Check, InvalidConfig, SchemaError, Secret, Values, load
from confkit.cerberus_rules import broken
from confkit.resolution.validation import Checker, judge
from confkit.schema.reading import read_schema
from confkit.schema.shapes import shape_of


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


def make(**annotations: Any) -> type:
    body = {"__annotations__": annotations, **dict.fromkeys(annotations, REQUIRED)}
    return dataclass(frozen=True)(type("Settings", (), body))


def messages(settings: type, values: dict[str, Any], **kwargs: Any) -> list[str]:
    try:
        load(settings, Values(values), **kwargs)
    except InvalidConfig as error:
        return [f"{p.key}: {p.message}" for p in error.problems]
    return []


@pytest.mark.parametrize(
    ("annotation", "bad", "good", "says"),
    [
        (Annotated[int, Check(min=1)], 0, 1, "must be at least 1"),
        (Annotated[int, Check(max=9)], 10, 9, "must be at most 9"),
        (Annotated[str, Check(minlength=3)], "ab", "abc", "must be at least 3 long"),
        (Annotated[list[int], Check(maxlength=1)], [1, 2], [1], "must be at most 1 long"),
        (Annotated[str, Check(allowed=["a", "b"])], "c", "a", "must be one of a, b"),
        (Annotated[str, Check(forbidden=["x"])], "x", "y", "has a value that is not allowed"),
        (Annotated[str, Check(regex="[a-z]+$")], "A", "a", "must match the pattern [a-z]+$"),
        (Annotated[str, Check(empty=False)], "", "x", "must not be empty"),
        (Annotated[Color, Check(allowed=["red"])], "blue", "red", "must be one of red"),
        (Annotated[Path, Check(regex="/srv/.*")], "/tmp/x", "/srv/x", "must match the pattern"),
        (Annotated[Secret, Check(minlength=3)], "ab", "abc", "must be at least 3 long"),
        (Annotated[int, Check(anyof=[{"max": 1}, {"min": 9}])], 5, 9, "breaks the rule 'anyof'"),
        (Annotated[int, Check(noneof=[{"min": 5}])], 5, 4, "breaks the rule 'noneof'"),
        (Annotated[list[int], Check(contains=[1])], [2], [1], "lacks a value that must be"),
        (Annotated[list[int], Check(schema={"min": 1})], [1, 0], [1], "must be at least 1"),
        (Annotated[dict[str, int], Check(valuesrules={"min": 1})], {"a": 0}, {"a": 1}, "at least"),
        (Annotated[int | None, Check(min=1)], 0, None, "must be at least 1"),
    ],
)
def test_rules_by_their_cerberus_names(annotation, bad, good, says):
    settings = make(value=annotation)
    assert messages(settings, {"value": good}) == []
    (message,) = messages(settings, {"value": bad})
    assert says in message


def test_the_place_inside_a_list_is_named():
    settings = make(ports=Annotated[list[int], Check(schema={"min": 1})])
    assert messages(settings, {"ports": [1, 0, -1]}) == [
        "ports[1]: must be at least 1",
        "ports[2]: must be at least 1",
    ]


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Nested:
    pool: Pool = field(default_factory=Pool)
    spare: Pool | None = None
    pools: dict[str, Pool] = field(default_factory=dict)
    listed: list[Pool] = field(default_factory=list)


def test_rules_reach_into_sections_items_and_lists():
    values = {"pool": {"size": 0}, "spare": {"size": 0}, "pools": {"a.b": {"size": 0}}}
    assert messages(Nested, values | {"listed": [{"size": 1}, {"size": 0}]}) == [
        "listed[1].size: must be at least 1",
        "pool.size: must be at least 1",
        'pools."a.b".size: must be at least 1',
        "spare.size: must be at least 1",
    ]


def test_defaults_are_checked_as_well():
    @dataclass(frozen=True)
    class Settings:
        port: Annotated[int, Check(min=1)] = 0

    with pytest.raises(InvalidConfig, match=r"port: must be at least 1 \(0, default Settings.port"):
        load(Settings, Values({}))


def test_rules_that_look_at_other_fields():
    settings = make(
        key=Annotated[str | None, Check(dependencies=["cert"])],
        cert=str | None,
        token=Annotated[str | None, Check(excludes="cert")],
    )
    assert Checker(read_schema(settings)).looks_around
    nothing = {"key": None, "cert": None, "token": None}
    assert messages(settings, nothing) == []
    assert messages(settings, nothing | {"key": "k", "cert": "c"}) == []
    assert messages(settings, nothing | {"key": "k"}) == ["key: needs cert to be set"]
    assert messages(settings, nothing | {"cert": "c", "token": "t"}) == [
        "token: cannot be set beside cert"
    ]


def test_a_whole_schema_stands_beside_the_checks():
    rules = {"pool": {"type": "dict", "schema": {"size": {"max": 3}}}}
    assert messages(Nested, {}, rules=rules) == ["pool.size: must be at most 3"]
    assert messages(Nested, {"pool.size": 0}, rules=rules) == ["pool.size: must be at least 1"]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"pool": {"minn": 1}}, "pool: there is no rule minn: did you mean min?"),
        ({"pool": {"default": 1}}, "pool: the rule 'default': it would change the value"),
        ({"pool": {"coerce": int}}, "pool: the rule 'coerce': it would change the value"),
        (
            {"pool": {"type": "dict", "schema": {"size": {"rename": "x"}}}},
            "pool.size: the rule 'rename': it would change the key",
        ),
    ],
)
def test_rules_that_cannot_be_are_refused(rules, says):
    with pytest.raises(SchemaError) as caught:
        load(Nested, Values({}), rules=rules)
    assert says in str(caught.value)
    with pytest.raises(SchemaError):
        load(make(pool=Annotated[int | None, Check(**rules["pool"])]), Values({}))


def refuse(field: str, value: Any, error: Any) -> None:
    error(field, f"is {value!r}, at https://u:hunter2@h/")


def test_a_checkers_own_words_are_shown_without_passwords_in_them():
    settings = make(name=Annotated[str, Check(check_with=refuse)])
    assert messages(settings, {"name": "x"}) == ["name: is 'x', at https://***:***@h/"]


@pytest.mark.parametrize(
    "annotations",
    [
        {"key": Annotated[Secret, Check(check_with=refuse)]},
        {"password": Annotated[str, Check(check_with=refuse)]},
        {"keys": Annotated[list[Secret], Check(schema={"check_with": refuse})]},
    ],
)
def test_a_checkers_words_about_a_secret_are_not_shown(annotations):
    (name,) = annotations
    value = ["hunter2"] if name == "keys" else "hunter2"
    (message,) = messages(make(**annotations), {name: value})
    assert message.endswith("breaks the rule 'check_with'")


def test_nor_are_they_for_a_list_inside_a_section():
    @dataclass(frozen=True)
    class Section:
        keys: Annotated[list[Secret], Check(schema={"check_with": refuse})]

    settings = make(section=Section)
    (message,) = messages(settings, {"section.keys": ["hunter2"]})
    assert message == "section.keys[0]: breaks the rule 'check_with'"


def test_cerberus_is_not_asked_where_there_are_no_rules():
    checker = Checker(read_schema(make(a=Annotated[int, Check(min=1)])))
    assert checker.check({"a": 1}) == []
    assert not checker.looks_around


NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, -0.5])
WORDS = st.text("ab", max_size=4)
RULES: list[tuple[Any, st.SearchStrategy[Any], dict[str, st.SearchStrategy[Any]]]] = [
    (
        float,
        NUMBERS,
        {
            "min": NUMBERS,
            "max": NUMBERS,
            "allowed": st.lists(NUMBERS),
            "forbidden": st.lists(NUMBERS),
        },
    ),
    (
        str,
        WORDS,
        {
            "min": WORDS,
            "max": WORDS,
            "minlength": st.integers(0, 4),
            "maxlength": st.integers(0, 4),
            "empty": st.booleans(),
            "allowed": st.lists(WORDS),
            "forbidden": st.lists(WORDS),
            "regex": st.sampled_from(["a", "a*", "ab?$", "[ab]+", "a|b"]),
        },
    ),
    (
        list[str],
        st.lists(WORDS, max_size=3),
        {
            "minlength": st.integers(0, 3),
            "maxlength": st.integers(0, 3),
            "empty": st.booleans(),
            "allowed": st.lists(WORDS),
            "forbidden": st.lists(WORDS),
        },
    ),
]


@settings(deadline=None)
@given(st.data(), st.sampled_from(RULES))
def test_plain_rules_hold_exactly_where_they_do_in_cerberus(data, kind):
    annotation, values, operands = kind
    rules = data.draw(st.fixed_dictionaries({}, optional=operands))
    value = data.draw(values)
    mine = judge(shape_of(Annotated[annotation, Check(**rules)])[0], "x")
    found = {fault.code for fault in mine(value)} if mine is not None else set()
    assert found == {one.rule for one in broken(cerberus.Validator({"x": rules}), {"x": value})}
