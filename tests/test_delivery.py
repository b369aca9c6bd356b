"""Being told of changes in a thread and on an event loop: the latest wins, nobody waits."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import aclosing
from itertools import pairwise

import pytest

from confkit.delivery import InThread, OnLoop, Stream

LOG = logging.getLogger("confkit.tests")
Numbers = tuple[int, int]


def merge(one: Numbers, other: Numbers) -> Numbers:
    return one[0], other[1]


class Slow:
    """A listener that waits for the test inside each call."""

    def __init__(self) -> None:
        self.told: list[Numbers] = []
        self.inside, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, change: Numbers) -> None:
        self.told.append(change)
        self.inside.release()
        assert self.go.acquire(timeout=5)


def test_a_slow_listener_holds_up_nobody_and_hears_of_all_that_it_missed_at_once():
    slow = Slow()
    tell = InThread(slow, merge, LOG)
    tell((0, 1))
    assert slow.inside.acquire(timeout=5)
    for n in range(1, 1000):
        tell((n, n + 1))
    slow.go.release()
    assert slow.inside.acquire(timeout=5)
    slow.go.release()
    assert slow.told == [(0, 1), (1, 1000)]


def test_the_thread_ends_when_there_is_nothing_to_tell():
    told = threading.Semaphore(0)
    tell = InThread(lambda _: told.release(), merge, LOG)
    for n in range(3):
        tell((n, n + 1))
        assert told.acquire(timeout=5)
        for thread in threading.enumerate():
            if thread.name == "confkit-subscriber":
                thread.join(5)
                assert not thread.is_alive()


def test_one_that_raises_is_told_of_the_next_change(caplog):
    told: list[Numbers] = []
    heard = threading.Semaphore(0)

    def fails(change: Numbers) -> None:
        told.append(change)
        heard.release()
        raise RuntimeError("no")

    tell = InThread(fails, merge, LOG)
    with caplog.at_level(logging.ERROR, LOG.name):
        for n in range(2):
            tell((n, n + 1))
            assert heard.acquire(timeout=5)
    assert told == [(0, 1), (1, 2)]


def test_a_coroutine_function_is_awaited_on_its_own_loop_from_any_thread():
    async def main() -> list[Numbers]:
        told: list[Numbers] = []
        done = asyncio.Event()

        async def listen(change: Numbers) -> None:
            assert asyncio.get_running_loop() is loop
            told.append(change)
            await asyncio.sleep(0.01)
            if change[1] == 100:
                done.set()
            if change[1] == 1:
                raise RuntimeError("the first one fails")

        loop = asyncio.get_running_loop()
        tell = OnLoop(listen, merge, LOG)

        def change() -> None:
            for n in range(100):
                tell((n, n + 1))

        thread = threading.Thread(target=change)
        thread.start()
        await asyncio.wait_for(done.wait(), 5)
        thread.join()
        return told

    told = asyncio.run(main())
    assert told[0][0] == 0
    assert told[-1][1] == 100
    # Nothing is missing in between: each goes on where the last one ended.
    assert all(one[1] == other[0] for one, other in pairwise(told))


def test_a_loop_that_is_closed_is_no_error_of_who_changes(caplog):
    async def main() -> OnLoop[Numbers]:
        async def listen(_: Numbers) -> None: ...

        return OnLoop(listen, merge, LOG)

    tell = asyncio.run(main())
    with caplog.at_level(logging.WARNING, LOG.name):
        tell((0, 1))
    assert "event loop is closed" in caplog.text


def test_a_stream_gives_every_change_from_its_making_on_and_unsubscribes():
    listeners: list[object] = []

    def subscribe(function):
        listeners.append(function)
        return lambda: listeners.remove(function) if function in listeners else None

    async def main() -> list[Numbers]:
        found = []
        async with aclosing(Stream(subscribe, merge)) as changes:
            (tell,) = listeners
            tell((0, 1))  # before anybody waits
            found.append(await asyncio.wait_for(anext(changes), 5))
            threading.Thread(target=lambda: (tell((1, 2)), tell((2, 3)))).start()
            while found[-1][1] != 3:
                found.append(await asyncio.wait_for(anext(changes), 5))
        return found

    found = asyncio.run(main())
    assert all(one[1] == other[0] for one, other in pairwise(found))
    assert (found[0][0], found[-1][1]) == (0, 3)
    assert listeners == []


def test_a_stream_ends_while_it_waits():
    async def main() -> list[Numbers]:
        changes = Stream(lambda _: lambda: None, merge)

        async def follow() -> list[Numbers]:
            return [change async for change in changes]

        task = asyncio.ensure_future(follow())
        await asyncio.sleep(0.01)
        await changes.aclose()
        await changes.aclose()
        return await asyncio.wait_for(task, 5)

    assert asyncio.run(main()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_starts_anew():
    slow = Slow()
    tell = InThread(slow, merge, LOG)
    tell((0, 1))
    assert slow.inside.acquire(timeout=5)  # the parent's thread is busy while it forks
    child = os.fork()
    if child == 0:
        heard = threading.Semaphore(0)
        tell._function = lambda change: heard.release() if change == (1, 2) else None
        tell((1, 2))
        os._exit(0 if heard.acquire(timeout=5) else 1)
    slow.go.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
