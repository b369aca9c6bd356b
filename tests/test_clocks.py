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
