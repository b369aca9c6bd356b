"""How names, salts, times and numbers of flags are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from confkit.flags.rules.literals import NAME, SALT, day, instant, number


@pytest.mark.parametrize("name", ["a", "new-checkout", "team.search_v2", "0", "a" * 128])
def test_what_a_flag_may_be_called(name):
    assert NAME.match(name)


@pytest.mark.parametrize("name", ["", "-a", ".a", "a b", "a\n", "ä", "a:b", "a/b", "a" * 129])
def test_what_a_flag_may_not_be_called(name):
    assert NAME.match(name) is None


@pytest.mark.parametrize("salt", ["", "a b", "a'", "a\n", "s" * 65])
def test_a_salt_needs_no_quoting_anywhere(salt):
    assert SALT.match(salt) is None


def test_a_time_without_an_offset_is_utc():
    assert instant("2027-01-01T08:00") == datetime(2027, 1, 1, 8, tzinfo=UTC)
    east = datetime(2027, 1, 1, 8, tzinfo=timezone(timedelta(hours=2)))
    assert instant("2027-01-01T08:00+02:00") == instant(east) == east


def test_a_day_from_text_dates_and_times():
    wanted = date(2027, 1, 31)
    assert day("2027-01-31") == day(wanted) == day(datetime(2027, 1, 31, 23)) == wanted


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-02-30", "31.01.2027"])
def test_what_is_no_time_is_refused(text):
    for read in (instant, day):
        with pytest.raises(ValueError):
            read(text)


def test_a_whole_number_is_an_integer():
    assert repr(number(25.0)) == "25"
    assert repr(number(12.5)) == "12.5"
