"""Which answers to believe."""

from __future__ import annotations

import pytest

from confkit.flags.replica.quarantine import doubt
from confkit.flags.replica.view import View, build, from_documents
from confkit.flags.stores.port import FlagSet, Revision, Stored, Version

ON = {"enabled": True}


def answer(count, epoch="e", number=9):
    return FlagSet(Version(epoch, number), {f"f{n}": Stored(ON, 2) for n in range(count)})


def deleted(*names, revision=3):
    version = Version("e", 10)
    return [Revision(n, revision, version, "", "", "", ON, None) for n in names]


def held(count):
    return build(answer(count))


@pytest.mark.parametrize(
    ("before", "after", "epoch", "records", "believed"),
    [
        (200, 200, "e", (), True),
        (200, 0, "e", (), False),
        (200, 1, "new", (), False),
        (200, 150, "new", (), True),
        (200, 200, "new", (), True),
        (200, 99, "e", (), False),
        (200, 100, "e", (), True),
        (3, 1, "e", deleted("f1", "f2"), True),
        (3, 0, "e", deleted("f0", "f1", "f2"), True),
        (3, 0, "e", deleted("f0", "f1"), False),
        (3, 0, "new", deleted("f0", "f1", "f2"), False),
        (3, 1, "e", deleted("f1", "f2", revision=2), False),
        (2, 1, "e", (), True),
        (1, 0, "e", (), False),
        (0, 0, "e", (), True),
    ],
)
def test_doubts(before, after, epoch, records, believed):
    reason = doubt(held(before), answer(after, epoch), lambda: records)
    assert (reason is None) is believed
    assert reason is None or "store" in reason or "flags are gone" in reason


def test_a_lower_version_of_the_same_epoch_is_followed():
    """A replica that was promoted without the last writes."""
    assert doubt(held(5), answer(5, number=1)) is None


def test_history_is_not_asked_while_nothing_is_missing():
    def fail():
        raise AssertionError

    assert doubt(held(2), answer(3), fail) is None
    assert doubt(held(2), answer(1, "new"), fail) is None


def test_bundled_flags_give_way_to_any_store_that_was_written():
    bundled = build(from_documents({"a": ON}), source="bootstrap")
    assert doubt(bundled, FlagSet(Version("", 0))) is not None
    assert doubt(bundled, FlagSet(Version("e", 3))) is None
    assert doubt(View(), FlagSet(Version("", 0))) is None
