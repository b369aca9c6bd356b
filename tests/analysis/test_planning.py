"""Making a plan: every change checked, in an order that can be written, with its effect."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow")

from confkit import Flags, InvalidFlag, MemoryStore, UnknownFlag
from confkit.analysis.plan import Base
from confkit.analysis.planning import make_plan
from confkit.analysis.population import synthetic

DOCUMENTS = {
    "base": {"enabled": True, "percentage": 50},
    "top": {"enabled": True, "prerequisites": ["base"]},
    "other": {"enabled": True, "percentage": 5, "allow": ["user-1"], "owner": "ada"},
    "geo": {"enabled": True, "conditions": [{"attribute": "country", "in": ["DE"]}]},
}


@pytest.fixture
def flags():
    with Flags(MemoryStore(DOCUMENTS), background=False) as found:
        yield found


def planned(flags, changes, **options):
    return make_plan(flags, changes, synthetic(2000), author="ada", **options)


def test_a_change_of_some_fields(flags):
    plan = planned(flags, {"other": {"percentage": 20, "owner": None}})
    (step,) = plan.steps
    assert step.old == DOCUMENTS["other"]
    assert step.new == {"enabled": True, "percentage": 20, "allow": ["user-1"]}
    assert step.widens == ("the percentage rises from 5 to 20",)
    assert plan.base == {"other": Base.of(flags.view.answer.flags["other"])}
    effect = plan.effects["other"]
    assert effect["enter"] == pytest.approx(300, abs=60)
    assert (effect["leave"], sum(effect.values())) == (0, 2000)
    assert flags.view.flags["other"].rule.percentage == 5


def test_flags_that_need_a_changed_one_are_counted_and_are_the_base(flags):
    plan = planned(flags, {"base": {"percentage": 10}})
    assert [step.flag for step in plan.steps] == ["base"]
    assert list(plan.effects) == ["base", "top"]
    assert plan.effects["top"] == plan.effects["base"]
    assert {name: state.revision for name, state in plan.base.items()} == {"base": 1, "top": 1}
    assert not plan.widens


def test_the_order_in_which_steps_can_be_written(flags):
    changes = {
        "a-new": {"enabled": True, "prerequisites": ["z-new"]},
        "z-new": {"enabled": True},
        "base": None,
        "top": None,
    }
    assert [s.flag for s in planned(flags, changes).steps] == ["z-new", "a-new", "top", "base"]


def test_nothing_to_change(flags):
    plan = planned(flags, {"base": {"percentage": 50}})
    assert (plan.steps, plan.effects, plan.base) == ((), {}, {})


def test_conditions_are_taken_to_hold_for_made_up_ids_and_said_so(flags):
    plan = planned(flags, {"geo": {"percentage": 50}})
    assert plan.synthetic
    assert plan.assumed == ("country",)
    assert "(synthetic); conditions on country taken to hold" in plan.headline


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"other": {"percentage": 200}}, InvalidFlag),
        ({"other": {"percentag": 20}}, InvalidFlag),
        ({"new": {"percentage": 20}}, InvalidFlag),
        ({"other": 5}, InvalidFlag),
        ({"other": {"prerequisites": ["nobody"]}}, InvalidFlag),
        ({"base": None}, InvalidFlag),  # top needs it
        ({"base": {"prerequisites": ["top"]}}, InvalidFlag),
        ({"nobody": None}, UnknownFlag),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_before_anybody_is_counted(flags, changes, error):
    with pytest.raises(error):
        planned(flags, changes)
