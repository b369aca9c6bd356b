"""The rollout explorer without a kernel: move a control, and read what is shown."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit import Flags, MemoryStore
from confkit.widgets import rollout_counting as module
from confkit.widgets import rollout_explorer
from confkit.widgets.rollout_controls import NAMED, YOURS

FLAGS = {
    "beta": {"enabled": True, "percentage": 10, "variants": {"a": 50, "b": 50}},
    "other": {"enabled": True, "percentage": 50, "salt": "s"},
    "licensed": {
        "enabled": True,
        "percentage": 25,
        "conditions": [{"attribute": "country", "in": ["DE"]}],
        "deny": ["user-13"],
    },
    "partners": {"enabled": True, "allow": ["ada"]},
    "off": {"enabled": False, "percentage": 10},
}


def explorer(population: object = 1000, **options: object):
    return rollout_explorer(FLAGS, population=population, **options)  # type: ignore[arg-type]


def test_the_first_page():
    page = explorer()
    assert page.controls.flag.value == "beta"
    assert page.controls.percentage.value == 10
    assert page.message.value == ""
    assert "1,000 users are on" in page.verdict.value
    assert page.live.text.startswith("At 10 %: ")


def test_the_percentage_is_a_look_up_and_changes_every_panel(monkeypatch):
    page = explorer()
    before = {name: getattr(page, name).value for name in PANELS}
    monkeypatch.setattr(module, "count_people", lambda *a, **o: pytest.fail("counted again"))
    page.controls.percentage.value = 40
    assert page.view.found.sides(40).after > 300
    for name in PANELS:
        assert getattr(page, name).value != before[name], name


PANELS = ("verdict", "histogram", "shares", "variants", "changes", "user_panel")


def test_another_flag_brings_its_rule():
    page = explorer()
    page.controls.flag.value = "licensed"
    assert page.controls.percentage.value == 25
    assert page.controls.deny.value == "user-13"
    assert "country" in page.controls.rest.value
    assert "Conditions on country are taken to hold" in page.verdict.value
    page.controls.flag.value = "partners"
    assert (page.controls.percentage.value, page.controls.allow.value) == (0, "ada")
    page.controls.flag.value = "off"
    assert "disabled in its store" in page.verdict.value


def test_a_rule_that_is_none_is_refused_and_the_page_goes_on():
    page = explorer()
    page.controls.rest.value = "variants: {a: 50}"
    assert "variants" in page.message.value
    page.controls.salt.value = "<script>"
    assert "<script" not in page.message.value
    page.controls.salt.value = "beta"
    page.controls.rest.value = ""
    assert page.message.value == ""


def test_who_leaves_with_another_salt():
    page = explorer()
    assert page.view.found.sides(10).lost == 0
    page.controls.new_salt.click()
    assert page.controls.salt.value.startswith("beta-")
    assert page.view.found.sides(10).lost > 0
    assert "✗" in page.changes.value


def test_lists_count():
    page = explorer()
    page.controls.allow.value = "user-1, user-2"
    page.controls.percentage.value = 0
    assert page.view.found.sides(0).after == 2
    page.controls.deny.value = "user-1"
    assert page.view.found.sides(0).after == 1
    assert "allowed: always on" in page.histogram.value


def test_attributes_that_all_share_decide_conditions():
    page = explorer(attributes={"country": "FR"})
    page.controls.flag.value = "licensed"
    assert page.view.found.sides(100).after == 0
    page.controls.shared.value = "country=DE"
    assert page.view.found.sides(100).after == 999
    page.controls.shared.value = "country"
    assert "name=value" in page.message.value


def test_two_flags_together():
    page = explorer()
    assert page.overlap.value == ""
    page.controls.other.value = "other"
    assert "phi = " in page.overlap.value.lower()


def test_one_user():
    page = explorer()
    page.controls.user.value = "user-7"
    assert "beta:user-7" in page.user_panel.value
    page.controls.flag.value = "licensed"
    assert "country is missing" in page.user_panel.value
    page.controls.user_attributes.value = "country=DE"
    assert "country is DE" in page.user_panel.value


def test_other_users(tmp_path):
    (tmp_path / "ids.txt").write_text("a\nb\nc\n")
    page = explorer(["a", "b"])
    assert page.view.found.total == 2
    page.controls.users.value = 100
    assert page.view.found.total == 100
    page.controls.users.value = NAMED
    assert "name a file" in page.message.value
    page.controls.named.value = str(tmp_path / "ids.txt")
    assert page.view.found.total == 3
    page.controls.users.value = YOURS
    assert page.view.found.total == 2


def test_many_users_are_counted_in_parts_while_the_page_lives(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 10_000)

    async def main() -> list[str]:
        page = explorer()
        said: list[str] = []
        page.progress.observe(lambda change: said.append(change["new"]), "value")
        page.controls.users.value = 100_000
        assert page.view.found.total == 1000
        page.controls.percentage.value = 20  # while it counts
        assert page.live.text.startswith("At 20 %")
        await page.counter.task
        assert page.view.found.total == 100_000
        page.controls.users.value = 100_000
        return said

    said = asyncio.run(main())
    assert "of 100,000" in said[0]
    assert said[-1] == ""


def test_a_later_question_ends_an_earlier_one(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 10_000)

    async def main() -> None:
        page = explorer()
        page.controls.users.value = 1_000_000
        earlier = page.counter.task
        await asyncio.sleep(0)
        page.controls.users.value = 100
        assert page.view.found.total == 100
        await asyncio.sleep(0)
        assert earlier.cancelled()
        assert page.progress.value == ""

    asyncio.run(main())


def test_nothing_is_written():
    store = MemoryStore(FLAGS)
    flags = Flags(store, background=False)
    version = store.read().version
    page = rollout_explorer(flags, population=100)
    page.controls.percentage.value = 99
    page.controls.flag.value = "other"
    assert store.read().version == version
