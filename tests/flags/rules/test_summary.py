"""A rule in a few words, and what changed between two."""

from __future__ import annotations

import pytest

from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.summary import audience, difference

GERMAN = {"attribute": "country", "in": ["DE"]}


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"enabled": False, "percentage": 10}, "nobody"),
        ({"enabled": True}, "everyone"),
        ({"enabled": True, "percentage": 12.5}, "12.5 %"),
        ({"enabled": True, "allow": ["1", "2"]}, "2 listed"),
        ({"enabled": True, "percentage": 0, "allow": ["1"]}, "0 %, 1 listed"),
        (
            {"enabled": True, "conditions": [GERMAN], "deny": ["1"], "prerequisites": {"a": True}},
            "everyone, if country in DE, not 1 denied, needs a",
        ),
    ],
)
def test_who_a_flag_is_on_for(document, text):
    assert audience(Compiled(Rule.from_document("x", document))) == text


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (None, {"enabled": True}, "created, enabled: unset -> True"),
        ({"enabled": True}, None, "deleted"),
        ({"percentage": 10}, {"percentage": 25}, "percentage: 10 -> 25"),
        ({"a": 1, "owner": "x"}, {"a": 1}, "owner: x -> unset"),
        ({"a": 1}, {"a": 1}, "no difference"),
        ({}, {"allow": ["1", "2", "3", "4"]}, "allow: unset -> 4 items"),
    ],
)
def test_what_changed(old, new, text):
    assert difference(old, new) == text
