"""The config resolution explorer without a kernel: move a control, and read what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit import Check, Secret, Values, load
from confkit.widgets import config_resolution


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Check(min=1)] = 5


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("hunter2-canary")
    pool: Pool = field(default_factory=Pool)


@pytest.fixture
def page(tmp_path):
    (tmp_path / "config.yaml").write_text("pool:\n  size: 6\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("pool:\n  size: 7\n")
    return config_resolution(Settings, root=tmp_path)


def test_the_first_page(page):
    assert page.environment.options == ("development", "production")
    assert page.live.text == "2 of 2 keys. 1 are set by more than one layer, 1 are secret."
    assert "hunter2-canary" not in page.table.value
    assert page.problems.value == page.why.value == page.message.value == ""


def test_another_environment(page):
    page.key.value = "pool.size"
    page.environment.value = "production"
    assert "is 7" in page.why.value
    assert page.resolution.value.pool.size == 7


def test_filters(page):
    page.filter.value = "pool"
    assert page.live.text.startswith("1 of 2 keys.")
    page.filter.value = ""
    page.secrets.value = True
    assert page.live.text.startswith("1 of 2 keys.")


def test_what_is_laid_over_may_break_it(page):
    page.variables.value = "POOL_SIZE=0"
    assert page.resolution.value is None
    assert "pool.size" in page.problems.value
    assert "1 problem." in page.live.text
    page.variables.value = "POOL_SIZE"
    assert "line 1 is not NAME=value" in page.message.value
    page.variables.value = ""
    assert page.problems.value == page.message.value == ""
    page.words.value = "--pool.size 9"
    assert page.resolution.value.pool.size == 9


def test_layers_can_be_left_out(page):
    page.environment.value = "production"
    boxes = {box.description: box for box in page.layers.children}
    boxes["config/production.yaml"].value = False
    assert page.resolution.value.pool.size == 6
    assert [box.description for box in page.layers.children] == list(boxes)
    boxes["config/production.yaml"].value = True
    assert page.resolution.value.pool.size == 7


def test_what_was_loaded_has_no_environment_to_choose():
    page = config_resolution(load(Settings, Values({"pool.size": 8})))
    assert page.environment.disabled
    assert page.resolution.value.pool.size == 8


def test_the_second_bar_is_folded(page):
    assert page._more.layout.display == "none"
    page.more.value = True
    assert page._more.layout.display is None
