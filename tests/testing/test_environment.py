"""Variables of the environment for a while."""

from __future__ import annotations

import itertools
import os

import pytest

from confkit.overriding import Owner, owned_by
from confkit.testing import override_env

NAME = "CONFKIT_TESTED"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    before = variables()
    yield
    assert variables() == before


def variables():
    return {name: text for name, text in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


def test_set_and_unset(monkeypatch):
    with override_env(CONFKIT_TESTED="ci"):
        assert os.environ[NAME] == "ci"
        with override_env({NAME: None}):
            assert NAME not in os.environ
        assert os.environ[NAME] == "ci"
    assert NAME not in os.environ


@pytest.mark.parametrize("before", [None, "old"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_taken_back_in_any_order(before, order, monkeypatch):
    if before is not None:
        monkeypatch.setenv(NAME, before)
    values = ["a", None, "c"]
    applied = [override_env({NAME: value}).apply() for value in values]
    assert os.environ[NAME] == "c"
    left = list(range(3))
    for index in order:
        applied[index].remove()
        left.remove(index)
        assert os.environ.get(NAME) == (values[left[-1]] if left else before)
    monkeypatch.undo()


def test_the_nearer_owner_wins():
    with owned_by(Owner("test", 4)):
        near = override_env({NAME: "near"}).apply()
    with owned_by(Owner("module", 2)):
        far = override_env({NAME: "far"}).apply()
    assert os.environ[NAME] == "near"
    near.remove()
    assert os.environ[NAME] == "far"
    far.remove()


@pytest.mark.parametrize("value", [1, True, b"x"])
def test_only_text_and_none(value):
    with pytest.raises(TypeError, match=NAME):
        override_env({NAME: value})


def test_it_names_the_variables_and_no_value():
    with override_env({NAME: "secret"}) as change:
        assert change.what == f"environment {NAME}"
        assert "secret" not in repr(change)


def test_none_at_all_changes_nothing():
    with override_env():
        pass
