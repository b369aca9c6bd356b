"""Keeping a copy fresh: start order, outages, hints, quarantine, staleness, forks."""

from __future__ import annotations

import os
import threading
import time

import pytest

from confkit.errors import StoreDoubted, StoreError, StoreUnavailable
from confkit.flags.client import Flags
from confkit.flags.replica import backup
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore
from confkit.flags.stores.port import Stored
from tests.flags.doubles import Distant, Moving, Seeding, threads

ON, OFF = {"enabled": True}, {"enabled": False}


def put(store, name, document):
    return store.write(name, document, expect=None, by="", reason="")


def test_a_store_of_this_process_needs_no_thread_and_is_seen_at_once():
    store = MemoryStore()
    with Flags(store) as flags:
        assert threads() == []
        put(store, "a", ON)
        assert flags.enabled("a")
    put(store, "a", OFF)
    assert flags.enabled("a"), "a closed client keeps what it had"


def test_a_change_is_seen_by_the_poll(until):
    store = Distant({"a": OFF})
    with Flags(store, poll=0.01) as flags:
        assert threads() == ["confkit-flags-poll"]
        put(store, "a", ON)
        until(lambda: flags.enabled("a"))
    assert threads() == []
    flags.close()


def test_an_outage_keeps_the_last_good_flags(until):
    store = Distant({"a": ON})
    with Flags(store, poll=0.01) as flags:
        store.down = True
        until(lambda: flags.status.failures)
        assert flags.enabled("a")
        assert flags.status.last_error == "StoreUnavailable: no answer"
        assert not flags.status.healthy
        put(store.inner, "a", OFF)
        store.down = False
        until(lambda: not flags.enabled("a"))
        until(lambda: flags.status.healthy)


def test_the_start_waits_no_longer_than_told():
    store = Distant({"a": ON})
    store.gate = threading.Event()
    with Flags(store, start_timeout=0.01, bootstrap={"a": OFF}) as flags:
        assert flags.status.source == "bootstrap"
        assert not flags.enabled("a")
        store.gate.set()


def test_fail_fast():
    store = Distant()
    store.down = True
    with pytest.raises(
        StoreUnavailable, match="no flags at the start: StoreUnavailable: no answer"
    ):
        Flags(store, fail_fast=True)
    with pytest.raises(StoreUnavailable):
        Flags(store, fail_fast=True, background=False)
    assert threads() == []


def test_the_order_of_the_start(tmp_path):
    path, bundled = tmp_path / "backup.json", {"a": ON, "b": ON}
    store = Distant({"a": OFF})
    store.down = True
    with Flags(store, background=False, bootstrap=bundled, backup=path) as flags:
        assert (flags.status.source, flags.enabled("a"), flags.enabled("b")) == (
            "bootstrap",
            True,
            True,
        )
        assert flags.status.staleness is None
        store.down = False
        flags.refresh()
        assert (flags.status.source, flags.enabled("a"), flags.enabled("b")) == (
            "store",
            False,
            False,
        )
        put(store.inner, "a", {"enabled": True, "description": "x"})
        flags.refresh()
    store.down = True
    with Flags(store, background=False, bootstrap=bundled, backup=path) as flags:
        assert flags.status.source == "backup"
        assert flags.decide("a").revision == 2
    with Flags(store, [Flag("a", default=True)], background=False) as flags:
        assert flags.status.source == "defaults"
        assert flags.decide("a").reason is Reason.UNKNOWN
        assert flags.enabled("a")


def test_a_backup_that_is_none_is_passed_over(tmp_path, caplog):
    path = tmp_path / "backup.json"
    path.write_text("{")
    with Flags(Distant({"a": ON}), background=False, backup=path) as flags:
        assert flags.enabled("a")
    assert "the backup is not used" in caplog.text
    assert len(backup.load(path)) == 1


def test_a_backup_that_cannot_be_written_stops_nothing(tmp_path, caplog):
    with Flags(Distant({"a": ON}), background=False, backup=tmp_path / "no" / "b.json") as flags:
        assert flags.enabled("a")
    assert "no backup written" in caplog.text


def test_a_backup_has_the_last_good_rules_only(tmp_path):
    path, store = tmp_path / "backup.json", Distant({"a": ON})
    with Flags(store, background=False, backup=path) as flags:
        put(store, "a", {"enabled": "maybe"})
        flags.refresh()
    newest = backup.load(path)[0]
    assert newest.flags == {"a": Stored(ON, 2, changed=2)}


def test_bundled_flags_stand_until_the_store_is_written():
    store = Distant()
    with Flags(store, background=False, bootstrap={"a": ON}) as flags:
        assert flags.enabled("a")
        put(store, "b", ON)
        flags.refresh()
        assert set(flags.all()) == {"b"}


def empty(store, **documents):
    store.inner = MemoryStore(documents)


def test_an_emptied_store_is_quarantined_until_confirmed(caplog):
    store = Distant({f"f{n}": ON for n in range(200)})
    with Flags(store, background=False) as flags:
        empty(store)
        for _ in range(2):
            flags.refresh()
        assert all(flags.enabled(f"f{n}") for n in range(200))
        assert flags.status.quarantine == "the store is empty, and 200 flags were in it"
        assert not flags.status.healthy
        empty(store, f0=OFF)
        flags.refresh()
        assert flags.enabled("f0")
        assert "200 of 200 flags were lost or changed" in flags.status.quarantine
        assert flags.confirm()
        assert set(flags.all()) == {"f0"}
        assert flags.status.healthy
        assert not flags.confirm()
    assert caplog.text.count("not believed") == 2


def test_what_is_confirmed_is_what_the_store_holds_then():
    store = Moving({"a": ON, "b": ON})
    with Flags(store, background=False) as flags:
        empty(store)
        flags.refresh()
        empty(store, a=OFF)  # written again, and not seen yet
        assert flags.confirm(by="ann", reason="a is all there is")
        assert flags.status.healthy
        assert set(flags.view.flags) == {"a"}, "the empty store is the past"
        assert [by for _, by, _ in store.confirmed] == ["ann"]


def test_a_store_that_changes_while_it_is_confirmed_is_looked_at_again():
    store = Moving({"a": ON, "b": ON})
    with Flags(store, background=False) as flags:
        empty(store)
        store.moves = [MemoryStore({"a": OFF}), MemoryStore({"c": ON})]
        flags.refresh()
        assert flags.confirm()
        assert set(flags.view.flags) == {"a"}
        empty(store)
        store.moves = [MemoryStore({f"f{n}": ON}) for n in range(50)]
        flags.refresh()
        with pytest.raises(StoreError, match="changed 10 times"):
            flags.confirm()
        assert not flags.enabled("a")
        assert flags.status.quarantine
        store.down = True
        with pytest.raises(StoreUnavailable):
            flags.confirm()


def test_a_start_against_an_emptied_store_believes_the_backup(tmp_path):
    path, store = tmp_path / "b.json", Distant({"a": ON, "b": ON, "c": ON})
    with Flags(store, background=False, backup=path):
        empty(store)
    with Flags(store, background=False, backup=path) as flags:
        assert flags.enabled("a")
        assert (flags.status.source, bool(flags.status.quarantine)) == ("backup", True)


def test_reseeding_is_asked_for():
    store = Seeding({"a": ON})
    with Flags(store, background=False, reseed=True) as flags:
        version = flags.status.version
        empty(store)
        flags.refresh()
    assert [s.version for s in store.seeded] == [version]
    assert dict(store.seeded[0].flags) == {"a": Stored(ON, 1, changed=1)}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_staleness_is_counted_by_a_clock_that_does_not_jump(monkeypatch):
    clock, store = Clock(), Distant({"a": ON})
    with Flags(store, background=False, monotonic=clock) as flags:
        clock.now += 30
        assert flags.status.staleness == 30
        flags.refresh()
        assert flags.status.staleness == 0


def test_flags_gone_stale_answer_their_defaults_where_that_is_wanted():
    clock, store = Clock(), Distant({"a": ON, "b": ON, "kill": ON})
    declared = [Flag("a", on_stale="keep"), Flag("kill", max_stale=10, on_stale="default")]
    heard = []
    with Flags(
        store, declared, background=False, monotonic=clock, max_stale=60, on_stale="default"
    ) as flags:
        flags.subscribe(heard.append)
        store.down = True
        for seconds, stale in ((5, ()), (6, ("kill",)), (60, ("b", "kill"))):
            clock.now += seconds
            with pytest.raises(StoreUnavailable):
                flags.refresh()
            flags.tick()
            assert flags.status.stale == stale
        assert flags.enabled("a")
        assert flags.decide("b").reason is Reason.STALE
        assert not flags.enabled("kill")
        store.down = False
        flags.refresh()
        assert flags.enabled("b")
        assert flags.status.stale == ()
    assert [set(c.names) for c in heard] == [{"kill"}, {"b"}, {"b", "kill"}]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_starts_threads_of_its_own(until):
    """With the locks held at the moment of the fork, and the parent's threads left alone."""
    store = Distant({"a": OFF})
    with Flags(store, poll=0.01) as flags:
        with flags._lock, store.inner._lock:
            pid = os.fork()
        if pid == 0:  # pragma: no cover - another process
            code = 1
            try:
                assert threads() == []
                assert flags.enabled("a") is False
                put(store, "a", ON)
                until(lambda: flags.enabled("a"))
                assert threads() == ["confkit-flags-poll"]
                flags.close()
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert flags.enabled("a") is False, "the child's store is not ours"
        put(store, "a", ON)
        until(lambda: flags.enabled("a"))


def test_a_store_that_went_back_changes_nothing_and_is_named():
    store = Distant({"a": ON, "b": ON})
    with Flags(store, background=False) as flags:
        version = flags.status.version
        store.inner._number -= 1
        store.inner._flags["a"] = '{"enabled": false}'
        flags.refresh()
        assert flags.enabled("a")
        assert flags.status.doubted == ("a",)
        assert not flags.status.healthy
        assert flags.status.version.number == version.number - 1
        with pytest.raises(StoreDoubted, match=r"confirm\(\)"):
            flags.set("a", owner="ann")
        assert flags.set("b", enabled=False).revision == 2
        assert flags.confirm()
        assert not flags.enabled("a")
        assert flags.set("a", owner="ann").new == {"enabled": False, "owner": "ann"}


def test_a_write_is_refused_while_the_store_is_in_quarantine():
    """The next change after a flush would be made of nothing, and on for everybody."""
    store = Distant({"a": {"enabled": True, "percentage": 5, "allow": ["1"]}})
    with Flags(store, background=False) as flags:
        empty(store)
        for change in (
            lambda: flags.set("a", enabled=True),
            lambda: flags.delete("a"),
            lambda: flags.rollback("a", 1),
            lambda: flags.set("new", enabled=True),
        ):
            with pytest.raises(StoreDoubted):
                change()
        assert store.inner.read().flags == {}
        assert not flags.reseed(), "this store cannot be filled"
        store.write("a", OFF, expect=0, by="", reason="on purpose")


class Slow(Distant):
    """A store that answers in many parts."""

    last_reply = 0.0

    def read(self, known=None):
        for _ in range(10):
            threading.Event().wait(0.03)
            self.last_reply = time.monotonic()
        return super().read(known)


def test_a_long_answer_is_no_silence():
    with Flags(Slow({"a": ON}), start_timeout=0.15, fail_fast=True) as flags:
        assert flags.enabled("a")
