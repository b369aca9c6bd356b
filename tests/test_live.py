"""The objects of one kind that are in use."""

from __future__ import annotations

import gc
import os
import threading

import pytest

from confkit.live import Live, apart


class Thing:
    pass


def test_they_are_known_as_long_as_they_live():
    live: Live[Thing] = Live()
    thing, gone = Thing(), Thing()
    assert live.join(thing)
    live.join(gone)
    assert set(live) == {thing, gone}
    del gone
    gc.collect()
    assert list(live) == [thing]
    assert thing in live
    assert len(live) == 1


def test_what_is_garbage_is_left_out_where_it_would_mislead():
    live: Live[Thing] = Live()
    thing, gone = Thing(), Thing()
    gone.itself = gone  # type: ignore[attr-defined]
    live.join(thing)
    live.join(gone)
    gc.disable()
    try:
        del gone
        assert len(live) == 2
        assert live.collected() == [thing]
    finally:
        gc.enable()


def test_what_is_made_apart_is_not_counted_in_this_thread_alone():
    live: Live[Thing] = Live()
    alone, other = Thing(), Thing()
    with apart():
        assert not live.join(alone)
        thread = threading.Thread(target=live.join, args=(other,))
        thread.start()
        thread.join()
    assert list(live) == [other]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_a_lock_of_its_own():
    live: Live[Thing] = Live()
    with live.lock:
        pid = os.fork()
        if pid == 0:  # pragma: no cover - another process
            thread = threading.Thread(target=live.join, args=(Thing(),), daemon=True)
            thread.start()
            thread.join(5)
            os._exit(thread.is_alive())
    assert os.waitpid(pid, 0)[1] == 0
