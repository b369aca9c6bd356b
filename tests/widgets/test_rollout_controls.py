"""The controls ask for a rule and for users; what they cannot ask for is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

import confkit
from confkit import Rule
from confkit.analysis.people import people
from confkit.widgets.flag_source import flag_source
from confkit.widgets.rollout_controls import NAMED, SIZES, YOURS, RolloutControls

DOCUMENTS = {
    "beta": {"enabled": True, "percentage": 10, "salt": "s", "unit": "account_id"},
    "full": {
        "enabled": True,
        "percentage": 2.5,
        "allow": ["a", "b"],
        "deny": ["c"],
        "variants": {"x": 40, "y": 60},
        "conditions": [{"attribute": "country", "in": ["DE"]}],
        "owner": "me",
    },
}


def controls(population: object = 1000, **shared: object) -> RolloutControls:
    return RolloutControls(flag_source(DOCUMENTS), people(population), shared)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_flag_comes_back_as_it_was(name):
    asked = controls()
    asked.flag.value = name
    asked.fill()
    assert asked.rule() == Rule.from_document(name, DOCUMENTS[name])


def test_every_control_has_a_name():
    asked = controls()
    for control in (*asked.of_rule, asked.flag, asked.percentage, asked.user):
        assert control.description


def test_users_are_made_up_or_yours_or_named():
    asked = controls(["a", "b"])
    assert asked.users.value == YOURS
    assert asked.people().rows == 2
    for size in SIZES:
        asked.users.value = size
        assert asked.people().rows == size
    asked.users.value = NAMED
    assert asked.named.layout.display is None
    with pytest.raises(confkit.InvalidPopulation):
        asked.people()
    assert controls(100).users.value == 100


def test_shared_attributes_are_shown_and_read_back():
    asked = controls(country="DE", plan="pro")
    assert asked.attributes() == {"country": "DE", "plan": "pro"}


def test_a_new_salt_is_one_that_a_rule_may_have():
    asked = controls()
    asked.fill()
    asked.new_salt.click()
    assert asked.rule().salt == asked.salt.value != "s"
