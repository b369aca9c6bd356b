"""Who moves: equal to a comparison of two answers for every unit."""

from __future__ import annotations

from collections import Counter

import pytest

pa = pytest.importorskip("pyarrow")

from confkit.analysis.effects import affected, effects  # noqa: E402
from confkit.analysis.population import Population  # noqa: E402
from confkit.analysis.ramp import ramp_of  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402
from confkit.flags.rules.model import Rule  # noqa: E402

COUNT = 3000
PEOPLE = {
    "user_id": [None if n % 50 == 3 else f"user-{n}" for n in range(COUNT)],
    "country": [("DE", "FR", None)[n % 3] for n in range(COUNT)],
    "account": [f"acme-{n // 10}" for n in range(COUNT)],
}


def flags(**documents):
    return {
        name: Compiled(Rule.from_document(name, {"enabled": True, **fields}))
        for name, fields in documents.items()
    }


def people(columns=PEOPLE, size=700):
    table = pa.table(columns)
    return Population("a table", tuple(columns), lambda w: table.select(list(w)).to_batches(size))


OLD = flags(
    base={"percentage": 50, "variants": {"a": 50, "b": 50}},
    top={"prerequisites": {"base": "b"}, "percentage": 80},
    geo={"percentage": 10, "conditions": [{"attribute": "country", "in": ["DE"]}]},
    gone={"percentage": 30},
    moved={"percentage": 30, "variants": {"a": 50, "b": 50}},
    unit={"percentage": 30},
)
NEW = OLD | flags(
    base={"percentage": 60, "variants": {"a": 40, "b": 30, "c": 30}},
    geo={"percentage": 40, "conditions": [{"attribute": "country", "in": ["DE", "FR"]}]},
    fresh={"percentage": 5},
    moved={"percentage": 30, "salt": "other", "variants": {"a": 50, "b": 50}},
    unit={"percentage": 30, "unit": "account"},
)
del NEW["gone"]
NAMES = ("base", "fresh", "geo", "gone", "moved", "top", "unit")


def brute(name, rows):
    """(group, variant changed) of every row, one question at a time."""
    found = Counter()
    for row in rows:
        was, will = OLD.get(name), NEW.get(name)
        unit = (will or was).unit
        if row[unit] is None:
            found["missing"] += 1
            continue
        before = None if was is None or row[was.unit] is None else was.decide(row, OLD)
        after = None if will is None else will.decide(row, NEW)
        on = (bool(before), bool(after))
        found[{(0, 0): "out", (1, 0): "leave", (0, 1): "enter", (1, 1): "stay"}[on]] += 1
        found["change_variant"] += all(on) and before.variant != after.variant
    return found


def shown(ramp):
    groups = ("out", "leave", "enter", "stay", "change_variant", "missing")
    return {name: n for name, n in ramp.to_dict().items() if name in groups and n}


def test_every_kind_of_change_and_every_segment():
    seen = []
    found = effects(OLD, NEW, NAMES, people(), segment="country", progress=seen.append)
    rows = [dict(zip(PEOPLE, row, strict=True)) for row in zip(*PEOPLE.values(), strict=True)]
    for name in NAMES:
        assert shown(found.flags[name]) == +brute(name, rows)
        for label in ("DE", "FR", None):
            part = [row for row in rows if row["country"] == label]
            assert shown(found.segments[name][label or "(missing)"]) == +brute(name, part)
    assert found.units == COUNT
    assert seen[-1] == COUNT
    assert len(seen) == 5


def test_the_same_as_the_pure_python_ramp():
    ids = [unit for unit in PEOPLE["user_id"] if unit]
    found = effects(OLD, NEW, ["moved"], people({"user_id": ids}))
    known = ramp_of(OLD["moved"], NEW["moved"], ids)
    assert found.flags["moved"].to_dict() == known.to_dict()


def test_an_other_name_of_the_id_column():
    ids = people({"customer": PEOPLE["user_id"]})
    found = effects(OLD, NEW, ["moved"], ids, unit="customer")
    known = effects(OLD, NEW, ["moved"], people())
    assert found.flags["moved"].to_dict() == known.flags["moved"].to_dict()
    with pytest.raises(InvalidPopulation, match="the flags are by account, user_id"):
        effects(OLD, NEW, ["unit"], ids, unit="customer")


def test_what_is_missing_in_the_population():
    ids = people({"user_id": ["a"]})
    with pytest.raises(InvalidPopulation, match="needs 'country'"):
        effects(OLD, NEW, ["geo"], ids)
    found = effects(OLD, NEW, ["geo"], ids, assume=True)
    assert found.assumed == {"country"}
    with pytest.raises(InvalidPopulation, match="no column 'plan'"):
        effects(OLD, NEW, ["base"], ids, segment="plan")
    with pytest.raises(InvalidPopulation, match="no column 'user_id'"):
        effects(OLD, NEW, ["base"], people({"id": ["a"]}))


def test_flags_that_need_one_that_changes():
    sides = flags(
        a={}, b={"prerequisites": ["a"]}, c={"prerequisites": ["b"]}, d={"prerequisites": ["x"]}
    )
    assert list(affected(["a"], sides)) == ["a", "b", "c"]
    assert list(affected(["d", "b"], sides, {})) == ["b", "d", "c"]
