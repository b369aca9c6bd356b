"""The marks of a declaration: what each holds, and how it shows itself."""

from __future__ import annotations

import pytest

from confkit import REQUIRED, Check, Doc, Env, RelativePath, Renamed
from confkit.schema import markers


def test_a_check_holds_its_rules_under_cerberus_names():
    mark = Check(min=1, allowed=["a"])
    assert mark.rules == {"min": 1, "allowed": ["a"]}
    assert repr(mark) == "Check(min=1, allowed=['a'])"


def test_required_shows_its_name():
    assert repr(REQUIRED) == "REQUIRED"


@pytest.mark.parametrize("mark", [Doc("seconds"), Env("API_KEY"), Renamed("a.b"), RelativePath()])
def test_a_mark_is_equal_to_one_of_the_same_text_and_does_not_change(mark):
    fields = [getattr(mark, name) for name in type(mark).__dataclass_fields__]
    assert mark == type(mark)(*fields)
    assert hash(mark) == hash(type(mark)(*fields))
    with pytest.raises((AttributeError, TypeError)):
        mark.text = mark.name = mark.old = "changed"


def test_every_mark_says_what_it_means():
    classes = [
        v
        for v in vars(markers).values()
        if isinstance(v, type) and v.__module__ == markers.__name__
    ]
    assert all(c.__doc__ for c in classes)
