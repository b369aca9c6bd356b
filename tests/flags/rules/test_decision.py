"""Decisions as data and as text."""

from __future__ import annotations

import json

from confkit.flags.rules.decision import Decision, Reason


def test_a_decision_reads_well():
    decision = Decision(
        "new-checkout", False, Reason.OUT_OF_ROLLOUT,
        "outside the rollout: bucket 71.302 >= 25", 71302, 3, None, "user-42",
    )  # fmt: skip
    assert str(decision) == (
        "new-checkout=off (outside the rollout: bucket 71.302 >= 25, unit user-42)"
    )
    assert not decision
    assert decision.as_dict()["reason"] == "out-of-rollout"
    assert str(Decision("a", True, Reason.ON, variant="b")) == "a=on, variant b (on)"


def test_a_decision_is_plain_json_with_its_value():
    decision = Decision("a", True, Reason.ON, variant="b", payload={"ink": [1]})
    assert hash(decision) == hash(Decision("a", True, Reason.ON, variant="b", payload={}))
    found = json.loads(json.dumps(decision.as_dict()))
    assert (found["value"], found["variant"], found["payload"]) == (True, "b", {"ink": [1]})
    assert found["text"] == str(decision)
    assert Decision("a", False, Reason.DISABLED).as_dict()["payload"] is None
