"""A plan is applied once and whole, or refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

pytest.importorskip("pyarrow")

from confkit import FlagConflict, Flags, InvalidPlan, MemoryStore, StoreUnavailable
from confkit.analysis.plan import Plan, apply_plan
from confkit.analysis.planning import make_plan
from confkit.analysis.population import synthetic

CHANGES = {
    "one": {"percentage": 20, "owner": None},
    "two": {"enabled": True, "percentage": 5},
    "old": None,
}


@pytest.fixture
def store():
    return MemoryStore(
        {
            "one": {"enabled": True, "percentage": 10, "owner": "ada"},
            "old": {"enabled": True},
            "needs": {"enabled": True, "prerequisites": ["one"]},
            "beside": {"enabled": True},
        }
    )


@pytest.fixture
def flags(store):
    with Flags(store, background=False) as found:
        yield found


def made(flags, **options):
    options = {"author": "ada", "reason": "week two"} | options
    return make_plan(flags, CHANGES, synthetic(500), **options)


def documents(store):
    return {name: stored.document for name, stored in store.read().flags.items()}


def test_a_plan_is_applied_whole_and_recorded(flags, store):
    plan = made(flags)
    done = apply_plan(flags, plan, by="bob")
    assert [change.name for change in done] == ["one", "two", "old"]
    assert documents(store) == {
        "one": {"enabled": True, "percentage": 20},
        "two": {"enabled": True, "percentage": 5},
        "needs": {"enabled": True, "prerequisites": ["one"]},
        "beside": {"enabled": True},
    }
    record = store.history("one")[0]
    assert record.by == "bob"
    assert record.reason == f"plan {plan.hash[:12]} by ada: week two"


def test_a_second_time_is_refused(flags):
    plan = made(flags)
    apply_plan(flags, plan, by="bob")
    with pytest.raises(FlagConflict, match="one is at revision 2, not 1"):
        apply_plan(flags, plan, by="bob")


@pytest.mark.parametrize("name", ["one", "two", "old", "needs"])
def test_a_base_that_has_moved_is_refused_and_nothing_is_written(flags, store, name):
    plan = made(flags)
    store.write(name, {"enabled": True, "percentage": 99}, expect=None, by="eve", reason="")
    before = documents(store)
    with pytest.raises(FlagConflict, match=f"base has moved: {name} is at revision"):
        apply_plan(flags, plan, by="bob")
    assert documents(store) == before


def test_another_flag_may_change(flags, store):
    plan = made(flags)
    store.write("beside", {"enabled": False}, expect=None, by="eve", reason="")
    assert len(apply_plan(flags, plan, by="bob")) == 3


def test_another_content_at_the_same_revision_is_refused(flags):
    """As in a file that was edited by hand."""
    plan = made(flags)
    there = {n: f.document for n, f in flags.view.answer.flags.items()}
    twin = MemoryStore(there | {"one": {"enabled": False}})
    with Flags(twin, background=False) as other, pytest.raises(FlagConflict, match="other content"):
        apply_plan(other, plan, by="bob")


def test_a_plan_in_a_file(flags):
    plan = made(flags, require_approval=True)
    text = json.dumps(plan.to_dict())
    again = Plan.from_dict(json.loads(text))
    assert again.hash == plan.hash
    assert again == plan
    assert str(again) == str(plan)
    for name, value in (("author", "eve"), ("require_approval", False), ("base", {})):
        with pytest.raises(InvalidPlan, match="was changed after it was made"):
            Plan.from_dict(json.loads(text) | {name: value})
    content = json.loads(text)
    content["steps"][0]["new"]["percentage"] = 100
    with pytest.raises(InvalidPlan, match="was changed"):
        Plan.from_dict(content)


@pytest.mark.parametrize("content", [{}, [], None, 5, "x", {"format": 2}, {"format": 1}])
def test_what_is_no_plan(content):
    with pytest.raises(InvalidPlan, match="this is no plan"):
        Plan.from_dict(content)


@pytest.mark.parametrize(
    ("approver", "said"),
    [("", "needs an approval"), ("  ", "needs an approval"), ("Ada ", "somebody else")],
)
def test_an_approval_by_somebody_else(flags, store, approver, said):
    before = documents(store)
    with pytest.raises(InvalidPlan, match=said):
        apply_plan(flags, made(flags, require_approval=True), by="bob", approved_by=approver)
    with pytest.raises(InvalidPlan, match=said):
        apply_plan(flags, made(flags), by="bob", approved_by=approver, require_approval=True)
    assert documents(store) == before
    apply_plan(flags, made(flags, require_approval=True), by="ada", approved_by="grace")
    assert "approved by grace" in store.history("one")[0].reason


def test_what_was_written_is_taken_back_when_a_later_step_fails(flags, store, monkeypatch):
    plan, before = made(flags), documents(store)
    write = store.write

    def failing(name, document, **options):
        if name == "old":
            raise StoreUnavailable("gone")
        return write(name, document, **options)

    monkeypatch.setattr(store, "write", failing)
    with pytest.raises(StoreUnavailable):
        apply_plan(flags, plan, by="bob")
    assert documents(store) == before


def test_what_cannot_be_taken_back_is_named(flags, store, monkeypatch):
    plan, write, count = made(flags), store.write, 0

    def failing(name, document, **options):
        nonlocal count
        count += 1
        if count > 1:
            raise StoreUnavailable("gone")
        return write(name, document, **options)

    monkeypatch.setattr(store, "write", failing)
    with pytest.raises(StoreUnavailable) as caught:
        apply_plan(flags, plan, by="bob")
    assert caught.value.__notes__ == ["one stays changed, at revision 2: gone"]


def test_a_hundred_racing_applies(store):
    """Ten plans on one base, applied ten times each: one plan wins, once and whole."""
    with Flags(store, background=False) as flags:
        plans = [replace(made(flags), reason=f"plan {n}") for n in range(10)]

    def attempt(plan):
        with Flags(store, background=False) as own:
            try:
                return len(apply_plan(own, plan, by="bob"))
            except FlagConflict:
                return 0

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(attempt, plans * 10))
    assert sorted(results) == [0] * 99 + [3]
    assert [record.revision for record in store.history("one")] == [2, 1]
