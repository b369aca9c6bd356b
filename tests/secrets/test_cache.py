"""Kept for their time, refreshed once at a time behind the readers, last good on failure."""

from __future__ import annotations

import os
import threading
import time

import pytest

from confkit import Secret, SecretDenied, SecretError, SecretUnavailable
from confkit.secrets import cache as module
from confkit.secrets.cache import ABANDONED, Cache
from confkit.secrets.payload import Payload
from tests.secrets.aws_server import until


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Vault:
    """Counts requests; hangs while ``open`` is not set; fails while ``error`` is."""

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.error: SecretError | Exception | None = None
        self.number = 0

    def fetch(self, keys):
        self.requests.append(sorted(keys))
        self.open.wait(10)
        if isinstance(self.error, SecretError):
            return dict.fromkeys(keys, self.error)
        if self.error is not None:
            raise self.error
        self.number += 1
        return {
            key: Payload(Secret(f"{key}-{self.number}"), f"v{self.number}", key) for key in keys
        }


@pytest.fixture
def vault():
    made = Vault()
    yield made
    made.open.set()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(vault, clock, monkeypatch):
    monkeypatch.setattr(module.random, "uniform", lambda low, high: high)
    return Cache(vault.fetch, ttl=300.0, max_stale=3600.0, timeout=2.0, clock=clock)


def value(cache: Cache[str], key: str = "a") -> str:
    held = cache.get(key).value
    assert isinstance(held, Secret)
    return held.reveal()


def test_within_its_time_a_value_is_asked_for_once(cache, vault, clock):
    assert [value(cache) for _ in range(5)] == ["a-1"] * 5
    clock.now += 299
    assert value(cache) == "a-1"
    assert vault.requests == [["a"]]


def test_after_its_time_it_is_refreshed_behind_the_reader(cache, vault, clock):
    value(cache)
    vault.open.clear()
    clock.now += 300.5
    assert value(cache) == "a-1"  # at once: the refresh is under way
    assert value(cache) == "a-1"
    until(lambda: len(vault.requests) == 2)
    vault.open.set()
    until(lambda: value(cache) == "a-2")
    assert len(vault.requests) == 2


def test_after_a_long_pause_the_reader_waits_for_the_new_value(cache, clock):
    value(cache)
    clock.now += 1000
    assert value(cache) == "a-2"


def test_but_not_for_long_and_not_again(cache, vault, clock, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    value(cache)
    vault.open.clear()
    clock.now += 1000
    begun = time.monotonic()
    assert [value(cache) for _ in range(20)] == ["a-1"] * 20
    assert time.monotonic() - begun < 1.0
    assert len(vault.requests) == 2


def test_many_first_readers_make_one_request(cache, vault):
    vault.open.clear()
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(value(cache))) for _ in range(32)]
    for thread in threads:
        thread.start()
    until(lambda: vault.requests)
    vault.open.set()
    for thread in threads:
        thread.join()
    assert seen == ["a-1"] * 32
    assert vault.requests == [["a"]]


def test_several_are_asked_for_together_and_only_what_is_missing(cache, vault):
    value(cache, "b")
    found = cache.get_many(["a", "b", "c"])
    assert sorted(found) == ["a", "b", "c"]
    assert vault.requests == [["b"], ["a", "c"]]
    assert found["a"].version == found["c"].version == "v2"


def test_on_failure_the_last_good_is_given_until_max_stale(cache, vault, clock):
    value(cache)
    vault.error = SecretUnavailable("no answer")
    clock.now += 1000
    assert value(cache) == "a-1"
    until(lambda: not cache._flights)
    clock.now += 2600
    assert value(cache) == "a-1"
    until(lambda: not cache._flights)
    clock.now += 60
    with pytest.raises(SecretUnavailable, match=r"no answer, and the last good value is older"):
        value(cache)
    until(lambda: not cache._flights)
    vault.error = None
    clock.now += 60
    assert value(cache) == "a-2"


def test_failures_are_tried_again_less_and_less_often(cache, vault, clock):
    value(cache)
    vault.error = SecretUnavailable("no answer")
    clock.now += 1000
    pauses = []
    for failures in range(1, 9):
        cache.get_many(["a"])
        until(lambda failures=failures: len(vault.requests) == failures + 1)
        until(lambda: not cache._flights)
        pauses.append(cache.status("a", "a").retry_in)
        for _ in range(10):
            cache.get("a")  # no hot loop
        clock.now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(vault.requests) == 9


def test_what_only_a_person_can_change_is_tried_slowly_where_there_is_a_value(cache, vault, clock):
    vault.error = SecretDenied("denied")
    with pytest.raises(SecretDenied):
        cache.get("a")
    assert cache.status("a", "a").retry_in == 1
    with pytest.raises(SecretDenied):
        cache.get("a")
    assert len(vault.requests) == 1
    vault.error = None
    clock.now += 1
    value(cache)
    vault.error = SecretDenied("denied")
    clock.now += 1000
    assert value(cache) == "a-1"
    until(lambda: not cache._flights)
    assert cache.status("a", "a").retry_in == 30


def test_no_pause_between_requests_lengthens_the_life_of_a_value(cache, vault, clock):
    value(cache)
    vault.error = SecretDenied("denied")
    clock.now += 3590
    assert value(cache) == "a-1"
    until(lambda: not cache._flights)
    assert cache.status("a", "a").retry_in == 30
    clock.now += 11
    sent = len(vault.requests)
    for _ in range(3):
        with pytest.raises(SecretDenied, match="denied, and the last good value is older"):
            value(cache)
    assert len(vault.requests) == sent


def test_without_a_value_a_reader_waits_for_the_time_out_and_no_longer(vault, clock):
    cache = Cache(vault.fetch, timeout=0.1, clock=clock)
    vault.open.clear()
    begun = time.monotonic()
    for _ in range(5):
        with pytest.raises(SecretUnavailable, match=r"no answer within 0\.1 s"):
            cache.get("a")
    assert time.monotonic() - begun < 2
    assert len(vault.requests) == 1
    vault.open.set()
    until(lambda: not cache._flights)
    assert value(cache) == "a-1"


def test_a_request_that_never_ends_is_given_up(cache, vault, clock, monkeypatch):
    value(cache)
    vault.open.clear()
    clock.now += 300.5
    value(cache)
    until(lambda: len(vault.requests) == 2)
    cache._flights["a"].started -= ABANDONED + 1
    value(cache)
    until(lambda: len(vault.requests) == 3)
    vault.open.set()
    until(lambda: not cache._flights)
    assert value(cache) in ("a-2", "a-3")


def test_an_answer_that_was_asked_for_earlier_does_not_replace_a_later_one(cache, clock):
    newer = Payload(Secret("new"), "v9", "a")
    value(cache)
    cache._land("a", newer, clock.now + 10)
    cache._land("a", Payload(Secret("old"), "v8", "a"), clock.now + 5)
    assert cache.get("a") is newer


def test_a_refresh_asks_at_once_and_at_most_once_in_five_seconds(cache, vault, clock):
    value(cache)
    assert cache.refresh("a")
    assert value(cache) == "a-2"
    assert not cache.refresh("a")
    assert len(vault.requests) == 2
    clock.now += 5
    assert cache.refresh("a")
    assert len(vault.requests) == 3


def test_a_refresh_of_what_nobody_has_read_reads_it(cache):
    assert cache.refresh("a")
    assert value(cache) == "a-1"


def test_a_refresh_that_fails_raises_and_keeps_the_value(cache, vault):
    value(cache)
    vault.error = SecretUnavailable("no answer")
    with pytest.raises(SecretUnavailable):
        cache.refresh("a")
    assert value(cache) == "a-1"


def test_many_refreshes_at_once_are_one_request_and_all_see_the_new_value(cache, vault):
    value(cache)
    vault.open.clear()
    seen: list[str] = []

    def fail_and_refresh() -> None:
        cache.refresh("a")
        seen.append(value(cache))

    threads = [threading.Thread(target=fail_and_refresh) for _ in range(16)]
    for thread in threads:
        thread.start()
    until(lambda: len(vault.requests) == 2)
    time.sleep(0.05)
    vault.open.set()
    for thread in threads:
        thread.join()
    assert seen == ["a-2"] * 16
    assert len(vault.requests) == 2


@pytest.mark.parametrize("error", [RuntimeError("hunter2"), KeyError("hunter2")])
def test_an_error_that_is_none_of_ours_is_named_by_its_kind(cache, vault, error):
    vault.error = error
    with pytest.raises(SecretError, match=f"failed with {type(error).__name__}") as caught:
        cache.get("a")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_key_that_a_request_leaves_out_is_an_error(clock):
    cache = Cache(lambda keys: {}, timeout=1.0, clock=clock)
    with pytest.raises(SecretUnavailable, match="no answer for this secret"):
        cache.get("a")


def test_it_is_bounded_and_keeps_what_was_fetched_last(vault, clock):
    cache = Cache(vault.fetch, capacity=3, clock=clock)
    for number in range(10):
        clock.now += 1
        value(cache, f"k{number}")
    assert sorted(cache.keys()) == ["k7", "k8", "k9"]


def test_the_status_has_ages_versions_and_errors_and_no_value(cache, vault, clock):
    value(cache)
    clock.now += 10
    status = cache.status("a", "shown")
    assert (status.name, status.version, status.age, status.error) == ("shown", "v1", 10, None)
    assert status.retry_in == 290
    assert "a-1" not in repr(status)
    nothing = cache.status("other", "other")
    assert (nothing.version, nothing.age) == (None, None)


@pytest.mark.parametrize(
    "bad", [{"ttl": 0}, {"ttl": 10, "max_stale": 5}, {"timeout": 0}, {"capacity": 0}]
)
def test_limits_that_cannot_work_are_refused(bad):
    with pytest.raises(ValueError, match="max_stale is at least ttl"):
        Cache(dict, **bad)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_forked_in_the_middle_of_a_request_asks_by_itself(cache, vault, clock):
    value(cache)
    vault.open.clear()
    clock.now += 300.5
    value(cache)
    until(lambda: len(vault.requests) == 2)
    with cache._lock:
        child = os.fork()
        if not child:
            vault.open.set()
            clock.now += 1000
            code = 0 if value(cache) == "a-2" else 1
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
