"""Columns of ids to words of the hash, in this process or in several; and words to buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import Any

from confkit.analysis.columns import Units
from confkit.analysis.kernel import digest_words
from confkit.bucket import BUCKETS
from confkit.errors import MissingExtra
from confkit.flags.rules.rollout import Rollout, Scheme

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array
Progress = Callable[[int], object]

#: Ids that one task of another process hashes.
PART = 1 << 20


def word_arrays(
    rollout: Rollout,
    units: Units,
    processes: int = 1,
    progress: Progress | None = None,
    *,
    words: int = 2,
) -> tuple[Array, ...]:
    """The first words of the digest of every unit; where an id is missing they mean nothing.

    With more than one of ``processes``, parts of a million ids are hashed in processes of their
    own, started afresh: a script needs the usual ``if __name__ == "__main__":``.
    """
    legacy = rollout.scheme == "legacy-md5-100"
    prefix = b"" if legacy else f"{rollout.salt}:".encode()
    count = 4 if legacy else words
    out = tuple(np.empty(units.length, np.uint32) for _ in range(count))
    if processes > 1 and units.length > PART:
        _in_processes(prefix, units, out, processes, progress)
        return out
    begin = 0
    for data, offsets in units.parts:
        stop = begin + len(offsets) - 1
        shown = None if progress is None else _shifted(progress, begin)
        for whole, part in zip(
            out, digest_words(prefix, data, offsets, words=count, progress=shown), strict=True
        ):
            whole[begin:stop] = part
        begin = stop
    return out


def _shifted(progress: Progress, by: int) -> Progress:
    return lambda done: progress(by + done)


def _in_processes(
    prefix: bytes, units: Units, out: tuple[Array, ...], processes: int, progress: Progress | None
) -> None:
    waiting: dict[Future[tuple[Array, ...]], int] = {}
    done = 0

    def collect(most: int) -> None:
        nonlocal done
        while len(waiting) > most:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                begin = waiting.pop(future)
                words = future.result()
                for whole, part in zip(out, words, strict=True):
                    whole[begin : begin + len(part)] = part
                done += len(words[0])
                if progress is not None:
                    progress(done)

    # Not forked: a fork of a program with threads, of which Arrow has some, may never return.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for begin, data, offsets in _parts(units):
            collect(2 * processes - 1)  # so that few parts are in memory twice
            waiting[pool.submit(_hash_part, prefix, data, offsets, len(out))] = begin
        collect(0)


def _parts(units: Units) -> Iterator[tuple[int, bytes, Array]]:
    begin = 0
    for data, offsets in units.parts:
        for start in range(0, len(offsets) - 1, PART):
            places = offsets[start : start + PART + 1].astype(np.int64)
            content = data[places[0] : places[-1]].tobytes()
            yield begin + start, content, places - places[0]
        begin += len(offsets) - 1


def _hash_part(prefix: bytes, data: bytes, offsets: Array, words: int) -> tuple[Array, ...]:
    return digest_words(prefix, np.frombuffer(data, np.uint8), offsets, words=words)


def bucket_array(words: tuple[Array, ...], scheme: Scheme = "md5-32") -> Array:
    """The buckets, 0 to 99,999 as int32, that words of the digest stand for."""
    if scheme == "legacy-md5-100":
        # 2**96, 2**64 and 2**32 leave 36, 16 and 96 when they are divided by 100.
        one, two, three, four = (word % np.uint32(100) for word in words)
        return ((one * 36 + two * 16 + three * 96 + four) % 100 * 1000).astype(np.int32)
    return ((words[0].astype(np.uint64) * BUCKETS) >> np.uint64(32)).astype(np.int32)
