"""Overrides in force, their owners and their order."""

from __future__ import annotations

import threading

from confkit.overriding import PROGRAM, Owner, Token, active, hand_to, owned_by, owner


def held(what="x", **options):
    return Token(what, "test.py:1", lambda: None, **options)


def test_a_token_is_active_until_it_is_released():
    before = active()
    token = held()
    assert active() == [*before, token]
    token.release()
    token.release()
    assert active() == before


def test_equal_tokens_are_not_the_same():
    first, second = held(), held()
    first.release()
    assert second in active()
    assert first not in active()
    second.release()


def test_it_belongs_to_who_is_the_owner_when_it_is_set_in_any_thread():
    mine = Owner("mine", 3)
    tokens = []
    before = owner()
    with owned_by(mine):
        thread = threading.Thread(target=lambda: tokens.append(held("the pool size")))
        thread.start()
        thread.join()
    assert owner() is before
    assert tokens[0].owner is mine
    assert repr(tokens[0]) == "<the pool size, set at test.py:1 for mine>"
    assert repr(mine) == "<Owner mine>"
    tokens[0].release()


def test_the_nearer_owner_wins_whatever_the_order():
    before = hand_to(Owner("function", 4))
    near = held()
    hand_to(Owner("module", 2))
    far, later, forced = held(), held(), held(level=9)
    hand_to(before)
    tokens = [near, far, later, forced]
    assert sorted(tokens, key=lambda token: token.rank) == [far, later, near, forced]
    for token in tokens:
        token.release()


def test_the_program_is_the_lowest_owner():
    assert PROGRAM.level == 0
