"""A schedule over time, shares by segment, and a plan: figures as counted, text escaped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from confkit import Flags, MemoryStore, Rule
from confkit.analysis.counting import Counting
from confkit.analysis.more_panels import by_segment, planned, schedule
from confkit.analysis.panels import View
from confkit.analysis.people import count_people, people

STEPS = [
    {"at": "2026-11-20T00:00:00+00:00", "percentage": 5},
    {"at": "2026-11-24T00:00:00+02:00", "percentage": 50},
]
RULE = Rule.from_document("beta", {"enabled": True, "percentage": 1, "schedule": STEPS})
IDS = [f"user-{n}" for n in range(1000)]


def counted() -> Counting:
    counting = Counting(RULE)
    counting.add(IDS)
    return counting


@pytest.mark.parametrize("now", ["2026-11-22T00:00:00+00:00", "2020-01-01T00:00:00+00:00"])
def test_every_step_has_its_users(now):
    found = counted().lookup()
    made = schedule(RULE, found, datetime.fromisoformat(now))
    for percentage in (1, 5, 50):
        assert f"{found.sides(percentage).after:,}</td>" in made
    assert "2026-11-23 22:00 UTC" in made
    assert ("dashed line is now" in made) is now.startswith("2026")
    plain = Rule.from_document("beta", {"enabled": True})
    assert schedule(plain, found, datetime.now(UTC)) == ""


def test_segments_are_compared_with_all():
    units = [{"user_id": u, "<team>": ("<a>", "b")[n % 2]} for n, u in enumerate(IDS)]
    rule = Rule.from_document("beta", {"enabled": True, "percentage": 30})
    *_, (_, found) = count_people(rule, None, people(units), segment="<team>")
    view = View(rule, found[""], 30)
    made = by_segment(view, found, "<team>")
    assert "&lt;a&gt;" in made
    assert "<a>" not in made
    assert made.count("as declared") == 2
    for name in ("<a>", "b"):
        assert f">{found[name].sides(30).after:,}</td>" in made
    assert by_segment(view, {"": found[""]}, "x") == ""


def test_a_plan_shows_what_is_written_and_that_it_widens():
    pytest.importorskip("numpy")
    pytest.importorskip("pyarrow")
    from confkit.analysis.planning import make_plan

    flags = Flags(MemoryStore({"beta": {"enabled": True, "percentage": 10}}), background=False)
    change = {"beta": {"percentage": 25, "owner": "<b>"}}
    plan = make_plan(flags, change, people(1000).population("user_id"))
    made = planned(plan)
    assert "Takes in more people" in made
    assert ">percentage</td>" in made
    assert "&lt;b&gt;" in made
    assert f"{plan.effects['beta']['enter']:,}</td>" in made
