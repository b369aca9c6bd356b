"""What is believed of an answer: later changes by name, and no loss."""

from __future__ import annotations

import pytest

from confkit.flags.replica.quarantine import Belief, believing, confirmed, judge
from confkit.flags.stores.port import FlagSet, Stored, Version

ON, OFF = {"enabled": True}, {"enabled": False}


def answer(number, flags, *, epoch="e", **rest):
    """``flags``: name -> (document, the number of its last change)."""
    made = {name: Stored(document, 1, changed=at) for name, (document, at) in flags.items()}
    return FlagSet(Version(epoch, number), made, **rest)


def names(count, document=ON, at=1):
    return {f"f{n}": (document, at) for n in range(count)}


def held(count=3, number=10):
    return judge(Belief(), answer(number, names(count)))[0]


def test_what_holds_nothing_believes_everything():
    belief, changed = judge(Belief(), answer(10, names(2), damage="it contradicts itself"))
    assert (set(belief.flags), changed) == ({"f0", "f1"}, {"f0", "f1"})
    assert belief.reason == "it contradicts itself"
    assert judge(Belief(), FlagSet(Version("", 0)))[0].reason == ""


def test_later_changes_and_deletions_by_name_are_followed():
    belief, changed = judge(
        held(), answer(12, {"f0": (OFF, 11), "f1": (ON, 1)}, deleted={"f2": 12})
    )
    assert belief.flags["f0"].document == OFF
    assert set(belief.flags) == {"f0", "f1"}
    assert changed == {"f0", "f2"}
    assert (belief.doubted, belief.reason) == (frozenset(), "")


@pytest.mark.parametrize("left", range(3))
def test_flags_that_are_gone_without_a_record_stay_and_are_named(left):
    """However many are left: no share of them ends it."""
    lost = {f"f{n}" for n in range(left, 3)}
    belief, changed = judge(held(), answer(12, names(left)))
    assert set(belief.flags) == {"f0", "f1", "f2"}
    assert (belief.doubted, changed) == (lost, frozenset())
    again, _ = judge(belief, answer(13, names(left) | {"new": (ON, 13)}))
    assert again.doubted == lost
    assert "new" in again.flags


def test_a_change_that_went_back_stays_and_the_rest_follows():
    ahead, _ = judge(held(), answer(20, {"f0": (OFF, 20), "f1": (ON, 1), "f2": (ON, 1)}))
    belief, changed = judge(ahead, answer(15, {"f0": (ON, 1), "f1": (OFF, 15), "f2": (ON, 1)}))
    assert belief.flags["f0"].document == OFF
    assert belief.flags["f1"].document == OFF
    assert (belief.doubted, changed) == ({"f0"}, {"f1"})
    later, changed = judge(belief, answer(30, names(3, ON, 30)))
    assert (later.doubted, changed) == (frozenset(), {"f0", "f1", "f2"})


def test_a_deletion_that_was_seen_is_not_undone_by_a_loss():
    gone, _ = judge(held(), answer(12, names(2), deleted={"f2": 12}))
    belief, changed = judge(gone, answer(11, names(3)))
    assert (set(belief.flags), belief.doubted, changed) == ({"f0", "f1"}, {"f2"}, frozenset())


def test_a_floor_that_passed_a_flag_is_a_deletion_unless_it_was_in_doubt():
    belief, _ = judge(held(), answer(50, names(2), floor=40))
    assert set(belief.flags) == {"f0", "f1"}
    doubted, _ = judge(held(), answer(12, names(2)))
    belief, _ = judge(doubted, answer(50, names(2), floor=40))
    assert belief.doubted == {"f2"}


@pytest.mark.parametrize("left", range(4))
def test_another_epoch_is_refused_until_it_is_whole(left):
    belief, changed = judge(held(), answer(5, names(left), epoch="new"))
    assert (belief.reason == "") is (left == 3)
    assert (set(belief.flags), changed) == ({"f0", "f1", "f2"}, frozenset())
    if left < 3:
        assert f"{3 - left} of 3 flags" in belief.reason or "is empty" in belief.reason
    whole, _ = judge(belief, answer(6, names(3) | {"new": (ON, 6)}, epoch="new"))
    assert (whole.reason, set(whole.flags)) == ("", {"f0", "f1", "f2", "new"})


def test_another_epoch_with_other_rules_is_refused_though_no_name_is_missing():
    other = names(2) | {"f2": (OFF, 99)}
    belief, _ = judge(held(), answer(99, other, epoch="new"))
    assert "1 of 3 flags" in belief.reason
    assert belief.flags["f2"].document == ON


def test_missing_flags_may_be_deleted_by_name_in_another_epoch():
    belief, changed = judge(held(), answer(99, names(2), epoch="new", deleted={"f2": 99}))
    assert (belief.reason, changed) == ("", {"f2"})


def test_a_confirmed_epoch_is_trusted_and_an_old_one_that_returns_is_not():
    belief, _ = judge(held(), answer(20, names(1, OFF, 20), epoch="new", confirmed=True))
    assert (set(belief.flags), belief.epoch) == ({"f0"}, "new")
    back, _ = judge(belief, answer(10, names(3)))
    assert set(back.flags) == {"f0"}
    assert back.flags["f0"].document == OFF
    assert back.doubted == {"f0", "f1", "f2"}


@pytest.mark.parametrize("epoch", ["e", "new"])
def test_confirming_takes_the_answer_as_it_is(epoch):
    doubted, _ = judge(held(), answer(5, names(1, OFF, 1), epoch=epoch))
    belief, changed = confirmed(doubted, answer(5, names(1, OFF, 1), epoch=epoch))
    assert (set(belief.flags), belief.doubted, belief.reason) == ({"f0"}, frozenset(), "")
    assert changed == {"f0", "f1", "f2"}


def test_bundled_flags_give_way_to_any_store_that_was_written():
    bundled = believing(FlagSet(Version("", 0), {"a": Stored(ON, 0)}), bundled=True)
    assert "never been written" in judge(bundled, FlagSet(Version("", 0)))[0].reason
    assert judge(bundled, FlagSet(Version("e", 3)))[0].flags == {}


def test_a_backup_is_protected_like_what_was_read():
    backup = believing(answer(10, names(3)))
    assert judge(backup, FlagSet(Version("", 0)))[0].reason
    assert judge(backup, answer(10, names(2)))[0].doubted == {"f2"}
    assert judge(backup, answer(11, names(2), deleted={"f2": 11}))[0].doubted == frozenset()


def test_a_step_from_what_was_judged_last_looks_at_its_changes_only():
    class Guarded(dict):
        """A mapping that is never walked as a whole."""

        def __iter__(self):
            raise AssertionError("walked")

    belief = held(3, 10)
    step = FlagSet(
        Version("e", 11),
        Guarded(names_of(3) | {"f0": Stored(OFF, 2, changed=11)}),
        base=belief.seen,
        changed=frozenset({"f0"}),
    )
    assert judge(belief, step)[1] == {"f0"}


def names_of(count):
    return {name: Stored(document, 1, changed=at) for name, (document, at) in names(count).items()}
