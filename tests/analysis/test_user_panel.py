"""The panel about one user shows the answer, the hash and the steps, all of it as text."""

from __future__ import annotations

from confkit import Rule
from confkit.analysis.user_panel import one_user
from confkit.analysis.user_story import user_story
from confkit.figures.marks import Marks
from confkit.flags.rules.evaluation import Compiled

RULE = {"enabled": True, "percentage": 25, "variants": {"a": 50, "b": 50}}


def shown(unit: str, **document: object) -> str:
    flag = Compiled(Rule.from_document("beta", {**RULE, **document}))
    return one_user(user_story(flag, unit), Marks("a"), 25)


def test_on_and_off_are_words():
    on, off = shown("user-1", percentage=100), shown("user-1", percentage=0)
    assert "ON" in on
    assert "variant <b>" in on
    assert "OFF" in off
    assert "variant <b>" not in off


def test_the_place_is_beside_the_cut():
    made = shown("user-1")
    bucket = user_story(Compiled(Rule.from_document("beta", RULE)), "user-1").bucket / 1000
    assert f"{bucket:.3f}" in made
    assert f"{abs(25 - bucket):.3f} points {'above' if bucket < 25 else 'below'}" in made


def test_an_id_is_text():
    made = shown("<img src=x onerror=alert(1)>")
    assert "<img" not in made
    assert "&lt;img" in made


def test_the_older_scheme_is_explained_in_its_own_way():
    made = shown("user-1", scheme="legacy-md5-100", variants={"a": 100})
    assert "remainder by 100" in made
