"""The panels: their figures are those of the look-up, and nothing from outside is HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from confkit import Rule
from confkit.analysis import panels
from confkit.analysis.counting import Counting
from confkit.analysis.panels import View
from confkit.analysis.statistics import Verdict
from confkit.figures.marks import Marks
from confkit.flags.rules.evaluation import Compiled

IDS = [f"user-{n}" for n in range(1, 2001)]
MARKS = Marks("a")
EVIL = "<script>alert(1)</script>"


def view(percentage: float = 25, old: dict[str, object] | None = None, **document: object) -> View:
    rule = Rule.from_document("beta", {"enabled": True, "percentage": 10, **document})
    before = Rule.from_document("beta", {"enabled": True, "percentage": 10, **(old or {})})
    counting = Counting(rule, Compiled(before), other_salt="beta-b", assume=True)
    counting.add(IDS)
    return View(rule, counting.lookup(), percentage, was=10, other_salt="beta-b")


class Checked(HTMLParser):
    """Whether every element is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def every_panel(found: View) -> dict[str, str]:
    return {
        "verdict": panels.verdict(found),
        "histogram": panels.where_they_fall(found, MARKS),
        "shares": panels.on_and_off(found, MARKS),
        "variants": panels.variants(found),
        "changes": panels.who_changes_sides(found, MARKS),
    }


@pytest.mark.parametrize("percentage", [0, 0.001, 25, 100])
def test_every_panel_is_whole_and_has_no_script(percentage):
    found = view(percentage, variants={"a": 50, "b": 50}, allow=["ada"], deny=["eve"])
    for name, made in every_panel(found).items():
        parser = Checked()
        parser.feed(made)
        assert parser.open == [], name
        assert not {"script", "style", "iframe", "object"} & set(parser.seen)
        assert not re.search(r"\son\w+=", made)


def test_the_figures_are_those_of_the_counts():
    found = view()
    sides = found.found.sides(25)
    made = every_panel(found)
    assert f"<b>{sides.after:,} of 2,000 users are on.</b>" in made["verdict"]
    assert f"{sides.new:,} users enter, none leave, since it was 10" in made["verdict"]
    assert f"<b>{sides.off:,}</b>" in made["changes"]
    assert f"{sides.new:,} users enter" in panels.summary(found).lower()
    assert "Nobody loses the feature." in made["changes"]
    assert f"{found.found.salted(25).lost:,} users lose the feature" in made["changes"]


def test_the_table_adds_up_to_the_plot():
    made = panels.where_they_fall(view(), MARKS)
    rows = re.findall(
        r"<tr><td>\d+ to \d+[^<]*</td><td class=n>([\d,]+)</td><td class=n>([\d,]+)", made
    )
    assert len(rows) == 20
    total, on = (sum(int(row[n].replace(",", "")) for row in rows) for n in (0, 1))
    assert (total, on) == (2000, view().found.sides(25).after)


def test_who_leaves_is_said_in_red_with_a_sign():
    made = panels.who_changes_sides(view(5), MARKS)
    lost = view(5).found.sides(5).lost
    assert lost
    assert f"{lost:,} ✗" in made
    assert "of those who have it" in made


@pytest.mark.parametrize(
    "document",
    [{"allow": [EVIL]}, {"deny": [EVIL]}, {"conditions": [{"attribute": EVIL, "in": ["x"]}]}],
)
def test_what_comes_from_outside_is_text(document):
    for made in every_panel(view(**document)).values():
        assert "<script" not in made


def test_the_notes_name_what_the_figures_leave_out():
    made = panels.verdict(view(enabled=False, conditions=[{"attribute": "x", "in": ["y"]}]))
    assert "disabled in its store" in made
    assert "Conditions on x are taken to hold" in made
    nobody = Counting(Rule.from_document("beta", {"enabled": True}))
    empty = View(nobody.rule, nobody.lookup(), 10)
    assert "no users with an id" in panels.verdict(empty)
    for made in every_panel(empty).values():
        Checked().feed(made)


def test_a_bucket_that_is_too_full_is_found():
    found = view()
    assert panels.judged(found.found, 25)[0] is Verdict.AS_DECLARED
    twice = Counting(found.rule)
    twice.add(unit for unit in IDS * 40 if found.found.total)
    assert panels.judged(twice.lookup(), 0) == (Verdict.AS_DECLARED, 1.0)
    skewed = Counting(found.rule)
    skewed.add(["user-1"] * 20_000)
    assert panels.judged(skewed.lookup(), 50)[0] is Verdict.MISMATCH


def test_two_flags_together():
    rule = Rule.from_document("beta", {"enabled": True, "percentage": 50})
    same = Counting(rule, Compiled(rule))
    same.add(IDS)
    made = panels.overlap(View(rule, same.lookup(), 50), "beta", same.lookup(), MARKS)
    assert "phi = +1.0000" in made.lower()
    nobody = Counting(rule, Compiled(Rule.from_document("o", {"enabled": False})))
    nobody.add(IDS)
    assert "nothing to compare" in panels.overlap(
        View(rule, nobody.lookup(), 50), "o", nobody.lookup(), MARKS
    )
