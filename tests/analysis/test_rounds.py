"""The steps of md5 on whole arrays: equal to hashlib's for single blocks."""

from __future__ import annotations

import hashlib
from random import Random

import pytest

np = pytest.importorskip("numpy")

from confkit.analysis.rounds import START, plus, rounds  # noqa: E402


def hashed(messages, same=()):
    """md5 of padded messages of one block; the words in ``same`` are given as one integer."""
    block = np.array([np.frombuffer(m, "<u4") for m in messages])
    words = [int(block[0, n]) if n in same else block[:, n].copy() for n in range(16)]
    buffers = [np.empty(len(messages), np.uint32) for _ in range(4)]
    spare = [np.empty(len(messages), np.uint32) for _ in range(2)]
    registers = rounds(START, words, 64, buffers, spare)
    whole = [
        np.broadcast_to(plus(new, old, np.empty(len(messages), np.uint32)), len(messages))
        for new, old in zip(registers, START, strict=True)
    ]
    return [b"".join(int(w[n]).to_bytes(4, "little") for w in whole) for n in range(len(messages))]


def padded(text):
    return text + b"\x80" + b"\0" * (55 - len(text)) + (8 * len(text)).to_bytes(8, "little")


@pytest.mark.parametrize("known", range(0, 56, 3))
def test_what_is_the_same_for_all_may_be_an_integer(known):
    """From no word in common to all of them: the early steps mix integers and arrays."""
    random = Random(known)
    head = random.randbytes(known)
    texts = [head + random.randbytes(55 - known) for _ in range(20)]
    same = {*range(known // 4), 14, 15} if known < 55 else set(range(16))
    texts = texts if known < 55 else [texts[0]] * 3
    expected = [hashlib.md5(text).digest() for text in texts]
    assert hashed([padded(t) for t in texts], same) == expected
    assert hashed([padded(t) for t in texts]) == expected


def test_the_state_that_is_given_is_left_alone():
    state = tuple(np.full(3, value, np.uint32) for value in START)
    words = [np.arange(3, dtype=np.uint32) + n for n in range(16)]
    buffers = [np.empty(3, np.uint32) for _ in range(4)]
    rounds(state, words, 64, buffers, [np.empty(3, np.uint32), np.empty(3, np.uint32)])
    assert all((array == value).all() for array, value in zip(state, START, strict=True))


def test_sums_wrap():
    assert plus(2**32 - 1, 2, np.empty(1, np.uint32)) == 1
    out = np.empty(1, np.uint32)
    assert plus(np.array([2**32 - 1], np.uint32), 2, out) is out
    assert out[0] == 1
