"""Rates, and the memory for them."""

from __future__ import annotations

from confkit.admin.limits import Buckets, Rate


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_burst_and_then_the_rate():
    clock = Clock()
    buckets = Buckets(10, clock)
    rate = Rate(2, 3)
    assert [buckets.take(("r", "a"), rate) for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 0.5
    assert [buckets.take(("r", "a"), rate) for _ in range(2)] == [0, 1]
    clock.now += 100
    assert [buckets.take(("r", "a"), rate) for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take(("r", "b"), rate) == 0


def test_the_wait_is_long_enough():
    clock = Clock()
    buckets, rate = Buckets(10, clock), Rate(5 / 60, 1)
    assert buckets.take(("f", "a"), rate) == 0
    wait = buckets.take(("f", "a"), rate)
    clock.now += wait
    assert buckets.take(("f", "a"), rate) == 0


def test_asking_takes_nothing_and_no_rate_is_no_limit():
    buckets = Buckets(10, Clock())
    assert [buckets.take(("f", "a"), Rate(0.1, 1), cost=0) for _ in range(5)] == [0] * 5
    assert buckets.take(("f", "a"), Rate(0.1, 1)) == 0
    assert buckets.take(("f", "a"), Rate(0.1, 1), cost=0) > 0
    assert [buckets.take(("x", "a"), None) for _ in range(99)] == [0] * 99


def test_the_longest_silent_is_forgotten_first():
    buckets, rate = Buckets(2, Clock()), Rate(0.001, 1)
    for name in ("a", "b", "a", "c"):
        buckets.take(("r", name), rate)
    assert len(buckets) == 2
    assert buckets.take(("r", "a"), rate) > 0
    assert buckets.take(("r", "b"), rate) == 0
