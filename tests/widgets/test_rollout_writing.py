"""Nothing is written unless it was planned, shown, confirmed, and is still what was shown."""

from __future__ import annotations

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")
pytest.importorskip("numpy")
pytest.importorskip("pyarrow")

from confkit import Flags, MemoryStore
from confkit.widgets import rollout_explorer

FLAGS = {
    "beta": {"enabled": True, "percentage": 10, "owner": "me"},
    "listed": {"enabled": True, "allow": ["ada"]},
}


@pytest.fixture
def store():
    return MemoryStore(FLAGS)


@pytest.fixture
def page(store):
    return rollout_explorer(Flags(store, background=False), population=1000)


def stored(store, name: str = "beta") -> dict[str, object]:
    return dict(store.read().flags[name].document)


def test_a_change_takes_a_plan_a_confirmation_and_a_click(page, store):
    writing = page.writing
    page.controls.percentage.value = 25
    writing.apply.click()
    assert stored(store) == FLAGS["beta"]
    writing.plan()
    assert "enter" in writing.shown.value
    assert f"{page.view.found.sides(25).new:,}</td>" in writing.shown.value
    assert "Takes in more people" in writing.shown.value
    assert writing.apply.disabled
    writing.apply.click()
    assert stored(store) == FLAGS["beta"]
    writing.read.value = True
    writing.reason.value = "week two"
    assert not writing.apply.disabled
    writing.apply.click()
    assert stored(store) == {**FLAGS["beta"], "percentage": 25}
    assert "revision" in writing.done.value
    (record, *_) = store.history("beta")
    assert "week two" in record.reason
    assert page.view.was == 25
    assert writing.apply.disabled


def test_a_plan_does_not_outlive_what_it_shows(page, store):
    page.controls.percentage.value = 25
    page.writing.plan()
    page.writing.read.value = True
    page.controls.percentage.value = 90
    assert page.writing.apply.disabled
    assert page.writing.shown.value == ""
    page.writing.write()
    assert stored(store) == FLAGS["beta"]


def test_somebody_else_who_was_faster_wins(page, store):
    page.controls.percentage.value = 25
    page.writing.plan()
    page.writing.read.value = True
    Flags(store, background=False).set("beta", percentage=11)
    page.writing.apply.click()
    assert "✗" in page.writing.done.value
    assert stored(store)["percentage"] == 11


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_as_it_is_needs_no_change(page, name):
    page.controls.flag.value = name
    page.writing.plan()
    assert "has this rule already" in page.writing.done.value
    assert page.writing.apply.disabled


def test_what_is_no_store_cannot_be_written():
    page = rollout_explorer(FLAGS, population=10)
    assert page.writing.box.layout.display == "none"
