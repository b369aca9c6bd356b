"""A rule is validated when it is written: every problem at once."""

from __future__ import annotations

import pytest

from confkit.errors import InvalidFlag
from confkit.flags.rules.model import Rule
from confkit.flags.rules.validation import problems

NAN, INF = float("nan"), float("inf")


def test_every_problem_at_once():
    found = problems(
        "x", {"percentage": 100.0001, "alow": [], "variants": {"a": 99}, "deny": [1.5, True]}
    )
    assert [(p.key, p.message) for p in found] == [
        ("enabled", "is required: true or false"),
        ("deny", "must hold ids that are text or integers, not bool, float"),
        ("percentage", "must be from 0 to 100"),
        ("variants", "the weights sum to 99, and must sum to 100"),
        ("alow", "is no field of a rule"),
    ]
    assert found[-1].hint == "did you mean allow?"


@pytest.mark.parametrize(
    ("fields", "key", "said"),
    [
        ({"enabled": "yes"}, "enabled", "true or false"),
        ({"enabled": None}, "enabled", "must not be null"),
        ({"percentage": NAN}, "percentage", "from 0 to 100"),
        ({"percentage": INF}, "percentage", "from 0 to 100"),
        ({"percentage": -1}, "percentage", "from 0 to 100"),
        ({"percentage": "25%"}, "percentage", "must be a number from 0 to 100, not str"),
        ({"percentage": True}, "percentage", "not bool"),
        ({"percentage": 1.00001}, "percentage", "steps of 0.001"),
        ({"salt": "a'b"}, "salt", "letters"),
        ({"salt": "x" * 65}, "salt", "1 to 64"),
        ({"salt": 5}, "salt", "letters"),
        ({"unit": ""}, "unit", "must not be empty"),
        ({"unit": 5}, "unit", "must be text"),
        ({"deny": "42"}, "deny", "must be a list"),
        ({"allow": [b"x"]}, "allow", "not bytes"),
        ({"allow": ["\ud800"]}, "allow", "not str"),
        ({"variants": []}, "variants", "must be a mapping"),
        ({"variants": {"a b": 100}}, "variants", "cannot be a variant's name"),
        ({"variants": {"a": NAN}}, "variants", "the weight of a must be"),
        ({"variants": {}}, "variants", "sum to 0"),
        ({"variants": {str(n): 0 for n in range(1001)}}, "variants", "at most 1000"),
        ({"conditions": ["x"]}, "conditions", "condition 1 must be a mapping"),
        ({"conditions": [{}]}, "conditions", "condition 1 needs"),
        ({"conditions": [{"attribute": "a"}]}, "conditions", "needs a test"),
        ({"conditions": [{"attribute": "a", "like": 1}]}, "conditions", "no test 'like'"),
        ({"conditions": [{"attribute": "a", "in": []}]}, "conditions", "list of values"),
        ({"conditions": [{"attribute": "a", "in": [None]}]}, "conditions", "must hold text"),
        ({"conditions": [{"attribute": "a", "prefix": 1}]}, "conditions", "a text or a list"),
        ({"conditions": [{"attribute": "a", "suffix": [""]}]}, "conditions", "not empty"),
        ({"conditions": [{"attribute": "a", "min": NAN}]}, "conditions", "needs a number"),
        ({"conditions": [{"attribute": "a", "max": True}]}, "conditions", "needs a number"),
        ({"conditions": [{"attribute": "a", "semver": "~1"}]}, "conditions", "version range"),
        ({"prerequisites": 1}, "prerequisites", "must be a mapping"),
        ({"prerequisites": ["a b"]}, "prerequisites", "cannot be a flag's name"),
        ({"prerequisites": {"a": 1}}, "prerequisites", "true, false or"),
        ({"prerequisites": ["x"]}, "prerequisites", "its own prerequisite"),
        ({"prerequisites": [f"n{n}" for n in range(1001)]}, "prerequisites", "at most 1000"),
        ({"schedule": [{"at": "soon", "percentage": 1}]}, "schedule", "'at' must be a time"),
        ({"schedule": [{"at": 5, "percentage": 1}]}, "schedule", "'at' must be a time"),
        ({"schedule": [{"at": "2026-01-01"}]}, "schedule", "needs 'at' and 'percentage'"),
        ({"schedule": [{"at": "2026-01-01", "percentage": 101}]}, "schedule", "step 1"),
        ({"expires": "31.12.2026"}, "expires", "must be a date"),
        ({"owner": 5}, "owner", "must be text"),
        ({"description": "x" * 10_001}, "description", "at most 10000"),
        ({"scheme": "sha1"}, "scheme", "must be one of md5-32, legacy-md5-100"),
        ({"scheme": "legacy-md5-100", "salt": "s"}, "salt", "no meaning"),
        ({"scheme": "legacy-md5-100", "percentage": 1.5}, "percentage", "whole number"),
        ({"allow": ["1"], "conditions": [{"attribute": "a", "min": 1}]}, "conditions", "no effect"),
        ({5: 6}, "5", "is no field"),
    ],
)
def test_what_is_wrong_is_named(fields, key, said):
    found = problems("x", {"enabled": True, **fields})
    assert any(p.key == key and said in p.message for p in found), found


def test_steps_of_a_schedule_ascend():
    steps = [{"at": at, "percentage": 1} for at in ("2026-01-02", "2026-01-01")]
    assert "later" in problems("x", {"enabled": True, "schedule": steps})[0].message


@pytest.mark.parametrize("document", [None, [], "x", 5])
def test_what_is_no_document(document):
    with pytest.raises(InvalidFlag, match="must be a mapping"):
        Rule.from_document("x", document)


@pytest.mark.parametrize("percentage", [0, 0.001, 33.333, 66.667, 99.999, 100, 100.0])
def test_percentages_at_the_border(percentage):
    assert problems("x", {"enabled": True, "percentage": percentage}) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "\udcff"},
        {"unit": "\ud800"},
        {"conditions": [{"attribute": "a\ud800", "in": ["1"]}]},
        {"conditions": [{"attribute": "a", "in": ["\ud800"]}]},
        {"conditions": [{"attribute": "a", "prefix": "\ud800"}]},
        {"conditions": [{"attribute": "a", "min": float("inf")}]},
    ],
)
def test_what_no_store_could_keep_is_refused_by_all(fields):
    assert len(problems("a", {"enabled": True, **fields})) == 1


def test_what_was_right_before_is_right_and_wrong_values_stay_wrong():
    """Values that are equal and of another kind are other values."""
    for _ in range(3):
        assert problems("a", {"enabled": True, "percentage": 1}) == ()
        assert problems("a", {"enabled": 1, "percentage": 1})
        assert problems("a", {"enabled": True, "percentage": True})
        assert problems("a", {"enabled": True, "percentage": 1.0}) == ()
        assert problems("a", {"percentage": 1})
        assert problems("a", {"enabled": True, "owner": 1})
        assert problems("a", {"enabled": True, "unknown": 1})
        assert problems("a", {"enabled": True, 5: 1})
        found = problems("a", {"enabled": True, "percentage": 101, "unit": ""})
        assert [problem.key for problem in found] == ["percentage", "unit"]


def test_documents_alike_are_checked_once(monkeypatch):
    from confkit.flags.rules import validation

    asked = []
    real = validation._validator
    monkeypatch.setattr(validation, "_right", set())
    monkeypatch.setattr(validation, "_validator", lambda: asked.append(1) or real())
    for number in range(1_000):
        assert problems("a", {"enabled": True, "percentage": number % 10, "owner": "ann"}) == ()
    assert len(asked) == 10
    monkeypatch.setattr(validation, "RIGHT", 5)
    for number in range(100):
        problems("a", {"enabled": True, "owner": f"somebody {number}"})
    assert len(validation._right) < 20
