"""md5 of many short texts at once, in numpy: the two words of the digest that a rollout reads.

One operation works on a whole chunk of ids, so that the interpreter's cost is shared by thousands
of them; a chunk fits the processor's cache. The texts lie in one buffer of bytes, as Arrow keeps
them: an overlapping view of it (64 bytes an item, one byte apart) is indexed by the offsets, which
loads a block of every id at any alignment. The ids are read so far ahead of their start that they
are in line with the message, whose head, the salt, is the same for all. What is the same for all
stays a Python integer and costs nothing. RFC 1321 defines md5.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import md5
from typing import Any

from confkit.analysis.rounds import FULL, START, Word, plus, rounds
from confkit.errors import MissingExtra

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array; its item type is in the name or the comment

#: Ids that are hashed side by side: the arrays of one chunk stay in the processor's cache.
CHUNK = 1 << 15
#: Longer messages (in blocks of 64 bytes) are hashed one by one: hashlib is as fast there.
MOST_BLOCKS = 4


def digest_words(
    prefix: bytes,
    data: Array,
    offsets: Array,
    *,
    words: int = 1,
    progress: Callable[[int], object] | None = None,
) -> tuple[Array, ...]:
    """The first ``words`` (1 to 4) big-endian words of ``md5(prefix + text)``, each uint32.

    ``data`` (uint8) holds the texts, text ``n`` from ``offsets[n]`` to ``offsets[n + 1]``.
    ``progress`` is called with the number of ids done, after each chunk.
    """
    count = len(offsets) - 1
    found = tuple(np.empty(count, np.uint32) for _ in range(words))
    scratch = _Scratch()
    for start in range(0, count, CHUNK):
        stop = min(count, start + CHUNK)
        out = tuple(word[start:stop] for word in found)
        _chunk(prefix, data, offsets[start : stop + 1], out, scratch)
        if progress is not None:
            progress(stop)
    for word in found:
        word.byteswap(inplace=True)
    return found


Out = tuple[Array, ...]


class _Scratch:
    """The arrays that every chunk uses again: 16 words, 4 of state, 2 for what lies between."""

    def __init__(self) -> None:
        self.words = np.empty((16, CHUNK), np.uint32)
        self.state = np.empty((8, CHUNK), np.uint32)
        self.spare = np.empty((2, CHUNK), np.uint32)


def _chunk(prefix: bytes, data: Array, offsets: Array, out: Out, scratch: _Scratch) -> None:
    """Hash one chunk, part by part, by how many blocks of 64 bytes the messages take."""
    starts = offsets[:-1].astype(np.int64)
    lengths = np.diff(offsets).astype(np.int64)
    lengths += len(prefix)
    view, starts = _padded(prefix, data, starts, int(offsets[-1]))
    low, high = int(lengths.min()), int(lengths.max())
    if _blocks(low) == _blocks(high) <= MOST_BLOCKS:
        _part(prefix, view, starts, lengths, out, scratch)
        return
    blocks = (lengths + 8) // 64 + 1
    for number in np.unique(np.minimum(blocks, MOST_BLOCKS + 1)).tolist():
        if number <= MOST_BLOCKS:
            chosen = np.flatnonzero(blocks == number)
            part = tuple(np.empty(len(chosen), np.uint32) for _ in out)
            _part(prefix, view, starts[chosen], lengths[chosen], part, scratch)
        else:
            chosen = np.flatnonzero(blocks > MOST_BLOCKS)
            part = _one_by_one(prefix, data, offsets, chosen)
        for whole, some in zip(out, part, strict=False):
            whole[chosen] = some


def _blocks(length: int) -> int:
    return (length + 8) // 64 + 1


def _padded(prefix: bytes, data: Array, starts: Array, end: int) -> tuple[Array, Array]:
    """The bytes as overlapping items of 64, and where the message of each id begins among them."""
    before, after = len(prefix), 64 * MOST_BLOCKS
    begin = int(starts[0])
    if begin >= before and end + after <= len(data):
        source = data
        starts = starts - before
    else:
        # Reading ahead or behind would leave the buffer: copy the bytes into a wider one.
        source = np.zeros(before + end - begin + after, np.uint8)
        source[before : before + end - begin] = data[begin:end]
        starts = starts - begin
    return np.ndarray((len(source) - 63,), "V64", source, strides=(1,)), starts


def _one_by_one(prefix: bytes, data: Array, offsets: Array, chosen: Array) -> Out:
    found = bytearray()
    for n in chosen.tolist():
        text = data[offsets[n] : offsets[n + 1]].tobytes()
        found += md5(prefix + text, usedforsecurity=False).digest()
    return tuple(np.frombuffer(found, "<u4").reshape(-1, 4).T)


# The message


@lru_cache(maxsize=64)
def _layout(prefix: bytes, blocks: int) -> tuple[int, Array, Array]:
    """Which bytes of a message are the id's, and what the others are, for each length.

    The lowest length of a message of so many blocks; for each length from it on, as words: a mask
    of the id's bytes, and the rest: prefix, the bit after the text, the length in bits.
    """
    lowest = max(len(prefix), 64 * (blocks - 1) - 8)
    lengths = range(lowest, 64 * blocks - 8)
    masks = np.zeros((len(lengths), 64 * blocks), np.uint8)
    rest = np.zeros((len(lengths), 64 * blocks), np.uint8)
    for row, length in enumerate(lengths):
        masks[row, len(prefix) : length] = 255
        rest[row, : len(prefix)] = np.frombuffer(prefix, np.uint8)
        rest[row, length] = 128
        rest[row, -8:] = np.frombuffer((8 * length).to_bytes(8, "little"), np.uint8)
    return lowest, masks.view("<u4"), rest.view("<u4")


def _words(
    view: Array,
    starts: Array,
    rows: Array,
    layout: tuple[Array, Array],
    block: int,
    scratch: _Scratch,
) -> list[Word]:
    """The 16 words of one block of every message."""
    low, high = int(rows.min()), int(rows.max())
    masks, rest = (table[low : high + 1, 16 * block : 16 * block + 16] for table in layout)
    loaded: Array = None
    if masks.any():
        # One item is a whole block: loading 64 bytes costs no more than loading 16.
        loaded = view[starts + 64 * block].view(np.uint32).reshape(len(starts), 16)
    rows = rows - low
    found: list[Word] = []
    for n in range(16):
        mask, other, out = masks[:, n], rest[:, n], scratch.words[n][: len(starts)]
        constant = int(other[0])
        if not mask.any():
            if (other == constant).all():
                found.append(constant)
                continue
            np.take(other, rows, out=out, mode="clip")  # the length
        elif mask.min() == FULL:
            out[:] = loaded[:, n]
        elif low == high:
            np.bitwise_and(loaded[:, n], int(mask[0]), out=out)
            np.bitwise_or(out, constant, out=out)
        else:
            fitted = scratch.spare[0][: len(starts)]
            np.take(mask, rows, out=fitted, mode="clip")
            np.bitwise_and(loaded[:, n], fitted, out=out)
            np.take(other, rows, out=fitted, mode="clip")
            np.bitwise_or(out, fitted, out=out)
        found.append(out)
    return found


# The rounds


def _part(
    prefix: bytes, view: Array, starts: Array, lengths: Array, out: Out, scratch: _Scratch
) -> None:
    """Hash messages that all take the same number of blocks."""
    blocks, count = _blocks(int(lengths[0])), len(starts)
    lowest, masks, rest = _layout(prefix, blocks)
    rows = lengths - lowest
    state: tuple[Word, ...] = START
    for block in range(blocks):
        words = _words(view, starts, rows, (masks, rest), block, scratch)
        last = block == blocks - 1
        # Of the last block only the words that are asked for: step 60 gives the first.
        steps = 61 if last and len(out) == 1 else 64
        buffers = [b[:count] for b in scratch.state[4 * (block % 2) :][:4]]
        hashed = rounds(state, words, steps, buffers, [b[:count] for b in scratch.spare])
        if not last:
            state = tuple(
                plus(new, old, buffer)
                for new, old, buffer in zip(hashed, state, buffers, strict=True)
            )
    for word, new, old in zip(out, hashed, state, strict=False):
        word[:] = plus(new, old, word)
