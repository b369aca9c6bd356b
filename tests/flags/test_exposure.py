"""Who saw what: told once each, never in the way."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time

from confkit.flags import exposure
from confkit.flags.exposure import Exposures
from confkit.flags.rules.decision import Decision, Reason


def decision(unit, name="a"):
    return Decision(name, True, Reason.ON, unit=unit)


def test_what_does_not_fit_is_dropped_and_counted():
    told = []
    notes = Exposures(told.append, capacity=3, background=False)
    for n in range(5):
        notes.record(decision(str(n)))
    assert notes.dropped == 2
    notes.flush()
    assert [d.unit for d in told] == ["0", "1", "2"]


def test_what_is_remembered_is_bounded_and_forgotten():
    told = []
    notes = Exposures(told.append, capacity=2, background=False)
    for unit in ("1", "1", "2", "3", "1", "4", "5", "1"):
        notes.record(decision(unit))
        notes.flush()
    assert [d.unit for d in told] == ["1", "2", "3", "4", "5", "1"]
    assert len(notes._recent) + len(notes._older) <= 4


def test_a_callback_that_fails_does_not_stop_the_others(caplog):
    told = []

    def tell(given):
        if given.unit == "1":
            raise ZeroDivisionError
        told.append(given.unit)

    notes = Exposures(tell, background=False)
    for unit in "12":
        notes.record(decision(unit))
    notes.close()
    assert told == ["2"]
    assert "the exposure callback failed" in caplog.text


def test_a_thread_hands_them_on(monkeypatch):
    monkeypatch.setattr(exposure, "PAUSE", 0.001)
    told = threading.Event()
    notes = Exposures(lambda given: told.set())
    notes.record(decision("1"))
    assert told.wait(10)
    notes._start()
    assert [t.name for t in threading.enumerate()].count("confkit-flags-exposures") == 1
    notes.close()
    notes.record(decision("2"))
    end = time.monotonic() + 10
    while any(t.name == "confkit-flags-exposures" for t in threading.enumerate()):
        assert time.monotonic() < end, "the thread goes on"
        time.sleep(0.001)


def test_a_forked_child_does_not_tell_what_the_parent_will():
    notes = Exposures(lambda given: None, background=False)
    notes.record(decision("1"))
    notes.after_fork()
    assert not notes._notes


def test_closing_takes_no_longer_than_a_second_whatever_the_callback_does(caplog):
    entered, release = threading.Event(), threading.Event()
    notes = Exposures(lambda given: (entered.set(), release.wait(20)), background=False)
    for unit in "123":
        notes.record(decision(unit))
    closing = threading.Thread(target=notes.close)
    closing.start()
    assert entered.wait(10)
    closing.join(10)
    assert not closing.is_alive()
    assert notes.dropped == 2
    assert "slow" in caplog.text
    release.set()


def test_a_callback_may_close(monkeypatch):
    monkeypatch.setattr(exposure, "PAUSE", 0.001)
    told = []

    def tell(given):
        told.append(given.unit)
        notes.close()

    notes = Exposures(tell)
    for unit in "12":
        notes.record(decision(unit))
    notes._thread.join(10)
    assert not notes._thread.is_alive()
    assert told == ["1", "2"]


def test_a_short_script_hands_on_what_it_asked_last():
    code = (
        "from confkit.flags import Flags, MemoryStore\n"
        "store = MemoryStore({'a': {'enabled': True}})\n"
        "flags = Flags(store, on_exposure=lambda decision: print(decision.name, flush=True))\n"
        "flags.enabled('a', '1')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "a\n"
    assert done.stderr == ""


def test_exposures_that_are_garbage_leave_no_thread(monkeypatch):
    monkeypatch.setattr(exposure, "PAUSE", 0.001)
    notes = Exposures(lambda given: None)
    notes.record(decision("1"))
    thread = notes._thread
    del notes
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()
