"""The 64 steps of md5 over a whole chunk of messages at once (RFC 1321, 3.4)."""

from __future__ import annotations

import math
from typing import Any

from confkit.errors import MissingExtra

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array of uint32
Word = Any  # 32 bits of every message: an array of uint32, or an int where all have the same

FULL = 0xFFFFFFFF
START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
_SINES = [int(abs(math.sin(i + 1)) * 2**32) for i in range(64)]
_SHIFTS = [(7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)]
_PLACES = [i if i < 16 else (5 * i + 1) % 16 if i < 32 else (3 * i + 5) % 16 if i < 48 else 7 * i % 16 for i in range(64)]  # fmt: skip  # noqa: E501


def plus(one: Word, other: Word, out: Array) -> Word:
    """The sum modulo 2**32; written to ``out`` where it is an array."""
    if isinstance(one, int) and isinstance(other, int):
        return (one + other) & FULL
    return np.add(one, other, out=out)


def rounds(
    state: tuple[Word, ...],
    words: list[Word],
    steps: int,
    buffers: list[Array],
    spare: list[Array],
) -> list[Word]:
    """The registers A, B, C, D after so many steps. Nothing in ``state`` is written to."""
    registers = list(state)
    mixed, turned = spare
    add, either = np.add, np.bitwise_or
    step = 0
    while step < steps and (step < 4 or any(isinstance(register, int) for register in registers)):
        at = -step % 4
        a, b, c, d = (registers[(at + n) % 4] for n in range(4))
        registers[at] = _early_step(step, (a, b, c, d), words[_PLACES[step]], buffers[at])
        step += 1
    # From here on every register is an array of our own, which its successor overwrites.
    while step < steps:
        at = -step % 4
        own, b, c, d = registers[at], registers[at - 3], registers[at - 2], registers[at - 1]
        word = words[_PLACES[step]]
        _MIX[step // 16](b, c, d, mixed)
        add(own, mixed, own)
        if isinstance(word, int):
            add(own, np.array((word + _SINES[step]) & FULL, np.uint32), own)
        else:
            add(own, word, own)
            add(own, _SINE_ARRAYS[step], own)
        left, right = _TURNS[step]
        np.left_shift(own, left, turned)
        np.right_shift(own, right, own)
        either(own, turned, own)
        add(own, b, own)
        step += 1
    return registers


def _mix_f(b: Array, c: Array, d: Array, out: Array) -> None:
    np.bitwise_xor(c, d, out)
    np.bitwise_and(out, b, out)
    np.bitwise_xor(out, d, out)


def _mix_g(b: Array, c: Array, d: Array, out: Array) -> None:
    np.bitwise_xor(b, c, out)
    np.bitwise_and(out, d, out)
    np.bitwise_xor(out, c, out)


def _mix_h(b: Array, c: Array, d: Array, out: Array) -> None:
    np.bitwise_xor(b, c, out)
    np.bitwise_xor(out, d, out)


def _mix_i(b: Array, c: Array, d: Array, out: Array) -> None:
    np.invert(d, out)
    np.bitwise_or(out, b, out)
    np.bitwise_xor(out, c, out)


_MIX = (_mix_f, _mix_g, _mix_h, _mix_i)
# Arrays without dimensions: numpy takes 0.3 us longer for a Python integer, 250 times a chunk.
_SINE_ARRAYS = [np.array(sine, np.uint32) for sine in _SINES]
_TURNS = [
    tuple(np.array(n, np.uint32) for n in (shift, 32 - shift))
    for shift in (_SHIFTS[step // 16][step % 4] for step in range(64))
]


def _early_step(step: int, registers: tuple[Word, ...], word: Word, out: Array) -> Word:
    """A step in which some registers are the same for all ids: only the others cost time."""
    a, b, c, d = registers
    if step < 16:
        mixed = d ^ (b & (c ^ d))
    elif step < 32:
        mixed = c ^ (d & (b ^ c))
    elif step < 48:
        mixed = b ^ c ^ d
    else:
        mixed = c ^ (b | (d ^ FULL))
    shift = _SHIFTS[step // 16][step % 4]
    total: Word = (_SINES[step] + sum(x for x in (a, mixed, word) if isinstance(x, int))) & FULL
    for x in (a, mixed, word):
        if not isinstance(x, int):
            total = total + x
    turned = ((total << shift) & FULL) | (total >> (32 - shift))
    if isinstance(turned, int) and isinstance(b, int):
        return (turned + b) & FULL
    return np.add(turned, b, out=out)
