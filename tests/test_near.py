"""Near misses among many names."""

from __future__ import annotations

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.near import KnownNames, did_you_mean, near

NAMES = ["DATABASE_URL", "DATABASE_POOL_SIZE", "DEBUG", "X", "REDIS_URL"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASE_POOLSIZE", "DATABASE_POOL_SIZE"),
        ("DEBUGG", "DEBUG"),
        ("REDIS_URI", "REDIS_URL"),
        ("SOMETHING_ELSE", ""),
        ("", ""),
        ("X", "X"),
    ],
)
def test_near(name, meant):
    assert KnownNames(NAMES).near(name) == meant


MANY = [*NAMES, "port", "host", "ids", "db.url", "name", "hosts", "mode", "log.level", "timeout"]


def slips(name):
    """``name`` with one letter left out, another one, one too many, two that changed places."""
    for at in range(len(name)):
        for slip in ("", "Z", "_", name[at] * 2):
            yield name[:at] + slip + name[at + 1 :]
        yield name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]


@pytest.mark.parametrize("name", MANY)
def test_every_slip_is_found_among_many_as_by_comparing_all(name):
    known = KnownNames(MANY)
    assert {s: known.near(s) for s in slips(name)} == {s: near(s, MANY) for s in slips(name)}


@given(
    st.lists(st.text(ascii_lowercase, min_size=3, max_size=9), min_size=9, unique=True), st.data()
)
def test_a_slip_in_any_name_finds_one_that_is_near(names, data):
    name = data.draw(st.sampled_from(names))
    for written in slips(name):
        assert bool(KnownNames(names).near(written)) == bool(near(written, names))


def test_the_suggestion_as_text_and_nothing_where_nothing_is_near():
    assert did_you_mean("DEBUGG", NAMES) == "did you mean DEBUG?"
    assert did_you_mean("DEBUGG", NAMES, ": ") == ": did you mean DEBUG?"
    assert did_you_mean("SOMETHING_ELSE", NAMES, ": ") == ""


def test_a_name_made_from_input_costs_little():
    assert near("x" * 10_000_000, NAMES) == ""


def test_few_of_many_names_are_compared_letter_by_letter(monkeypatch):
    compared = []

    def counting(name, names):
        compared.append(list(names))
        return near(name, compared[-1])

    monkeypatch.setattr("confkit.near.near", counting)
    known = KnownNames(f"section_{i}.field_{j}" for i in range(200) for j in range(25))
    assert known.near("section_17.feild_3") == "section_17.field_3"
    assert known.did_you_mean("sction_199.field_24") == "did you mean section_199.field_24?"
    assert known.did_you_mean("something else") == ""
    assert max(map(len, compared)) <= 8
