"""Which changes may take in more people: a table of cases, and a law that holds for all rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.widening import is_off, widening

DE = {"attribute": "country", "in": ["DE"]}
AT = {"attribute": "country", "in": ["AT"]}
STEP = {"at": "2030-01-01T00:00:00Z", "percentage": 50}


def rule(document):
    return None if document is None else Rule.from_document("f", {"enabled": True, **document})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"enabled": False}, {}),
        (None, {}),
        (None, {"allow": ["1"]}),
        ({"allow": ["1"]}, {}),
        ({"allow": []}, {}),
        ({"percentage": 5}, {}),
        ({"percentage": 5}, {"percentage": 6}),
        ({"percentage": 5}, {"percentage": 5, "salt": "other"}),
        ({"percentage": 5}, {"percentage": 4, "unit": "account"}),
        ({"percentage": 5}, {"percentage": 5, "scheme": "legacy-md5-100"}),
        ({"percentage": 5}, {"percentage": 5, "allow": ["1"]}),
        ({"allow": ["1"]}, {"allow": ["2"]}),
        ({"allow": ["1"]}, {"allow": ["1"], "unit": "account"}),
        ({"deny": ["1", "2"]}, {"deny": ["1"]}),
        ({"deny": ["1"]}, {}),
        ({"conditions": [DE]}, {}),
        ({"conditions": [DE]}, {"conditions": [AT]}),
        ({"prerequisites": ["a"]}, {}),
        ({"prerequisites": ["a"]}, {"prerequisites": {"a": False}}),
        ({"percentage": 5}, {"percentage": 5, "schedule": [STEP]}),
        ({"schedule": [STEP]}, {}),
        ({"variants": {"a": 100}}, {"variants": {"b": 100}}),
    ],
)
def test_what_widens(old, new):
    assert widening(rule(old), rule(new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"enabled": False}),
        ({}, None),
        ({}, {}),
        (None, {"enabled": False}),
        (None, {"percentage": 0}),
        (None, {"allow": []}),
        ({"enabled": False}, {"allow": []}),
        ({}, {"percentage": 5}),
        ({"percentage": 5}, {"percentage": 4}),
        ({"percentage": 5}, {"percentage": 0, "salt": "other"}),
        ({"percentage": 5}, {"percentage": 5, "salt": "f"}),
        ({}, {"percentage": 100, "salt": "other"}),
        ({"allow": ["1"]}, {"allow": []}),
        ({"allow": ["1", "2"]}, {"allow": ["2"]}),
        ({}, {"allow": ["1"]}),
        ({}, {"deny": ["1"]}),
        ({}, {"conditions": [DE]}),
        ({"conditions": [DE]}, {"conditions": [AT, DE]}),
        ({}, {"prerequisites": ["a"]}),
        ({"schedule": [STEP]}, {"percentage": 0}),
        ({}, {"owner": "ann", "description": "x", "expires": "2030-01-01"}),
    ],
)
def test_what_does_not_widen(old, new):
    assert widening(rule(old), rule(new)) == ()


UNITS = [str(n) for n in range(12)]
ids = st.lists(st.sampled_from(UNITS[:4]), max_size=3, unique=True)
documents = st.fixed_dictionaries(
    {"enabled": st.booleans()},
    optional={
        "percentage": st.sampled_from([0, 20, 50, 100]),
        "allow": ids,
        "deny": ids,
        "salt": st.sampled_from(["f", "other"]),
        "unit": st.sampled_from(["user_id", "account"]),
        "schedule": st.just([STEP]),
    },
)


@given(documents, documents, st.lists(st.sampled_from([DE, AT]), max_size=2), st.booleans())
def test_nobody_enters_by_a_change_that_does_not_widen(first, second, conditions, limited):
    old = Rule.from_document("f", first)
    new = Rule.from_document("f", second)
    if conditions and limited:
        asked = Rule.from_document("f", {"enabled": True, "conditions": conditions}).conditions
        old = replace(old, conditions=asked)
    for later in (False, True):
        clock = (lambda: 4e9) if later else (lambda: 0.0)
        was, now = Compiled(old, clock=clock), Compiled(new, clock=clock)
        for unit in UNITS:
            for country in ("DE", "AT"):
                context = {"user_id": unit, "account": unit + "x", "country": country}
                if now.decide(context, {}).value and not was.decide(context, {}).value:
                    assert widening(old, new)
    if is_off(new):
        assert widening(old, new) == ()


def test_reasons_are_in_plain_words():
    old = rule({"deny": ["1", "2"], "percentage": 5, "conditions": [DE]})
    assert widening(old, rule({"deny": ["1"], "percentage": 10})) == (
        "1 id is no longer denied",
        "the percentage rises from 5 to 10",
        "no longer asked for: country in DE",
    )
    assert widening(rule({"allow": ["1"]}), rule({})) == ("the percentage rises from 0 to 100",)
    assert widening(None, rule({"percentage": 5, "allow": ["1"], "conditions": []})) == (
        "the flag is new, on for 5 % and 1 listed",
    )
