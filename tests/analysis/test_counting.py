"""Counting in pure Python: the short way of a plain rollout and the long way agree."""

from __future__ import annotations

import pytest

import confkit
from confkit import Rule
from confkit.analysis.counting import Counting
from confkit.flags.rules.evaluation import Compiled

IDS = [f"user-{n}" for n in range(300)]


def beta(**document: object) -> Rule:
    return Rule.from_document("beta", {"enabled": True, "percentage": 25, **document})


def test_the_short_way_is_the_long_one():
    plain = beta(variants={"a": 50, "b": 50})
    short = Counting(plain, Compiled(plain), other_salt="x")
    # A deny-list that nobody is on makes every unit be decided.
    long = Counting(beta(variants={"a": 50, "b": 50}, deny=["-"]), Compiled(plain), other_salt="x")
    assert short.plain
    assert not long.plain
    for counting in (short, long):
        counting.add(IDS)
    one, other = short.lookup(), long.lookup()
    for percentage in (0, 25, 60.5, 100):
        assert one.sides(percentage) == other.sides(percentage)
        assert one.salted(percentage) == other.salted(percentage)
        assert one.variants_on(percentage) == other.variants_on(percentage)


def test_units_without_an_id_are_missing_and_others_are_refused():
    counting = Counting(beta())
    counting.add(["a", None, {"user_id": None}, {"user_id": 7}])
    assert (counting.lookup().total, counting.lookup().missing) == (2, 2)
    with pytest.raises(confkit.InvalidPopulation, match="row 4"):
        counting.add([4.5])


def test_an_attribute_that_nobody_gave_is_assumed_only_when_asked():
    rule = beta(conditions=[{"attribute": "country", "in": ["DE"]}])
    assumed, strict, given = (
        Counting(rule, assume=True),
        Counting(rule),
        Counting(rule, shared={"country": "FR"}, assume=True),
    )
    for counting in (assumed, strict, given):
        counting.add(IDS)
    assert assumed.lookup().sides(100).after == len(IDS)
    assert assumed.lookup().assumed == ("country",)
    assert strict.lookup().sides(100).after == 0
    assert (given.lookup().sides(100).after, given.lookup().assumed) == (0, ())


def test_a_disabled_rule_is_looked_at_as_if_it_were_enabled():
    counting = Counting(beta(enabled=False), Compiled(beta(enabled=False)))
    counting.add(IDS)
    sides = counting.lookup().sides(100)
    assert (sides.new, sides.on) == (len(IDS), 0)
