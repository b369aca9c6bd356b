"""The loops: hints, faults, and how they end."""

from __future__ import annotations

import gc
import threading

from confkit.flags.client import Flags
from confkit.flags.replica import threads as module
from tests.flags.doubles import Calling, Distant, threads

ON, OFF = {"enabled": True}, {"enabled": False}


def put(store, name, document):
    return store.write(name, document, expect=None, by="", reason="")


def test_a_client_that_is_garbage_leaves_no_threads(until):
    before = len(threads())
    flags = Flags(Calling({"a": ON}), poll=0.01)
    assert len(threads()) == before + 2
    del flags
    gc.collect()
    until(lambda: len(threads()) == before)


def test_closing_waits_for_no_callback(until):
    store, entered, release = Distant({"a": ON}), threading.Event(), threading.Event()
    flags = Flags(store, poll=0.01)
    flags.subscribe(lambda change: (entered.set(), release.wait(20)))
    put(store, "a", OFF)
    assert entered.wait(10)
    closing = threading.Thread(target=flags.close)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()
    release.set()
    until(lambda: not threads())


def test_a_callback_may_close_its_client(until):
    store, closed = Distant({"a": ON}), threading.Event()
    flags = Flags(store, poll=0.01)
    flags.subscribe(lambda change: (flags.close(), closed.set()))
    put(store, "a", OFF)
    assert closed.wait(10)
    until(lambda: not threads())


def test_waits_after_failures_are_drawn_up_to_a_ceiling(monkeypatch):
    monkeypatch.setattr(module.random, "uniform", lambda low, high: (low, high))
    ceilings = [module.full_jitter(n) for n in (1, 2, 3, 6, 7, 1000)]
    assert ceilings == [(0, 0.1), (0, 0.2), (0, 0.4), (0, 3.2), (0, 5.0), (0, 5.0)]


def test_a_hint_is_quicker_than_the_poll(until):
    store = Calling({"a": OFF})
    with Flags(store, poll=1000) as flags:
        until(lambda: store.subscriptions == 1)
        put(store, "a", ON)
        store.changed.set()
        until(lambda: flags.enabled("a"))
        store.broken = True
        until(lambda: store.subscriptions == 2)
        put(store, "a", OFF)
        store.changed.set()
        until(lambda: not flags.enabled("a"))
    assert threads() == []


def test_a_fault_of_the_store_does_not_end_the_thread(until, caplog):
    store = Distant({"a": OFF})
    with Flags(store, poll=0.01) as flags:
        store.fault, store.down = ZeroDivisionError("a bug"), True
        until(lambda: flags.status.failures > 1)
        put(store.inner, "a", ON)
        store.down = False
        until(lambda: flags.enabled("a"))
    assert "a bug" in caplog.text
