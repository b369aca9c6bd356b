"""Flags as they leave, and old names as they come in."""

from __future__ import annotations

import pytest

from confkit.admin.flag_views import named, shown
from confkit.admin.problems import Refused
from confkit.redaction import remember

DOCUMENT = {
    "enabled": True,
    "allow": ["u1", "u2"],
    "deny": ["u3"],
    "conditions": [
        {"attribute": "user_id", "in": ["u4", "u5", "u6"]},
        {"attribute": "country", "in": ["DE", "AT"]},
    ],
}


def test_ids_are_counted_wherever_they_are():
    assert shown(DOCUMENT, ids=False) == {
        "enabled": True,
        "allow_count": 2,
        "deny_count": 1,
        "conditions": [
            {"attribute": "user_id", "in_count": 3},
            {"attribute": "country", "in": ["DE", "AT"]},
        ],
    }
    assert shown(DOCUMENT, ids=True) == DOCUMENT


def test_another_unit_has_other_ids():
    document = {"enabled": True, "unit": "country", "conditions": DOCUMENT["conditions"]}
    conditions = shown(document, ids=False)["conditions"]
    assert conditions[0]["in"] == ["u4", "u5", "u6"]
    assert conditions[1]["in_count"] == 2


def test_a_secret_in_a_document_is_masked():
    remember("canary-in-a-flag-9")
    made = shown({"enabled": True, "description": "see canary-in-a-flag-9"}, ids=True)
    assert made["description"] == "see ***"


def test_old_names():
    assert named({"user_whitelist": ["1"], "percentage_rollout": 5, "owner": "x"}) == {
        "allow": ["1"], "percentage": 5, "owner": "x",
    }  # fmt: skip
    assert named({"user_whitelist": []}) == {"allow": None}
    assert named({"allow": []}) == {"allow": []}
    for both in (
        {"user_whitelist": ["1"], "allow": ["1"]},
        {"percentage_rollout": 5, "percentage": 5},
    ):
        with pytest.raises(Refused):
            named(both)
