"""Per-flag last good: one wrong document does not take the others along."""

from __future__ import annotations

from confkit.flags.replica.view import build
from confkit.flags.stores.port import FlagSet, Stored, Version

ON, OFF, BAD = {"enabled": True}, {"enabled": False}, {"enabled": "maybe"}


def answer(number=1, **documents):
    flags = {n: d if isinstance(d, Stored) else Stored(d, number) for n, d in documents.items()}
    return FlagSet(Version("e", number), flags)


def needs(*names):
    return {"enabled": True, "prerequisites": list(names)}


def test_what_did_not_change_is_not_compiled_again():
    first = build(answer(a=ON, b=ON))
    second = build(answer(2, a=Stored(ON, 1), b=OFF), first)
    assert second.flags["a"] is first.flags["a"]
    assert second.flags["b"] is not first.flags["b"]


def test_a_wrong_document_keeps_the_last_good_one():
    first = build(answer(a=ON, b=ON))
    second = build(answer(2, a=BAD, b=OFF, c=BAD, d=Stored(None, 2, "not JSON")), first)
    assert set(second.flags) == {"a", "b"}
    assert second.flags["a"].constant is True
    assert second.flags["b"].constant is False
    assert set(second.errors) == {"a", "c", "d"}
    assert "not JSON" in second.errors["d"]
    third = build(answer(3, a=BAD), second)
    assert third.flags["a"].constant is True
    assert set(third.errors) == {"a"}
    assert build(answer(4, a=OFF), third).errors == {}


def test_two_writers_who_close_a_cycle_at_once():
    first = build(answer(a=ON, b=ON))
    second = build(answer(2, a=needs("b"), b=needs("a")), first)
    assert "a cycle" in second.errors["a"]
    assert second.flags["a"].rule.prerequisites == ()


def test_a_kept_rule_that_closes_a_cycle_with_its_new_neighbours():
    first = build(answer(a=needs("b"), b=ON, c=ON))
    second = build(answer(2, a=needs("c"), c=needs("a"), b=needs("a")), first)
    table = second.flags
    for flag in table.values():
        flag.decide({}, table)  # ends
    assert second.errors


def test_a_cycle_without_anything_to_fall_back_on():
    view = build(answer(a=needs("b"), b=needs("a"), c=ON))
    assert set(view.flags) == {"c"}
    assert set(view.errors) == {"a", "b"}
