"""The marks of a declaration: what each holds, and how it shows itself."""

from __future__ import annotations

import pickle

import pytest

from confkit import (
    REQUIRED,
    Alias,
    Check,
    Doc,
    Env,
    Open,
    Public,
    Read,
    RelativePath,
    Renamed,
    Seconds,
    Sensitive,
)
from confkit.schema import markers


def test_a_check_holds_its_rules_under_cerberus_names():
    mark = Check(min=1, allowed=["a"])
    assert mark.rules == {"min": 1, "allowed": ["a"]}
    assert repr(mark) == "Check(min=1, allowed=['a'])"


def test_required_shows_its_name():
    assert repr(REQUIRED) == "REQUIRED"


MARKS = [
    *(Doc("seconds"), Env("API_KEY"), Env("API_KEY", exact=True), Env(file=True)),
    *(Renamed("a.b"), Alias("from"), Open("rest"), Open(), Read(int)),
    *(RelativePath(), Public(), Sensitive(), Seconds()),
]


@pytest.mark.parametrize("mark", MARKS, ids=repr)
def test_a_mark_is_equal_to_one_of_the_same_text_and_does_not_change(mark):
    again = pickle.loads(pickle.dumps(mark))
    assert again == mark
    assert hash(again) == hash(mark)
    assert repr(again) == repr(mark)
    assert [one for one in MARKS if one == mark] == [mark]
    for name in mark.__slots__ or ["text"]:
        with pytest.raises(AttributeError):
            setattr(mark, name, "changed")


def test_every_mark_says_what_it_means():
    classes = [
        v
        for v in vars(markers).values()
        if isinstance(v, type) and v.__module__ == markers.__name__
    ]
    assert all(c.__doc__ for c in classes)
