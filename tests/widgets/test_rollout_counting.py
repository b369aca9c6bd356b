"""Counting for a page: each question once, and again when anything in it is another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from confkit import Rule
from confkit.analysis.people import people
from confkit.flags.rules.evaluation import Compiled
from confkit.widgets import rollout_counting as module
from confkit.widgets.rollout_counting import Counted, Counter, Question

RULE = Rule.from_document("beta", {"enabled": True, "percentage": 10})
NEEDS = Rule.from_document(
    "beta", {"enabled": True, "percentage": 10, "prerequisites": {"needed": True}}
)
QUESTION = Question(RULE, Compiled(RULE), None, people(200), "a", {}, {}, None)


@pytest.fixture
def counter(monkeypatch):
    asked: list[object] = []
    original = module.count_people
    monkeypatch.setattr(
        module, "count_people", lambda *a, **o: asked.append(o) or original(*a, **o)
    )
    answers: list[Counted] = []
    errors: list[Exception] = []
    made = Counter(lambda text: None, answers.append, errors.append)
    made.asked, made.answers, made.errors = asked, answers, errors  # type: ignore[attr-defined]
    return made


def test_a_question_is_counted_once_whatever_its_percentage(counter):
    counter.ask(QUESTION)
    counter.ask(replace(QUESTION, rule=replace(RULE, percentage=99)))
    assert len(counter.asked) == 1
    assert len(counter.answers) == 2


ON, OFF = (Compiled(Rule.from_document("needed", {"enabled": on})) for on in (True, False))


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, rule=replace(RULE, salt="s")),
        replace(QUESTION, rule=replace(RULE, deny=("user-1",))),
        replace(QUESTION, before=Compiled(replace(RULE, percentage=20))),
        replace(QUESTION, crowd_key="b"),
        replace(QUESTION, shared={"country": "DE"}),
    ],
)
def test_anything_else_is_another_question(counter, other):
    counter.ask(QUESTION)
    counter.ask(other)
    assert len(counter.asked) == 2


def test_a_prerequisite_that_changed_is_another_question(counter):
    before = Compiled(NEEDS)
    for needed, on in ((ON, 20), (OFF, 0)):
        question = replace(QUESTION, rule=NEEDS, before=before, table={"needed": needed})
        counter.ask(question)
        assert (counter.answers[-1].found[""].sides(10).after > 0) is (on > 0)


def test_another_flag_is_counted_beside(counter):
    counter.ask(replace(QUESTION, other=Compiled(replace(RULE, name="other", salt="beta"))))
    both = counter.answers[0].both
    assert both is not None
    assert both.sides(10).new == both.sides(10).lost == 0  # the same salt: the same users


def test_what_cannot_be_counted_is_told(counter):
    counter.ask(replace(QUESTION, crowd=people([4.5]), crowd_key="c"))
    assert "row 0" in str(counter.errors[0])
    assert not counter.answers


def test_only_some_counts_are_kept(counter, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 2)
    for key in ("a", "b", "c", "a"):
        counter.ask(replace(QUESTION, crowd_key=key))
    assert len(counter.asked) == 4
