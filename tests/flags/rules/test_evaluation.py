"""The order of evaluation, each answer with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.flags.client import Flags
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.evaluation import MAX_CHAIN, Compiled, chain_faults
from confkit.flags.rules.model import Rule
from confkit.flags.stores.memory import MemoryStore

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z


def compiled(name="x", clock=lambda: NOW, **fields):
    return Compiled(Rule.from_document(name, {"enabled": True, **fields}), 1, clock)


def decide(fields, context=None, **others):
    table = {n: compiled(n, **f) for n, f in others.items()}
    return compiled(**fields).decide(context or {}, table)


DE = [{"attribute": "country", "in": ["DE"]}]
ME = {"user_id": "42"}


@pytest.mark.parametrize(
    ("fields", "context", "value", "reason"),
    [
        ({"enabled": False, "allow": ["42"]}, ME, False, Reason.DISABLED),
        ({}, {}, True, Reason.ON),
        ({"deny": ["42"], "allow": ["42"]}, ME, False, Reason.DENIED),
        ({"deny": ["42"]}, {"user_id": 42}, False, Reason.DENIED),
        ({"deny": ["42"]}, {}, True, Reason.ON),
        ({"allow": ["42"], "percentage": 0}, ME, True, Reason.ALLOWED),
        ({"allow": ["42"], "prerequisites": ["none"]}, ME, True, Reason.ALLOWED),
        ({"allow": ["42"]}, {"user_id": "43"}, False, Reason.NOT_ALLOWED),
        ({"allow": ["42"]}, {}, False, Reason.NOT_ALLOWED),
        ({"allow": ["1"], "percentage": 100}, ME, True, Reason.ON),
        ({"prerequisites": ["none"]}, ME, False, Reason.PREREQUISITE),
        ({"conditions": DE}, ME, False, Reason.CONDITIONS),
        ({"conditions": DE}, {**ME, "country": "DE"}, True, Reason.ON),
        ({"conditions": DE, "percentage": 0}, {"country": "DE"}, False, Reason.OUT_OF_ROLLOUT),
        ({"percentage": 50}, {}, False, Reason.NO_UNIT),
        ({"percentage": 100}, {}, True, Reason.ON),
        ({"percentage": 99.999}, ME, True, Reason.IN_ROLLOUT),
        ({"percentage": 0.001}, ME, False, Reason.OUT_OF_ROLLOUT),
        ({"percentage": 50, "unit": "account"}, ME, False, Reason.NO_UNIT),
        ({"percentage": 50}, {"user_id": 42.0}, False, Reason.INVALID_UNIT),
        ({"percentage": 50}, {"user_id": True}, False, Reason.INVALID_UNIT),
        ({"percentage": 50}, {"user_id": b"42"}, False, Reason.INVALID_UNIT),
        ({"percentage": 50}, {"user_id": "\ud800"}, False, Reason.INVALID_UNIT),
        ({"deny": ["42"]}, {"user_id": 42.0}, False, Reason.INVALID_UNIT),
        ({}, {"user_id": 42.0}, True, Reason.ON),
        ({"percentage": 100}, {"user_id": 42.0}, True, Reason.ON),
    ],
)  # fmt: skip
def test_the_order(fields, context, value, reason):
    decision = decide(fields, context)
    assert (decision.value, decision.reason) == (value, reason)
    assert decision.detail


def test_details_say_what_matters():
    assert "user_id is float" in str(decide({"percentage": 50}, {"user_id": 42.0}))
    assert "text without UTF-8" in str(decide({"percentage": 50}, {"user_id": "\ud800"}))
    assert "country in DE" in str(decide({"conditions": DE}))
    assert "there is no account" in str(decide({"percentage": 5, "unit": "account"}))


def test_prerequisites():
    on = {"prerequisites": {"a": True}}
    assert decide(on, a={}).value
    assert "a is off" in str(decide(on, a={"enabled": False}))
    assert "a is on" in str(decide({"prerequisites": {"a": False}}, a={}))
    assert "a is unknown" in str(decide(on))
    chosen = {"variants": {"b": 100, "c": 0}}
    assert decide({"prerequisites": {"a": "b"}}, ME, a=chosen).value
    assert "at the variant b" in str(decide({"prerequisites": {"a": "c"}}, ME, a=chosen))
    assert "not at a variant" in str(decide({"prerequisites": {"a": "c"}}, ME, a={}))


def test_flags_that_share_prerequisites_ask_each_once():
    """Forty layers of two flags that both need both flags below: 2**40 ways, 80 questions."""
    table = {}
    for layer in range(40):
        below = [] if layer == 0 else [f"l{layer - 1}a", f"l{layer - 1}b"]
        for side in "ab":
            table[f"l{layer}{side}"] = compiled(f"l{layer}{side}", prerequisites=below)
    assert table["l39a"].decide({}, table).value


def test_a_schedule_needs_no_writer():
    times = ["2027-01-15T07:00:00Z", "2027-01-15T09:00:00Z", "2027-01-15T10:00:00Z"]
    steps = [{"at": a, "percentage": p} for a, p in zip(times, (10, 100, 0), strict=True)]
    now = [NOW - 7200]
    flag = compiled(schedule=steps, percentage=1, clock=lambda: now[0])
    seen = []
    for _ in range(4):
        seen.append(flag.percentage())
        now[0] += 3600
    assert seen == [1, 10, 10, 100]
    assert flag.percentage() == 0
    assert compiled(schedule=steps, clock=lambda: 0).percentage() == 0


def test_variants_keep_their_people_on_a_ramp():
    split = {"variants": {"a": 40, "b": 60}}
    small, large = compiled(percentage=10, **split), compiled(percentage=60, **split)
    moved = entered = 0
    for n in range(20_000):
        before, after = (f.decide({"user_id": n}, {}) for f in (small, large))
        entered += after.value and not before.value
        moved += before.value and before.variant != after.variant
    assert moved == 0
    assert entered > 9_000


def test_a_variant_needs_an_id():
    assert decide({"variants": {"a": 50, "b": 50}}).variant is None
    assert decide({"variants": {"a": 50, "b": 50}}, ME).variant in ("a", "b")
    assert decide({"variants": {"a": 100}}).variant == "a", "the only one needs none"
    assert decide({"variants": {"a": 100}, "enabled": False}, ME).variant is None


@pytest.mark.parametrize(
    ("wanted", "faulty"),
    [
        ({"a": ("b",), "b": ()}, set()),
        ({"a": ("a",)}, {"a"}),
        ({"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",)}, {"a", "b", "c"}),
        ({"a": ("nowhere",)}, set()),
        ({str(n): (str(n + 1),) for n in range(MAX_CHAIN - 1)}, set()),
    ],
)
def test_cycles(wanted, faulty):
    assert set(chain_faults(wanted)) == faulty


def test_chains_that_are_too_long():
    wanted = {str(n): (str(n + 1),) for n in range(10_000)}
    assert "stand behind each other" in chain_faults(wanted)["0"]
    assert "9999" not in chain_faults(wanted)


rules = st.fixed_dictionaries(
    {"enabled": st.booleans()},
    optional={
        "deny": st.lists(st.sampled_from(["1", "2", "x"]), max_size=2),
        "allow": st.lists(st.sampled_from(["1", "2", "x"]), max_size=2),
        "percentage": st.sampled_from([0, 0.001, 25, 50, 99.999, 100]),
        "scheme": st.just("md5-32"),
        "salt": st.sampled_from(["a", "b"]),
        "unit": st.sampled_from(["user_id", "account"]),
    },
)
units = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=3),
    st.text(max_size=3), st.sampled_from(["1", "2", "\ud800"]), st.lists(st.integers(), max_size=1),
)  # fmt: skip


@given(rules, units, units)
def test_the_short_way_gives_the_answer_of_the_long_way(rule, user, account):
    flags = Flags(MemoryStore({"x": rule}))
    for given_ in (
        {},
        {"user_id": user},
        {"account": account},
        {"user_id": user, "account": account},
    ):
        assert flags.enabled("x", **given_) is flags.decide("x", **given_).value
        assert flags.enabled("x", given_) is flags.decide("x", given_).value
    if not isinstance(user, dict):
        assert flags.enabled("x", user) is flags.decide("x", user_id=user).value


@pytest.mark.parametrize(
    ("document", "value", "reason"),
    [
        ({"allow": []}, False, Reason.NOT_ALLOWED),
        ({"allow": [], "deny": ["1"]}, False, Reason.NOT_ALLOWED),
        ({"allow": [], "percentage": 100}, True, Reason.ON),
        ({"deny": []}, True, Reason.ON),
    ],
)
def test_an_empty_allow_list_allows_nobody(document, value, reason):
    rule = Rule.from_document("a", {"enabled": True, **document})
    assert Rule.from_document("a", rule.as_document()) == rule
    decision = Compiled(rule).decide({"user_id": "42"}, {})
    assert (decision.value, decision.reason) == (value, reason)
    assert Compiled(rule).constant in (None, value)
