"""Numbers on the command line."""

from __future__ import annotations

import click
import pytest

from confkit.cli.numbers import Seconds

RANGE = Seconds(0, 3600, min_open=True)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "1e999", "0", "-1", "3601", "x", ""])
def test_what_is_no_number_of_seconds_is_refused(text):
    with pytest.raises(click.BadParameter):
        RANGE.convert(text, None, None)


def test_a_number_of_seconds():
    assert RANGE.convert("0.5", None, None) == 0.5
    assert Seconds(min=0.1).convert("1e6", None, None) == 1_000_000
    with pytest.raises(click.BadParameter):
        Seconds(min=0.1).convert("inf", None, None)
