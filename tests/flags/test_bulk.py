"""Many flags put into a store at once: planned whole, then written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import FlagConflict, InvalidFlag, StoreDoubted
from confkit.flags import Flags, MemoryStore
from confkit.flags.bulk import PartlyWritten, carry_out, plan
from confkit.flags.stores.file import FileStore
from tests.flags.doubles import Distant

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


def test_what_was_written_before_a_failure_is_named_and_the_rest_can_follow():
    store = Distant({"b": ON})
    with Flags(store, background=False) as flags:
        wanted = dict.fromkeys("abc", OFF)
        steps = plan(flags, wanted)
        store.inner.write("b", {**ON, "owner": "x"}, expect=1, by="", reason="")
        with pytest.raises(PartlyWritten, match=r"1 of 3 changes written \(a\)") as caught:
            carry_out(flags, steps, **WHO)
        assert [change.name for change in caught.value.written] == ["a"]
        flags.refresh()
        rest = plan(flags, wanted)
        assert [step.name for step in rest] == ["b", "c"]
        assert len(carry_out(flags, rest, **WHO)) == 2


def test_a_file_takes_a_plan_in_one_step(tmp_path):
    path = tmp_path / "flags.json"
    with Flags(FileStore(path), background=False) as flags:
        made = carry_out(flags, plan(flags, {"a": ON, "b": OFF}), **WHO)
        assert [change.revision for change in made] == [1, 1]
        flags.refresh()
        steps = plan(flags, {"a": OFF, "c": ON})
        flags.store.write("a", {**ON, "owner": "x"}, expect=1, by="", reason="")
        before = path.read_bytes()
        with pytest.raises(FlagConflict):
            carry_out(flags, steps, **WHO)
        assert path.read_bytes() == before


def test_nothing_is_written_on_the_ground_of_what_the_store_lost():
    store = MemoryStore({"a": OFF, "b": ON})
    with Flags(store, background=False) as flags:
        steps = plan(flags, {"a": ON, "c": ON})
        store._flags.clear()
        store._epoch = "another"
        flags.refresh()
        assert flags.status.quarantine
        with pytest.raises(StoreDoubted, match=r"confirm\(\)"):
            carry_out(flags, steps, **WHO)
    assert stored(store) == {}


def test_a_store_that_is_another_one_by_now_is_not_written():
    store = MemoryStore({"a": OFF})
    with Flags(store, background=False) as flags:
        steps = plan(flags, {"b": ON})
        store._epoch = "another"
        with pytest.raises(StoreDoubted):
            carry_out(flags, steps, **WHO)
    assert stored(store) == {"a": OFF}
