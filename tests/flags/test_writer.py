"""Changes of flags: checked, decided again after a conflict, kept on record."""

from __future__ import annotations

import threading

import pytest

from confkit.errors import FlagConflict, InvalidFlag, StoreUnavailable, UnknownFlag
from confkit.flags.client import Flags
from confkit.flags.replica.view import build
from confkit.flags.rules import validation
from confkit.flags.stores.memory import MemoryStore
from confkit.flags.stores.port import FlagSet, Stored, Version
from confkit.flags.writer import Wish, decide
from tests.flags.doubles import Distant

ON = {"enabled": True}


def test_set_changes_only_what_is_named(flags):
    flags.set("a", enabled=True, percentage=5, allow=["1"], owner="x", by="ann", reason="why")
    made = flags.set("a", percentage=10)
    assert made.new == {"enabled": True, "percentage": 10, "allow": ["1"], "owner": "x"}
    assert made.revision == 2
    assert flags.decide("a", "2").revision == 2
    assert flags.set("a", allow=None).new == {"enabled": True, "percentage": 10, "owner": "x"}
    assert (flags.history("a")[-1].by, flags.history("a")[-1].reason) == ("ann", "why")


def test_set_is_checked_as_a_whole(flags):
    with pytest.raises(InvalidFlag) as caught:
        flags.set("a", percentage=101, variants={"x": 99}, colour="red")
    assert [p.key for p in caught.value.problems] == ["enabled", "percentage", "variants", "colour"]
    with pytest.raises(InvalidFlag, match="name"):
        flags.set("a b", enabled=True)
    assert flags.history() == []


def test_a_cycle_of_prerequisites_is_refused_when_written(flags):
    flags.set("a", enabled=True)
    flags.set("b", enabled=True, prerequisites={"a": True})
    flags.set("c", enabled=True, prerequisites={"b": True})
    with pytest.raises(InvalidFlag, match=r"a cycle: .*a -> .*c"):
        flags.set("a", prerequisites={"c": True})
    with pytest.raises(InvalidFlag, match="its own prerequisite"):
        flags.set("a", prerequisites={"a": True})
    with pytest.raises(InvalidFlag, match="there is no flag 'bb'"):
        flags.set("a", prerequisites={"bb": True})
    with pytest.raises(InvalidFlag, match="b has no variant 'x'"):
        flags.set("c", prerequisites={"b": "x"})
    assert flags.decide("a").revision == 1


def test_a_broken_neighbour_does_not_stop_a_change():
    store = MemoryStore({"bad": {"enabled": 5}, "a": ON})
    with Flags(store) as flags:
        assert flags.set("b", enabled=True, prerequisites=["a"]).revision == 1
        assert flags.set("bad", enabled=True).revision == 2
        assert flags.enabled("bad")


class Interrupted(MemoryStore):
    """Somebody else changes the flag between our reading and our writing."""

    others = 0

    def write(self, name, document, *, expect, by, reason, base=None):
        if self.others:
            self.others -= 1
            stored = self.read().flags[name]
            changed = {**stored.document, "description": f"other {self.others}"}
            super().write(name, changed, expect=None, by="other", reason="")
        return super().write(name, document, expect=expect, by=by, reason=reason)


def test_a_change_is_decided_anew_when_somebody_was_faster():
    store = Interrupted({"a": ON})
    with Flags(store) as flags:
        store.others = 3
        made = flags.set("a", percentage=10)
        assert made.new == {"enabled": True, "percentage": 10, "description": "other 0"}
        store.others = 1
        with pytest.raises(FlagConflict):
            flags.set("a", percentage=20, expect=made.revision)
        store.others = 10_000
        with pytest.raises(FlagConflict):
            flags.set("a", percentage=30)


def test_many_writers_lose_nothing():
    store = MemoryStore({"a": ON})
    fields = ["owner", "description", "salt", "unit"]

    def change(field):
        with Flags(store) as mine:
            for n in range(20):
                mine.set("a", **{field: f"v{n}"})

    workers = [threading.Thread(target=change, args=(f,)) for f in fields]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    stored = store.read().flags["a"]
    assert stored.document == {"enabled": True, **dict.fromkeys(fields, "v19")}
    assert stored.revision == 81


def test_delete(flags):
    flags.set("a", enabled=True)
    assert flags.delete("a").new is None
    assert flags.enabled("a") is False
    with pytest.raises(UnknownFlag, match="there is no flag 'a'"):
        flags.delete("a")


def test_rollback_is_a_new_revision(flags):
    flags.set("a", enabled=True, percentage=5)
    flags.set("a", percentage=50)
    made = flags.rollback("a", 1, by="ann")
    assert (made.revision, made.new["percentage"]) == (3, 5)
    assert made.reason == "rollback to revision 1"
    flags.delete("a")
    assert flags.rollback("a", 3).revision == 5
    assert flags.rollback("a", 4).new is None
    with pytest.raises(UnknownFlag, match="there is no flag"):
        flags.rollback("a", 4)
    with pytest.raises(UnknownFlag, match="no revision 99"):
        flags.rollback("a", 99)


def test_a_write_that_cannot_be_read_back_was_still_made(caplog):
    store = Distant({"a": ON})
    with Flags(store, background=False) as flags:
        real = store.write

        def write(*args, **kwargs):
            made = real(*args, **kwargs)
            store.down = True
            return made

        store.write = write
        assert flags.set("a", percentage=5).revision == 2
    assert "was written and not read back" in caplog.text


def test_a_store_that_is_down_refuses_changes():
    store = Distant({"a": ON})
    with Flags(store, background=False) as flags:
        store.down = True
        with pytest.raises(StoreUnavailable):
            flags.set("a", percentage=5)
        assert flags.enabled("a")


def test_a_change_of_a_flag_that_is_not_there_says_so():
    flags = Flags(MemoryStore({"new-checkout": {"enabled": True}}))
    with pytest.raises(InvalidFlag, match="none of this name") as caught:
        flags.set("new-chekout", percentage=5)
    assert "new-checkout" in str(caught.value.problems[0])


# Deciding, purely


def held(**documents):
    made = {n: d if isinstance(d, Stored) else Stored(d, 3) for n, d in documents.items()}
    return build(FlagSet(Version("e", 1), made))


def test_only_named_fields_change_and_the_revision_is_that_of_the_copy():
    view = held(a={"enabled": True, "percentage": 5, "owner": "ann"})
    made = decide(view, Wish("a", {"percentage": 10, "owner": None}, by="bob"))
    assert made.document == {"enabled": True, "percentage": 10}
    assert (made.expect, made.by) == (3, "bob")
    assert decide(view, Wish("b", ON)).expect == 0
    assert decide(view, Wish("a", None, expect=7)).expect == 7


def test_a_damaged_document_is_repaired_from_the_last_good_rule():
    good = held(a={"enabled": True, "percentage": 5})
    for broken in (Stored(None, 4, "no JSON"), Stored({"enabled": "perhaps"}, 4)):
        view = build(FlagSet(Version("e", 2), {"a": broken}), good)
        made = decide(view, Wish("a", {"owner": "ann"}))
        assert made.document == {"enabled": True, "percentage": 5, "owner": "ann"}
        assert made.expect == 4


def test_a_damaged_document_without_a_last_good_rule_needs_a_whole_one():
    view = held(a=Stored(None, 3, "no JSON"))
    with pytest.raises(InvalidFlag, match="enabled"):
        decide(view, Wish("a", {"percentage": 5}))
    assert decide(view, Wish("a", {"enabled": False})).document == {"enabled": False}
    assert decide(view, Wish("a", None)).document is None


def test_a_rule_is_validated_once_however_many_flags_there_are(monkeypatch):
    count = []
    real = validation.problems
    monkeypatch.setattr(validation, "problems", lambda *a: count.append(a) or real(*a))
    with Flags(MemoryStore({f"f{n}": ON for n in range(50)})) as flags:
        count.clear()
        flags.set("new", enabled=True, prerequisites={"f7": True})
    assert [name for name, _ in count] == ["new"]
