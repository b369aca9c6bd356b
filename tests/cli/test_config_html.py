"""``confkit show --html``: a page, also of settings that do not load."""

from __future__ import annotations

import pytest

from confkit.cli import main

SETTINGS = """
from dataclasses import dataclass
from typing import Annotated
from confkit import Check, Secret

@dataclass(frozen=True)
class Settings:
    size: Annotated[int, Check(min=1)] = 5
    key: Secret = Secret("canary-default")
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "settings_html_16.py").write_text(SETTINGS)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.confkit]\nsettings = "settings_html_16:Settings"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("size", "code"), [(6, 0), (0, 1)])
def test_a_page_is_written(project, capsys, size, code):
    (project / "config.yaml").write_text(f"size: {size}\nkey: canary-file\n")
    assert main(["show", "--html", "out.html"]) == code
    made = (project / "out.html").read_text()
    assert "config.yaml" in made
    assert "canary" not in made
    assert ("Problems" in made) is (code == 1)
    assert "Written: out.html" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(project, capsys):
    (project / "config.yaml").write_text("size: 6\n")
    assert main(["show", "--html", "no/out.html"]) == 1
    assert "no/out.html" in capsys.readouterr().err
