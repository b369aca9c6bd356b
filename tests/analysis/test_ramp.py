"""Who changes sides: equal to a comparison of two answers for every unit."""

from __future__ import annotations

import pytest

from confkit.analysis.distribution import bucket_counts
from confkit.analysis.ramp import percentage_ramp, ramp_of
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule

IDS = [f"user-{n}" for n in range(4000)]


def flag(**fields):
    return Compiled(Rule.from_document("checkout", {"enabled": True, **fields}))


@pytest.mark.parametrize(("old", "new"), [(5, 20), (20, 5), (10, 10), (0, 100), (100, 0)])
def test_the_same_salt_moves_one_way_only(old, new):
    found = ramp_of(flag(percentage=old), flag(percentage=new), IDS)
    assert found.left == 0 or found.entered == 0
    assert found.total == len(IDS)
    looked_up = percentage_ramp(bucket_counts("checkout", IDS), old, new)
    assert looked_up.to_dict() == found.to_dict()


def test_another_salt_moves_both_ways():
    """Three quarters of a 25 % rollout lose the feature."""
    found = ramp_of(flag(percentage=25), flag(percentage=25, salt="other"), IDS)
    assert found.left / found.before == pytest.approx(0.75, abs=0.05)
    assert found.entered / found.after == pytest.approx(0.75, abs=0.05)
    assert found.stayed + found.left == found.before


def test_a_ramp_moves_nobody_between_variants_and_other_weights_do():
    half, most = {"a": 50, "b": 50}, {"a": 90, "b": 10}
    up = ramp_of(flag(percentage=5, variants=half), flag(percentage=20, variants=half), IDS)
    assert (up.moved, up.left) == (0, 0)
    weights = ramp_of(flag(percentage=20, variants=half), flag(percentage=20, variants=most), IDS)
    assert weights.moved > 0
    assert "change their variant" in weights.headline


def test_who_is_off_whatever_the_percentage_is_counted_by_why():
    conditions = [{"attribute": "country", "in": ["DE"]}]
    old = flag(percentage=5, conditions=conditions)
    new = flag(percentage=50, conditions=conditions)
    found = ramp_of(old, new, IDS)
    assert (found.entered, sum(found.barred.values())) == (0, len(IDS))
    shared = ramp_of(old, new, IDS, attributes={"country": "DE"})
    assert shared.entered > 0
    assert not shared.barred


def test_texts():
    found = ramp_of(flag(percentage=0), flag(percentage=100), IDS[:10])
    assert found.headline == "checkout: of 10, 10 enter and 0 leave"
    assert "stay off  0      0.000 %" in str(found)
    assert found.to_dict()["enter"] == 10
    empty = ramp_of(flag(), flag(), [])
    assert empty.total == 0
    assert "–" in str(empty)


def test_units_without_an_id_are_in_no_group():
    found = ramp_of(flag(percentage=0), flag(percentage=100), ["a", None])
    assert (found.total, found.entered, found.missing) == (1, 1, 1)
    assert percentage_ramp(bucket_counts("s", ["a", None]), 0, 100).missing == 1
