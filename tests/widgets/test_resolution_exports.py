"""Every kind of file about settings is written, without a secret."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit import Secret, Values, load
from confkit.widgets import config_resolution
from confkit.widgets.resolution_exports import KINDS


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("canary")
    size: int = 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = config_resolution(load(Settings, Values({"size": 6})))
    page.exports.kind.value = kind
    page.exports.button.click()
    content = (tmp_path / f"settings{KINDS[kind]}").read_text()
    assert "size" in content.lower()
    assert "canary" not in content
