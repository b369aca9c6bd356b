"""One flag decided for many ids, equal to deciding each by hand."""

from __future__ import annotations

import pytest

from confkit.analysis.simulation import BINS, moves, simulate
from confkit.flags import Flags, MemoryStore

IDS = [f"user-{n}" for n in range(2_000)]
STORE = {
    "half": {"enabled": True, "percentage": 50, "variants": {"a": 40, "b": 60}},
    "off": {"enabled": False, "percentage": 50},
    "listed": {"enabled": True, "allow": ["user-1", "user-2"]},
    "german": {"enabled": True, "conditions": [{"attribute": "country", "in": ["DE"]}]},
    "needs": {"enabled": True, "prerequisites": {"off": True}},
}


@pytest.fixture
def flags():
    with Flags(MemoryStore(STORE), background=False) as made:
        yield made


@pytest.mark.parametrize("name", STORE)
def test_the_counts_are_those_of_single_decisions(flags, name):
    view = flags.view.flags
    found = simulate(view[name], IDS, view)
    decisions = [flags.decide(name, one) for one in IDS]
    assert found.ids == sum(found.bins) == len(IDS)
    assert found.on == sum(found.bins_on) == sum(d.value for d in decisions)
    assert found.share == 100 * found.on / len(IDS)
    assert found.reasons.total() == len(IDS)
    for reason in {d.reason for d in decisions}:
        assert found.reasons[reason.value] == sum(d.reason is reason for d in decisions)
    assert found.variants.total() == sum(d.variant is not None and d.value for d in decisions)


def test_attributes_are_those_of_all_ids(flags):
    view = flags.view.flags
    assert simulate(view["german"], IDS, view).on == 0
    assert simulate(view["german"], IDS, view, {"country": "DE"}).on == len(IDS)


def test_no_ids_are_no_division_by_zero(flags):
    view = flags.view.flags
    found = simulate(view["half"], [], view)
    assert (found.ids, found.share) == (0, 0.0)
    assert found.as_dict()["bins"] == [{"from": 5 * n, "ids": 0, "on": 0} for n in range(BINS)]


def test_who_enters_and_leaves_is_who_answers_differently(flags):
    old = flags.view.flags["half"]
    flags.set("half", percentage=80)
    new = flags.view.flags["half"]
    view = flags.view.flags
    up, down = moves(old, new, IDS, view), moves(new, old, IDS, view)
    was, will = ([flag.decide({"user_id": i}, view).value for i in IDS] for flag in (old, new))
    entered = sum(after and not before for before, after in zip(was, will, strict=True))
    assert (up.ids, up.entering, up.leaving) == (len(IDS), entered, 0)
    assert (down.entering, down.leaving) == (0, entered)
    assert not up.barred


def test_whom_no_percentage_lets_in_is_counted_by_reason(flags):
    view = flags.view.flags
    found = moves(view["german"], view["german"], IDS, view)
    assert list(found.barred.values()) == [len(IDS)]
