"""Decisions in the words of OFREP."""

from __future__ import annotations

import pytest

from confkit.admin.ofrep_answers import attributes, success
from confkit.admin.problems import Refused
from confkit.flags.rules.decision import OPENFEATURE_REASONS, Decision, Reason

#: What the protocol knows.
KNOWN = {"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_one_that_providers_know(reason):
    made = success(Decision("f", True, reason, revision=7), texts=False, public=False)
    assert made["reason"] in KNOWN
    assert made["variant"] == "on"
    assert made["metadata"] == {"reason": reason.value, "revision": 7}
    assert set(OPENFEATURE_REASONS.values()) <= KNOWN


def test_variants_are_texts_and_none_when_it_is_off():
    on = success(Decision("f", True, Reason.ON, variant="fast"), texts=True, public=True)
    assert on == {"key": "f", "reason": "STATIC", "variant": "fast", "value": "fast"}
    off = success(Decision("f", False, Reason.DISABLED), texts=True, public=True)
    assert off == {"key": "f", "reason": "DISABLED", "variant": "off"}
    plain = success(Decision("f", False, Reason.DISABLED), texts=False, public=True)
    assert plain["value"] is False


@pytest.mark.parametrize("payload", ["dark", 0, 2.5, {"c": [1]}, {}, ""])
def test_a_value_is_what_the_variant_gives(payload):
    on = Decision("f", True, Reason.ON, variant="fast", payload=payload)
    assert success(on, texts=True, public=True)["value"] == payload
    off = Decision("f", False, Reason.DISABLED, payload=payload)
    assert success(off, texts=True, public=True)["value"] == payload
    assert success(off, texts=False, public=True)["value"] == payload


def test_the_context_becomes_attributes():
    content = {"context": {"targetingKey": "u1", "country": "DE", "age": 3}}
    assert attributes(content) == {"user_id": "u1", "country": "DE", "age": 3}
    assert attributes({"context": {"targetingKey": "u1", "user_id": "u2"}}) == {"user_id": "u2"}
    assert attributes({"context": {}}) == {}
    for wrong in (None, [], {}, {"context": []}, {"context": {"targetingKey": 7}}):
        with pytest.raises(Refused):
            attributes(wrong)
