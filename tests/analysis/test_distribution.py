"""A population by bucket and by decision: counted as one would by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from confkit.analysis.distribution import bucket_counts, contexts, declared_share, distribution_of
from confkit.bucket import bucket
from confkit.errors import InvalidPopulation
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import (
    Rollout,
    Variant,
    cuts,
    digest_and_bucket,
    variant_of,
    within,
)

IDS = [f"user-{n}" for n in range(5000)]


def flag(name="checkout", **fields):
    return Compiled(Rule.from_document(name, {"enabled": True, **fields}))


@pytest.mark.parametrize("percentage", [0, 0.001, 12.5, 33.333, 99.999, 100])
@pytest.mark.parametrize("scheme", ["md5-32", "legacy-md5-100"])
def test_every_percentage_is_a_look_up(percentage, scheme):
    counts = bucket_counts("salt", IDS, scheme=scheme)
    rollout = Rollout(percentage, "salt", scheme=scheme)
    expected = sum(within(rollout, unit) for unit in IDS)
    assert counts.on(percentage) == expected
    assert counts.share(percentage).part == expected
    assert counts.total == len(IDS)


def test_bins_add_up():
    counts = bucket_counts("salt", IDS)
    places = Counter(bucket("salt", unit) // 1000 for unit in IDS)
    assert counts.bins() == [places[n] for n in range(100)]
    assert sum(counts.bins(7_500 // 3)) == len(IDS)
    assert counts.bins(1) == [5000]
    for bad in (0, 3, 7, 200_000):
        with pytest.raises(ValueError, match="cannot be parted"):
            counts.bins(bad)


def test_missing_ids_have_no_bucket():
    counts = bucket_counts("salt", ["a", None, 42, "42", None])
    assert (counts.total, counts.missing) == (3, 2)
    assert counts.counts[bucket("salt", "42")] == 2
    assert "2 without an id" in counts.headline


def test_nobody():
    counts = bucket_counts("salt", [])
    assert (counts.total, counts.on(50), counts.share(50).value) == (0, 0, None)
    assert counts.to_dict()["uniformity_p"] is None
    assert "no units" in str(counts)


def test_variants_in_the_rollout_at_every_percentage():
    variants = [Variant("a", 20), Variant("b", 80)]
    counts = bucket_counts("salt", IDS, variants=variants)
    for percentage in (0, 10, 55.5, 100):
        expected = Counter(
            variant_of(digest_and_bucket(Rollout(percentage, "salt"), unit)[0], cuts(variants))
            for unit in IDS
            if within(Rollout(percentage, "salt"), unit)
        )
        assert counts.variants_on(percentage) == {"a": expected["a"], "b": expected["b"]}


def test_md5_is_even_and_a_lopsided_population_is_not():
    counts = bucket_counts("salt", IDS)
    assert counts.uniformity().p > 0.001
    low = [unit for unit in IDS if bucket("salt", unit) < 60_000]
    assert bucket_counts("salt", low).uniformity().p < 0.001


@pytest.mark.parametrize("share", [0, 0.0001, 0.25, 0.5, 1])
def test_the_percentage_that_takes_in_a_share(share):
    counts = bucket_counts("salt", IDS)
    found = counts.percentage_of(share)
    assert counts.on(found) >= share * 5000
    assert found == 0 or counts.on(found - 0.001) < share * 5000


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (42.0, "row 1: an id is text or an integer, not float; a column of integers"),
        (True, "row 1: .* not bool"),
        (b"x", "row 1: .* not bytes"),
        ("\ud800", "row 1: .* not text without UTF-8"),
    ],
)
def test_what_is_no_id_is_refused_with_its_row(bad, said):
    with pytest.raises(InvalidPopulation, match=said):
        bucket_counts("salt", ["a", bad])
    with pytest.raises(InvalidPopulation, match=said):
        distribution_of(flag(percentage=5), ["a", bad])


def test_a_distribution_counts_decisions():
    tested = flag(percentage=20, allow=["user-1"], variants={"a": 50, "b": 50})
    found = distribution_of(tested, IDS)
    decisions = [tested.decide({"user_id": unit}, {}) for unit in IDS]
    assert found.total == 5000
    assert found.on == sum(d.value for d in decisions)
    assert found.variants == Counter(d.variant for d in decisions if d.value)
    assert found.reasons == Counter(d.reason.value for d in decisions)
    assert sum(found.bins) == 5000
    assert sum(found.bins_on) == found.on
    assert [sum(x) for x in zip(*found.histogram(4), strict=True)] == [5000, found.on]
    row = found.to_dict()
    assert row["units"] == 5000
    assert [b["from"] for b in row["bins"]] == list(range(0, 100, 5))
    assert "variant a" in str(found)
    assert "<table>" in found._repr_html_()
    with pytest.raises(ValueError, match="cannot be joined"):
        found.histogram(3)


def test_contexts_with_attributes_and_without_an_id():
    tested = flag(percentage=50, conditions=[{"attribute": "country", "in": ["DE"]}])
    people = [{"user_id": unit, "country": "DE" if n % 2 else "FR"} for n, unit in enumerate(IDS)]
    found = distribution_of(tested, [*people, {"country": "DE"}, {}])
    assert (found.missing, found.total) == (2, 5000)
    assert found.reasons["conditions"] == 2500
    assert sum(found.bins) == 5000
    shared = distribution_of(tested, IDS, attributes={"country": "DE"})
    assert shared.on == sum(within(Rollout(50, "checkout"), unit) for unit in IDS)


def test_a_context_overrules_what_all_share():
    found = list(contexts(["a", {"user_id": "b", "x": 2}, None], "user_id", {"x": 1}))
    assert found == [{"user_id": "a", "x": 1}, {"user_id": "b", "x": 2}, {"user_id": None, "x": 1}]


def test_prerequisites_are_answered_by_the_table():
    base = flag("base", percentage=50)
    tested = flag(prerequisites=["base"])
    found = distribution_of(tested, IDS, {"base": base})
    assert found.on == distribution_of(base, IDS).on
    assert distribution_of(tested, IDS).on == 0


@pytest.mark.parametrize(
    ("fields", "share"),
    [
        ({}, 100),
        ({"percentage": 12.5}, 12.5),
        ({"percentage": 0}, 0),
        ({"enabled": False, "percentage": 5}, 0),
        ({"percentage": 5, "allow": ["x"]}, None),
        ({"percentage": 5, "conditions": [{"attribute": "a", "in": ["b"]}]}, None),
        ({"percentage": 5, "prerequisites": ["other"]}, None),
    ],
)
def test_the_declared_share(fields, share):
    assert declared_share(flag(**fields)) == share


def test_the_interval_holds_the_declared_share():
    found = distribution_of(flag(percentage=20), IDS)
    assert found.share.low < 0.2 < found.share.high
    assert "declared 20 %" in found.headline
