"""What happens in a forked child, called directly: the real fork is in ``test_sync``."""

from __future__ import annotations

import threading

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
