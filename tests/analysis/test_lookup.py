"""A look-up gives at every percentage what deciding every unit gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import Rule
from confkit.analysis.counting import Counting, at_percentage
from confkit.analysis.lookup import Group, Lookup, Sides
from confkit.analysis.ramp import ramp_of
from confkit.bucket import BUCKETS
from confkit.flags.rules.evaluation import Compiled

IDS = [f"user-{n}" for n in range(400)]
RULES = {
    "plain": {"percentage": 10},
    "variants": {"percentage": 10, "variants": {"a": 30, "b": 70}},
    "lists": {"percentage": 10, "allow": IDS[:30], "deny": IDS[20:60]},
    "salted": {"percentage": 10, "salt": "s"},
    "legacy": {"percentage": 10, "scheme": "legacy-md5-100"},
    "disabled": {"percentage": 10, "enabled": False},
    "allowed": {"allow": IDS[:30]},
    "everybody": {},
    "conditions": {"percentage": 10, "conditions": [{"attribute": "user_id", "suffix": ["7"]}]},
}


def rule(name: str) -> Rule:
    return Rule.from_document("beta", {"enabled": True, **RULES[name]})


@pytest.mark.parametrize("new", RULES)
@pytest.mark.parametrize("old", RULES)
@pytest.mark.parametrize("percentage", [0, 0.001, 10, 33.333, 100])
def test_who_changes_sides_is_what_deciding_each_gives(old, new, percentage):
    counting = Counting(rule(new), Compiled(rule(old)))
    counting.add(IDS)
    found = counting.lookup().sides(percentage)
    wanted = ramp_of(Compiled(rule(old)), Compiled(at_percentage(rule(new), percentage)), IDS)
    assert found == (wanted.stayed, wanted.entered, wanted.left, wanted.out)


@pytest.mark.parametrize("name", ["plain", "lists", "conditions"])
@pytest.mark.parametrize("percentage", [0, 10, 50.5, 100])
def test_another_salt_is_what_deciding_each_gives(name, percentage):
    counting = Counting(rule(name), other_salt="other")
    counting.add(IDS)
    here = at_percentage(rule(name), percentage)
    there = replace(here, salt="other")
    wanted = ramp_of(Compiled(here), Compiled(there), IDS)
    found = counting.lookup().salted(percentage)
    assert found == (wanted.stayed, wanted.entered, wanted.left, wanted.out)


@given(st.floats(0, 100))
def test_the_bins_add_up(percentage):
    counting = LOOKUP
    sides = counting.sides(percentage)
    assert tuple(map(sum, zip(*counting.bins(percentage), strict=True))) == sides
    assert sides.total == counting.total == len(IDS)
    assert sum(counting.variants_on(percentage).values()) == sides.after


def _lookup() -> Lookup:
    document = {"enabled": True, "percentage": 10, "variants": {"a": 50, "b": 50}, "allow": IDS[:9]}
    counting = Counting(Rule.from_document("beta", document), Compiled(rule("plain")))
    counting.add(IDS)
    return counting.lookup()


LOOKUP = _lookup()


def test_what_is_expected_counts_those_whom_no_percentage_moves():
    group = Group([1] * 1000 + [0] * (BUCKETS - 1000), [0] * 99 + [500], [0] * 99 + [500])
    nobody = Group([0] * BUCKETS, [0] * 100, [0] * 100)
    found = Lookup(nobody, group)
    assert found.total == 2000
    assert found.expected(50) == (500 + 500) / 2000
    assert Lookup(nobody, nobody).expected(50) is None
    assert found.salted(50) is None


def test_sides_have_what_was_and_what_is():
    sides = Sides(1, 2, 4, 8)
    assert (sides.before, sides.after, sides.total) == (5, 3, 15)
