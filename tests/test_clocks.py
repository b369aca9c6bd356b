"""The clocks that tests can move."""

from __future__ import annotations

import time

import pytest

from confkit import clocks


@pytest.fixture(autouse=True)
def machine_time():
    yield
    clocks.reset()


def test_they_are_the_machines_clocks():
    assert abs(clocks.time() - time.time()) < 5
    assert clocks.monotonic() <= clocks.monotonic()
    assert clocks.moved() == 0


def test_a_move_forward_moves_both():
    day, forward = clocks.time(), clocks.monotonic()
    clocks.move(3600)
    assert 3600 <= clocks.time() - day < 3605
    assert 3600 <= clocks.monotonic() - forward < 3605
    assert clocks.moved() == 3600


def test_a_move_back_moves_the_time_of_day_alone():
    day, forward = clocks.time(), clocks.monotonic()
    clocks.move(-3600)
    assert clocks.time() < day - 3500
    assert clocks.monotonic() >= forward


def test_after_a_reset_nobody_saw_the_forward_clock_go_back():
    clocks.move(3600)
    forward = clocks.monotonic()
    clocks.reset()
    assert clocks.monotonic() >= forward
    assert abs(clocks.time() - time.time()) < 5


def test_a_clock_that_has_a_name_and_does_not_work_is_not_read(monkeypatch):
    def fails(clock: int) -> float:
        raise OSError(28, "Invalid argument")

    monkeypatch.setattr(time, "clock_gettime", fails)
    assert clocks._that_counts_sleep() is None


def test_a_machine_whose_clock_is_set_back_undoes_nothing(monkeypatch):
    now = [4_000_000_000.0]
    monkeypatch.setattr(clocks, "_latest", 0.0)
    monkeypatch.setattr(clocks._time, "time", lambda: now[0])
    assert clocks.onward() == 4_000_000_000.0
    now[0] -= 3600
    assert clocks.onward() == 4_000_000_000.0
    assert clocks.time() == 4_000_000_000.0 - 3600
    clocks.move(-10)
    assert clocks.onward() == 4_000_000_000.0 - 10
    clocks.reset()
    now[0] += 7200
    assert clocks.onward() == 4_000_000_000.0 + 3600
