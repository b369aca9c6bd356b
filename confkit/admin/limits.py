"""How much a request may hold and how often one may come; the memory for it is bounded."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from confkit import clocks, forking


class Rate(NamedTuple):
    """``per_second`` requests in the long run, ``burst`` of them at once."""

    per_second: float
    burst: int


#: The rates of reads, changes and wrong tokens where none are given.
READS, WRITES, FAILED = Rate(10, 20), Rate(1, 5), Rate(5 / 60, 5)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an API.

    :ivar body: bytes of a body.
    :ivar depth: levels of arrays and objects in it.
    :ivar body_seconds: seconds that a body may take to arrive.
    :ivar reads: rate of reads of one principal; None is no limit.
    :ivar writes: rate of changes of one principal; None is no limit.
    :ivar failed_logins: rate of wrong tokens from one address; beyond it, right ones are refused as
        well. None is no limit.
    :ivar remembered: how many principals and addresses are counted; the one that was longest silent
        is forgotten first.
    """

    body: int = 64 * 1024
    depth: int = 32
    body_seconds: float = 0.8
    reads: Rate | None = READS
    writes: Rate | None = WRITES
    failed_logins: Rate | None = FAILED
    remembered: int = 1000


class Buckets:
    """Token buckets by key, the least recently used of which are forgotten."""

    def __init__(self, kept: int, clock: Callable[[], float] = clocks.monotonic) -> None:
        self._kept = kept
        self._clock = clock
        #: by key: what is left, and since when
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: a new lock, since a thread of the parent may have held the old one."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, key: tuple[str, str], rate: Rate | None, *, cost: float = 1.0) -> int:
        """Take from a bucket; 0, or the seconds after which there is enough again.

        A ``cost`` of 0 asks without taking.
        """
        if rate is None:
            return 0
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(key, (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - since) * rate.per_second)
            enough = left >= 1.0
            self._left[key] = (left - cost if enough else left, now)
            while len(self._left) > self._kept:
                self._left.popitem(last=False)
            return 0 if enough else max(1, math.ceil((1.0 - left) / rate.per_second))
