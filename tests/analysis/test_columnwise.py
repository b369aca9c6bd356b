"""A flag over a batch answers as it does one question at a time."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")

from confkit.analysis.columnwise import REASONS, Batch, answers  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402
from confkit.flags.rules.decision import Decision, Reason  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402
from confkit.flags.rules.model import Rule  # noqa: E402
from confkit.flags.rules.validation import problems  # noqa: E402

NOW = 1_800_000_000.0
IDS = ["u1", "u2", "", "42", "é", None, *(f"user-{n}" for n in range(40))]


def compiled(name, **fields):
    return Compiled(Rule.from_document(name, {"enabled": True, **fields}), clock=lambda: NOW)


def check(flag, columns, shared=(), table=()):
    shared, table = dict(shared), dict(table)
    found = answers(flag, Batch(columns, shared), table)
    for row in range(len(next(iter(columns.values())))):
        context = shared | {name: column[row] for name, column in columns.items()}
        expected = flag.decide(context, table)
        assert bool(found.on[row]) is expected.value, (context, expected)
        assert REASONS[found.reason[row]] is expected.reason, (context, expected)
        assert found.bucket[row] == (-1 if expected.bucket is None else expected.bucket)
        place = found.variant[row]
        assert (None if place < 0 else found.variants[place]) == expected.variant
    return found


percentages = st.sampled_from([0, 0.001, 5, 33.333, 50, 99.999, 100])
some_ids = st.lists(st.sampled_from([i for i in IDS if i is not None]), max_size=4, unique=True)
conditions = st.sampled_from(
    [
        {"attribute": "country", "in": ["DE", "AT"]},
        {"attribute": "country", "not_in": ["FR"]},
        {"attribute": "age", "min": 18, "below": 60},
        {"attribute": "age", "in": [7, "18"]},
        {"attribute": "version", "semver": ">=2, <3"},
        {"attribute": "user_id", "prefix": "user-1"},
        {"attribute": "tags", "in": ["beta"]},
        {"attribute": "plan", "suffix": ["pro", "free"]},
    ]
)
documents = st.fixed_dictionaries(
    {"enabled": st.booleans() | st.just(True)},
    optional={
        "percentage": percentages,
        "deny": some_ids,
        "allow": some_ids,
        "salt": st.sampled_from(["s", "other", "x" * 64]),
        "variants": st.sampled_from([{"a": 100}, {"a": 50, "b": 50}, {"b": 33.3, "a": 66.7}]),
        "conditions": st.lists(conditions, max_size=2),
        "prerequisites": st.sampled_from(
            [["base"], {"base": False}, {"many": "x"}, {"many": "no"}]
        ),
        "schedule": st.sampled_from(
            [
                [{"at": "2001-01-01T00:00:00Z", "percentage": 40}],
                [{"at": "2199-01-01T00:00:00Z", "percentage": 40}],
            ]
        ),
        "scheme": st.just("legacy-md5-100"),
    },
)


@settings(max_examples=200, deadline=None)
@given(documents)
def test_every_rule(document):
    if document.get("scheme"):
        document.pop("salt", None)
        if "percentage" in document:
            document["percentage"] = int(document["percentage"])
    assume(not problems("tested", document))
    table = {
        "base": compiled("base", percentage=50, deny=["u1"]),
        "many": compiled("many", percentage=60, variants={"x": 50, "y": 50}),
    }
    count = len(IDS)
    columns = {
        "user_id": IDS,
        "country": [("DE", "AT", "FR", None)[n % 4] for n in range(count)],
        "age": [(17, 18, 60, None, 7)[n % 5] for n in range(count)],
        "version": [("1.9", "2.0.0", "3.1", "x", None)[n % 5] for n in range(count)],
        "tags": [(["beta"], [], ["x", "beta"], None)[n % 4] for n in range(count)],
    }
    flag = Compiled(Rule.from_document("tested", document), clock=lambda: NOW)
    check(flag, columns, {"plan": "pro"}, table)


def test_a_unit_that_is_a_number():
    check(compiled("f", percentage=50, allow=["7"]), {"user_id": [7, 8, None, 10**15]})


def test_another_unit():
    flag = compiled("f", percentage=50, unit="account", deny=["a1"])
    check(flag, {"user_id": IDS, "account": [f"a{n % 3}" for n in range(len(IDS))]})


def test_chains_of_prerequisites_and_unknown_ones():
    table = {
        "one": compiled("one", percentage=70),
        "two": compiled("two", prerequisites=["one"], percentage=70),
    }
    check(compiled("f", prerequisites=["two", "one"]), {"user_id": IDS}, table=table)
    check(compiled("f", prerequisites=["nobody"]), {"user_id": IDS})
    check(compiled("f", prerequisites={"nobody": False}), {"user_id": IDS})


class Odd:
    """A flag of a kind that is not known here."""

    name = "odd"
    unit = "user_id"

    def decide(self, attributes, table, met=None):
        unit = attributes.get("user_id")
        on = unit is not None and len(unit) > 3
        return Decision("odd", on, Reason.ON, variant="long" if on else None)


def test_what_is_no_plain_rule_is_asked_unit_by_unit():
    check(Odd(), {"user_id": IDS, "x": list(range(len(IDS)))})
    check(compiled("f", prerequisites={"odd": "long"}), {"user_id": IDS}, table={"odd": Odd()})


def test_an_attribute_that_nobody_gave():
    flag = compiled("f", conditions=[{"attribute": "country", "in": ["DE"]}], percentage=50)
    with pytest.raises(InvalidPopulation, match=r"needs 'country'.*no such column"):
        answers(flag, Batch({"user_id": IDS}), {})
    batch = Batch({"user_id": IDS}, assume=True)
    found = answers(flag, batch, {})
    assert batch.assumed == {"country"}
    assert found.on.tolist() == answers(compiled("f", percentage=50), batch, {}).on.tolist()


def test_a_unit_that_is_no_column():
    with pytest.raises(InvalidPopulation, match="no column 'user_id'; the columns are id"):
        answers(compiled("f", percentage=5), Batch({"id": IDS}), {})


def test_columns_of_different_lengths():
    with pytest.raises(InvalidPopulation, match="different lengths"):
        Batch({"user_id": ["a"], "country": ["DE", "FR"]})


def test_a_condition_is_evaluated_once_for_each_distinct_value():
    asked = []
    batch = Batch({"c": pa.array(["a", "b", None] * 1000)})

    def test(value):
        asked.append(value)
        return value == "a"

    assert batch.holds("c", test).tolist() == [True, False, False] * 1000
    assert sorted(map(str, asked)) == ["None", "a", "b"]


def test_one_digest_serves_all_flags_of_a_salt(monkeypatch):
    import confkit.analysis.columnwise as module

    calls = []
    real = module.word_arrays
    monkeypatch.setattr(module, "word_arrays", lambda *a: calls.append(a) or real(*a))
    batch = Batch({"user_id": IDS})
    for percentage in (5, 20):
        answers(compiled("f", percentage=percentage, variants={"a": 50, "b": 50}), batch, {})
    assert len(calls) == 1
