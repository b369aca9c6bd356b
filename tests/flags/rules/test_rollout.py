"""The bucket: the same bits everywhere, uniform, independent, and nobody lost on a ramp."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.bucket import (
    bytes_threshold,
    digest,
)
from confkit.flags.rules.rollout import (
    Rollout,
    Variant,
    cuts,
    digest_and_bucket,
    variant_of,
    within,
)

percentages = st.integers(0, 100_000).map(lambda n: n / 1000)
ids = st.text(st.characters(codec="utf-8"), max_size=50)


def test_two_flags_at_fifty_per_cent_share_a_quarter():
    bound = bytes_threshold(50)
    both = sum(
        digest("one", unit) < bound and digest("two", unit) < bound
        for unit in (f"user-{n}" for n in range(400_000))
    )
    assert both / 400_000 == pytest.approx(0.25, abs=0.003)


def test_variants_are_as_wide_as_their_weights_and_independent_of_the_rollout():
    ends = cuts([Variant("c", 20), Variant("a", 50), Variant("b", 30)])
    bound, inside, all_of_them = bytes_threshold(10), {"a": 0, "b": 0, "c": 0}, 0
    for unit in (f"user-{n}" for n in range(200_000)):
        hashed = digest("s", unit)
        if hashed < bound:
            inside[variant_of(hashed, ends)] += 1
            all_of_them += 1
    for name, weight in (("a", 0.5), ("b", 0.3), ("c", 0.2)):
        assert inside[name] / all_of_them == pytest.approx(weight, abs=0.01)


@given(ids)
def test_variants_do_not_depend_on_their_order(unit):
    variants = [Variant("b", 33.334), Variant("a", 33.333), Variant("c", 33.333)]
    hashed = digest("s", unit)
    found = {variant_of(hashed, cuts(order)) for order in (variants, variants[::-1])}
    assert len(found) == 1
    assert None not in found


def test_the_legacy_scheme_is_the_old_rule_on_a_hundred_thousand_ids():
    for n in range(100_000):
        unit = f"user-{n}"
        old = int(hashlib.md5(unit.encode()).hexdigest(), 16) % 100
        for percentage in (0, 1, 33, 99, 100):
            assert within(Rollout(percentage, "", scheme="legacy-md5-100"), unit) is (
                old < percentage
            )


def test_the_legacy_scheme_has_no_salt():
    one, other = (digest_and_bucket(Rollout(5, s, scheme="legacy-md5-100"), "42") for s in "ab")
    assert one == other
