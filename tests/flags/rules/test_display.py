"""Flags and decisions as a notebook shows them: tables, and nothing from outside is HTML."""

from __future__ import annotations

from datetime import date

import pytest

from confkit import Flag, Flags, MemoryStore

RULE = {
    "enabled": True,
    "percentage": 50,
    "variants": {"a": 50, "b": 50},
    "conditions": [{"attribute": "country", "in": ["<b>"]}],
}
FLAGS = Flags(MemoryStore({"beta": RULE}), background=False)


@pytest.mark.parametrize("unit", ["user-1", "user-2", "<script>", None])
@pytest.mark.parametrize("country", ["<b>", "FR"])
def test_a_decision_tells_on_or_off_and_why(unit, country):
    decision = FLAGS.decide("beta", user_id=unit, country=country)
    made = decision._repr_html_()
    assert ("<b>ON</b>" in made) is decision.value
    assert decision.reason.value in made
    assert "<script" not in made
    assert "<b><" not in made
    if decision.bucket is not None:
        assert f"{decision.bucket / 1000:.3f}" in made


def test_a_declaration_has_what_was_declared():
    flag = Flag("beta", default=True, description="<i>", owner="me", expires=date(2027, 1, 1))
    made = flag._repr_html_()
    for text in ("beta", "<td>on</td>", "&lt;i&gt;", "me", "2027-01-01"):
        assert text in made
    assert "owner" not in Flag("x")._repr_html_()
    assert "<td>off</td>" in Flag("x")._repr_html_()


def test_only_what_an_untrusted_notebook_keeps():
    for made in (Flag("x")._repr_html_(), FLAGS.decide("beta", "user-1")._repr_html_()):
        for stripped in ("<svg", "<style", "style=", "<script", "onclick"):
            assert stripped not in made
