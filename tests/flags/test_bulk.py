"""Many flags put into a store at once: planned whole, then written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import FlagConflict, InvalidFlag
from confkit.flags import Flags, MemoryStore
from confkit.flags.bulk import carry_out, plan

ON, OFF = {"enabled": True}, {"enabled": False}
WHO = {"by": "ann", "reason": "import"}
documents = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([ON, OFF]))


def stored(store: MemoryStore) -> dict:
    return {name: flag.document for name, flag in store.read().flags.items()}


@given(documents, documents, st.booleans())
def test_after_the_steps_the_store_has_the_flags(before, wanted, delete):
    store = MemoryStore(before)
    with Flags(store, background=False) as flags:
        steps = plan(flags, wanted, delete=delete)
        carry_out(flags, steps, **WHO)
        assert stored(store) == (wanted if delete else {**before, **wanted})
        flags.refresh()
        assert plan(flags, wanted, delete=delete) == []
    changed = {n for n in {**before, **wanted} if before.get(n) != stored(store).get(n)}
    assert {step.name for step in steps} == changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": ON, "b": {"enabled": 5}},
        {"a": ON, "b": 5},
        {"a": ON, "b": {"enabled": True, "prerequisites": {"nowhere": True}}},
        {"a": {**ON, "prerequisites": ["b"]}, "b": {**ON, "prerequisites": ["a"]}},
    ],
)
def test_one_wrong_document_stops_the_plan(wrong):
    with Flags(MemoryStore({}), background=False) as flags, pytest.raises(InvalidFlag):
        plan(flags, wanted := wrong)
    assert wanted


def test_a_flag_that_is_taken_away_can_be_no_prerequisite():
    store = MemoryStore({"old": ON})
    needs = {"new": {**ON, "prerequisites": ["old"]}}
    with Flags(store, background=False) as flags:
        assert [step.name for step in plan(flags, needs)] == ["new"]
        with pytest.raises(InvalidFlag):
            plan(flags, needs, delete=True)


def test_a_flag_that_somebody_changed_since_is_a_conflict():
    store = MemoryStore({"a": ON})
    with Flags(store, background=False) as flags:
        steps = plan(flags, {"a": OFF})
        store.write("a", {"enabled": True, "owner": "x"}, expect=1, by="", reason="")
        with pytest.raises(FlagConflict):
            carry_out(flags, steps, **WHO)
