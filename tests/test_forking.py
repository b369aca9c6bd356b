"""What happens in a forked child, called directly: the real fork is in ``test_sync``."""

from __future__ import annotations

import os
import threading
import time

import pytest

from confkit import forking
from confkit.flags.client import Flags
from tests.flags.doubles import Distant

ON = {"enabled": True}


class Owner:
    forked = 0

    def after_fork(self):
        self.forked += 1


def test_owners_are_told_while_they_live():
    owner = Owner()
    forking.register(owner)
    forking._after_fork()
    assert owner.forked == 1
    before = len(forking._owners)
    del owner
    assert len(forking._owners) == before - 1


def test_the_first_question_in_a_child_starts_the_thread():
    flags = Flags(Distant({"a": ON}), poll=1000)
    parents = list(flags._sync._threads)
    flags._sync._stop.set()
    flags._sync._wake.set()
    parents[0].join()
    flags._sync.after_fork()
    flags.after_fork()
    assert flags._sync._threads == []
    with flags.override({"a": False}):
        assert flags._sync._threads == [], "an override asks nothing"
    assert flags.enabled("a")
    assert len(flags._sync._threads) == 1
    assert type(flags._table) is dict
    flags.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("confkit-flags")]
    flags._sync.after_fork()
    flags.after_fork()
    assert flags.enabled("a"), "a closed client starts nothing"
    assert flags._sync._threads == []


def test_a_client_is_a_context_manager_of_itself():
    with Flags(Distant(), background=False) as flags:
        assert isinstance(flags, Flags)


def test_a_value_is_made_once_for_each_instance():
    class Thing:
        made = 0

        @forking.cached_property
        def value(self) -> int:
            """The number of the making."""
            type(self).made += 1
            return self.made

    one, other = Thing(), Thing()
    assert [one.value, one.value, other.value] == [1, 1, 2]
    assert Thing.value.__doc__ == "The number of the making."


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_has_a_lock_of_its_own_and_values_need_none():
    """The parent's thread is inside of both while the process forks."""

    class Thing:
        @forking.cached_property
        def value(self) -> int:
            inside.set()
            go.wait(10)
            return 1

    lock, inside, go = forking.RenewedLock(), threading.Event(), threading.Event()

    def work() -> None:
        with lock:
            _ = Thing().value

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(10)
    child = os.fork()
    if child == 0:
        go.set()
        with lock:
            os._exit(0 if Thing().value == 1 else 1)
    end = time.monotonic() + 10
    while (done := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < end:
        time.sleep(0.005)
    go.set()
    thread.join()
    if done == (0, 0):
        os.kill(child, 9)
    assert done == (child, 0)
