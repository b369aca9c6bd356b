"""Counting columns gives what counting one by one gives."""

from __future__ import annotations

import pytest

from confkit import Rule
from confkit.analysis.counting import Counting
from confkit.flags.rules.evaluation import Compiled

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from confkit.analysis.counting_columns import ColumnCounting

IDS = [f"user-{n}" for n in range(500)]
COUNTRIES = [("DE", "FR", None)[n % 3] for n in range(500)]
DOCUMENTS = {
    "plain": {"percentage": 10},
    "variants": {"percentage": 10, "variants": {"a": 30, "b": 70}},
    "one-variant": {"percentage": 10, "variants": {"a": 100}},
    "lists": {"percentage": 10, "allow": IDS[:30], "deny": IDS[20:60], "variants": {"a": 100}},
    "conditions": {"percentage": 10, "conditions": [{"attribute": "country", "in": ["DE"]}]},
    "legacy": {"percentage": 10, "scheme": "legacy-md5-100"},
    "prerequisite": {"percentage": 10, "prerequisites": {"needed": True}},
}
TABLE = {"needed": Compiled(Rule.from_document("needed", {"enabled": True, "percentage": 50}))}


@pytest.mark.parametrize("old", ["plain", "lists", "conditions"])
@pytest.mark.parametrize("new", DOCUMENTS)
def test_columns_give_the_same_as_contexts(old, new):
    rules = [Rule.from_document("beta", {"enabled": True, **DOCUMENTS[n]}) for n in (new, old)]
    arguments = (rules[0], Compiled(rules[1]))
    one = Counting(*arguments, other_salt="x", table=TABLE)
    other = ColumnCounting(*arguments, other_salt="x", table=TABLE)
    ids: list[str | None] = [*IDS[:-1], None]
    one.add({"user_id": u, "country": c} for u, c in zip(ids, COUNTRIES, strict=True))
    for part in (slice(0, 100), slice(100, None)):
        other.add({"user_id": ids[part], "country": COUNTRIES[part]})
    mine, theirs = one.lookup(), other.lookup()
    assert (mine.total, mine.missing) == (theirs.total, theirs.missing) == (499, 1)
    for percentage in (0, 10, 33.333, 100):
        assert mine.bins(percentage) == theirs.bins(percentage)
        assert mine.salted(percentage) == theirs.salted(percentage)
        assert mine.variants_on(percentage) == theirs.variants_on(percentage)


def test_what_nobody_gave_is_assumed_and_named():
    rule = Rule.from_document("beta", {"enabled": True, **DOCUMENTS["conditions"]})
    counting = ColumnCounting(rule, assume=True)
    counting.add({"user_id": IDS})
    assert counting.lookup().assumed == ("country",)
    assert counting.lookup().sides(100).after == len(IDS)
