"""What became of the last try to read the sources again."""

from __future__ import annotations

import pytest

from confkit import InvalidConfig
from confkit.errors import Problem
from confkit.living.outcome import Outcome


def error(message: str) -> InvalidConfig:
    return InvalidConfig("Settings", [Problem("port", message)])


def test_distinct_failures_are_counted_until_it_is_well_again():
    outcome = Outcome()
    assert (outcome.error, outcome.failures, outcome.well()) == (None, 0, False)
    assert outcome.failed(error("is no number"))
    assert not outcome.failed(error("is no number"))
    assert outcome.failed(error("is missing"))
    assert outcome.failures == 2
    assert str(outcome.error) == "port: is missing"
    assert (outcome.well(), outcome.error, outcome.failures) == (True, None, 2)
    assert outcome.failed(error("is missing"))


def test_what_is_inside_is_noted_and_raised():
    outcome = Outcome()
    with pytest.raises(InvalidConfig), outcome.noting():
        raise error("is no number")
    assert outcome.failures == 1
    with outcome.noting():
        pass
    assert outcome.error is None
