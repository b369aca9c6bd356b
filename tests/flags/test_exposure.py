"""Who saw what: told once each, never in the way."""

from __future__ import annotations

import threading

from confkit.flags import exposure
from confkit.flags.exposure import Exposures
from confkit.flags.rules.model import Decision, Reason


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
    assert not [t for t in threading.enumerate() if t.name == "confkit-flags-exposures"]


def test_a_forked_child_does_not_tell_what_the_parent_will():
    notes = Exposures(lambda given: None, background=False)
    notes.record(decision("1"))
    notes.after_fork()
    assert not notes._notes
