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
    assert page.controls.environment.options == ("development", "production")
    assert page.live.text == "2 of 2 keys. 1 is set by more than one layer, 1 is secret."
    assert "hunter2-canary" not in page.table.value
    assert page.problems.value == page.message.value == ""
    assert "Why <code>pool.size</code>" in page.why.value  # what most layers set


def test_another_environment(page):
    page.controls.key.value = "pool.size"
    page.controls.environment.value = "production"
    assert "is 7" in page.why.value
    assert page.resolution.value.pool.size == 7


def test_filters(page):
    page.controls.filter.value = "pool"
    assert page.live.text.startswith("1 of 2 keys.")
    page.controls.filter.value = ""
    page.controls.secrets.value = True
    assert page.live.text.startswith("1 of 2 keys.")


def test_what_is_laid_over_may_break_it(page):
    page.controls.variables.value = "POOL_SIZE=0"
    assert page.resolution.value is None
    assert "pool.size" in page.problems.value
    assert "1 problem." in page.live.text
    page.controls.variables.value = "POOL_SIZE"
    assert "line 1 is not NAME=value" in page.message.value
    page.controls.variables.value = ""
    assert page.problems.value == page.message.value == ""
    page.controls.words.value = "--pool.size 9"
    assert page.resolution.value.pool.size == 9


def test_layers_can_be_left_out(page):
    page.controls.environment.value = "production"
    boxes = {box.description: box for box in page.controls.layers.children}
    boxes["config/production.yaml"].value = False
    assert page.resolution.value.pool.size == 6
    assert [box.description for box in page.controls.layers.children] == list(boxes)
    boxes["config/production.yaml"].value = True
    assert page.resolution.value.pool.size == 7


def test_what_was_loaded_has_no_environment_to_choose():
    page = config_resolution(load(Settings, Values({"pool.size": 8})))
    assert page.controls.environment.disabled
    assert page.resolution.value.pool.size == 8


def test_the_second_bar_is_folded(page):
    assert page.controls.second.layout.display == "none"
    page.controls.more.value = True
    assert page.controls.second.layout.display is None


def test_two_environments_beside_each_other(page):
    page.controls.compare.value = "production"
    assert "pool.size" in page.differences.value
    assert page.compared is not None
    page.controls.environment.value = "production"
    assert "✓ Every value is the same" in page.differences.value
    page.controls.compare.value = ""
    assert page.differences.value == ""


def test_secrets_and_names_have_their_panels(page, monkeypatch):
    page.controls.variables.value = "POOL_SIZEE=1\nKEY=canary-typed"
    assert "POOL_SIZEE" in page.names.value
    assert "env KEY" in page.secrets.value
    for panel in (page.names, page.secrets, page.table, page.problems, page.why):
        assert "canary" not in panel.value


def test_projects_below_can_be_chosen(tmp_path, monkeypatch):
    for name, size in (("one_16", 1), ("two_16", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}_settings.py").write_text(
            "from dataclasses import dataclass\n@dataclass(frozen=True)\n"
            f"class S{size}:\n    size: int = {size}\n"
        )
        (tmp_path / name / "pyproject.toml").write_text(
            f'[tool.confkit]\nsettings = "{name}_settings:S{size}"\n'
        )
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nflags = "memory:"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("nowhere")  # undoes what is prepended below
    page = config_resolution()
    assert page.controls.project.options == ("one_16", "two_16")
    assert page.resolution.value.size == 1
    page.controls.project.value = "two_16"
    assert page.resolution.value.size == 2
    assert "S2" in page.header.value
