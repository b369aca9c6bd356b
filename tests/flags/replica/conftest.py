"""Waiting for what a thread brings about."""

from __future__ import annotations

import threading

import pytest


@pytest.fixture
def until():
    """Wait for a condition that a thread brings about."""

    def wait(condition):
        pause = threading.Event()
        for _ in range(2000):
            if condition():
                return
            pause.wait(0.005)
        raise AssertionError("it never happened")

    return wait
