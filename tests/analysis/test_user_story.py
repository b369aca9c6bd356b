"""One unit's way to its answer: every step is in it, and the last one is what decided."""

from __future__ import annotations

import hashlib

import pytest

from confkit import Flags, MemoryStore, Rule
from confkit.analysis.user_story import as_test, percent_of, user_story
from confkit.flags.rules.evaluation import Compiled

NEEDED = Compiled(Rule.from_document("needed", {"enabled": True}))
DOCUMENT = {
    "enabled": True,
    "percentage": 25,
    "allow": ["ada"],
    "deny": ["eve"],
    "prerequisites": {"needed": True},
    "conditions": [{"attribute": "country", "in": ["DE"]}],
    "variants": {"a": 50, "b": 50},
}


def story(unit: str, table: object = None, **attributes: object):
    flag = Compiled(Rule.from_document("beta", DOCUMENT))
    return user_story(flag, unit, {"needed": NEEDED} if table is None else table, attributes)  # type: ignore[arg-type]


def test_the_hash_is_shown_as_it_is_made():
    found = story("user-1", country="DE")
    assert found.text == "beta:user-1"
    assert found.hexes == hashlib.md5(b"beta:user-1").hexdigest()
    assert found.bucket == found.word * 100_000 >> 32
    assert percent_of(found.bucket) == found.bucket / 1000


@pytest.mark.parametrize(
    ("unit", "attributes", "table", "states", "said"),
    [
        ("eve", {"country": "DE"}, None, ["ok", "fails"], "deny-list"),
        ("ada", {}, None, ["ok", "no", "ok"], "allow-list"),
        ("user-1", {"country": "DE"}, {}, ["ok", "no", "no", "fails"], "needed is unknown"),
        ("user-1", {"country": "FR"}, None, ["ok", "no", "no", "ok", "fails"], "country is FR"),
        ("user-1", {}, None, ["ok", "no", "no", "ok", "fails"], "country is missing"),
        ("user-2", {"country": "DE"}, None, ["ok", "no", "no", "ok", "ok", "fails"], "outside"),
    ],
)  # fmt: skip
def test_every_step_up_to_the_one_that_decides(unit, attributes, table, states, said):
    found = story(unit, table, **attributes)
    assert [step.state for step in found.steps] == states
    assert [step.last for step in found.steps] == [False] * (len(states) - 1) + [True]
    assert said in found.steps[-1].text


def test_a_disabled_flag_asks_nothing_more():
    flag = Compiled(Rule.from_document("beta", {**DOCUMENT, "enabled": False}))
    assert [step.state for step in user_story(flag, "ada").steps] == ["fails"]


def test_the_older_scheme_hashes_the_id_alone():
    flag = Compiled(
        Rule.from_document("b", {"enabled": True, "percentage": 5, "scheme": "legacy-md5-100"})
    )
    found = user_story(flag, "user-1")
    assert found.text == "user-1"
    assert found.bucket == int(hashlib.md5(b"user-1").hexdigest(), 16) % 100 * 1000


@pytest.mark.parametrize("unit", ["ada", "eve", "user-1", "user-2", "o'neil\n\"", "ü"])
def test_the_test_passes_as_it_is(unit):
    flags = Flags(MemoryStore({"beta": DOCUMENT, "needed": {"enabled": True}}), background=False)
    code = as_test(story(unit, country="DE"), {"country": "DE"})
    namespace: dict[str, object] = {}
    exec(code, namespace)
    (test,) = (value for name, value in namespace.items() if name.startswith("test_"))
    test(flags)  # type: ignore[operator]
    opposite = code.replace("is True", "is None").replace("is False", "is None")
    exec(opposite, namespace)
    with pytest.raises(AssertionError):
        namespace[test.__name__](flags)  # type: ignore[operator,attr-defined]
