"""Declarations, names and rules as data."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from enum import Enum, StrEnum

import pytest

from confkit.errors import InvalidFlag
from confkit.flags.rules import model
from confkit.flags.rules.model import Flag, Rule, declared, name_of
from confkit.flags.rules.rollout import Rollout

FULL = {
    "enabled": True,
    "deny": ["13"],
    "allow": ["42", "43"],
    "percentage": 12.5,
    "salt": "spring",
    "unit": "account_id",
    "variants": {"a": 50, "b": 50},
    "values": {"a": {"x": [1, None]}, "b": {}, "c": {"y": 2.5}},
    "off_variant": "c",
    "conditions": [{"attribute": "country", "in": ["DE"]}, {"attribute": "age", "min": 18}],
    "prerequisites": {"other": True, "third": "b"},
    "schedule": [{"at": "2026-01-01T00:00:00+00:00", "percentage": 50}],
    "owner": "payments",
    "description": "text",
    "expires": "2026-12-31",
}


def test_a_document_becomes_a_rule_and_a_document_again():
    rule = Rule.from_document("x", FULL)
    assert rule.as_document() == FULL
    assert Rule.from_document("x", rule.as_document()) == rule
    assert hash(rule) == hash(Rule.from_document("x", FULL))
    assert pickle.loads(pickle.dumps(rule)) == rule


def test_defaults_are_left_out():
    assert Rule.from_document("x", {"enabled": False, "unit": "user_id"}).as_document() == {
        "enabled": False
    }


def test_native_values_are_made_plain():
    rule = Rule.from_document(
        "x",
        {
            "enabled": True,
            "allow": [42],
            "expires": datetime(2026, 12, 31, 8, tzinfo=UTC),
            "percentage": 25.0,
            "prerequisites": ["a"],
            "schedule": [{"at": datetime(2026, 1, 1), "percentage": 1.0}],
        },
    )
    assert rule.as_document() == {
        "enabled": True,
        "allow": ["42"],
        "percentage": 25,
        "prerequisites": {"a": True},
        "schedule": [{"at": "2026-01-01T00:00:00+00:00", "percentage": 1}],
        "expires": "2026-12-31",
    }


def test_the_rollout_of_a_rule():
    assert Rule("x", True).rollout is None
    assert Rule("x", True, percentage=5).rollout == Rollout(5, "x", "user_id", "md5-32")
    assert Rule("x", True, percentage=5, salt="s").rollout.salt == "s"


class Text(StrEnum):
    A = "a"


class Plain(Enum):
    B = "b"
    C = Flag("c")
    D = 4


class Holder:
    E = Flag("e", default=True)
    not_a_flag = "f"


class Child(Holder):
    G = Flag("g")


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        ("a", "a"), (Text.A, "a"), (Plain.B, "b"), (Plain.C, "c"), (Holder.E, "e"),
        (Plain.D, "<int>"), (None, "<NoneType>"), ([], "<list>"), (Plain, "<EnumType>"),
    ],
)  # fmt: skip
def test_what_a_question_may_name(flag, name):
    assert name_of(flag) == name


def test_declarations_are_found_wherever_they_stand():
    found = [flag.name for flag in declared(Text, [Plain.B, Plain.C], Child, "h", Flag("i"))]
    assert found == ["a", "b", "c", "e", "g", "h", "i"]


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a/b", "a\n", "x" * 200, ".a", "é", None, 5])
def test_what_cannot_be_a_name(name):
    with pytest.raises(InvalidFlag, match="name: must be 1 to 128"):
        Flag(name)


def test_a_declaration_is_checked():
    with pytest.raises(InvalidFlag, match="on_stale"):
        Flag("a", on_stale="maybe")
    assert str(Flag("a")) == "a"


def test_times_and_dates():
    assert model.instant("2026-01-01T08:00+02:00").utcoffset().seconds == 7200
    assert model.day(date(2026, 1, 1)) == model.day("2026-01-01")
