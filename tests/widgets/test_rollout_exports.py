"""The export bar writes each kind of file, and says what went wrong."""

from __future__ import annotations

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit.widgets import rollout_explorer
from confkit.widgets.rollout_exports import KINDS

FLAGS = {"beta": {"enabled": True, "percentage": 10, "variants": {"a": 50, "b": 50}}}


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return rollout_explorer(FLAGS, population=100)


NEEDS = {".png": "matplotlib", ".parquet": "pyarrow"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written(page, kind, tmp_path):
    pytest.importorskip(NEEDS.get(KINDS[kind], "confkit"))
    page.controls.percentage.value = 40
    page.exports.kind.value = kind
    assert page.exports.path.value == f"beta{KINDS[kind]}"
    page.exports.button.click()
    assert "✓ Written" in page.exports.done.value, page.exports.done.value
    content = (tmp_path / f"beta{KINDS[kind]}").read_bytes()
    assert content
    assert f'download="beta{KINDS[kind]}"' in page.exports.done.value
    if KINDS[kind] == ".yaml":
        assert b"percentage: 40" in content
    if KINDS[kind] == ".csv":
        on = content.count(b",true,")
        assert on == page.view.found.sides(40).after


def test_a_name_that_cannot_be_is_refused(page):
    page.exports.kind.value = "the assignment as CSV"
    page.exports.path.value = "x.parquet"
    page.exports.button.click()
    assert "ends in .csv" in page.exports.done.value
    page.exports.path.value = "/nowhere/<x>.csv"
    page.exports.button.click()
    assert "✗" in page.exports.done.value
    assert "<x>" not in page.exports.done.value


def test_the_name_follows_the_flag():
    page = rollout_explorer({**FLAGS, "other": {"enabled": True, "percentage": 5}}, population=10)
    page.controls.flag.value = "other"
    assert page.exports.path.value == "other.yaml"
