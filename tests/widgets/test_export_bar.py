"""The bar names a file, writes it, links to it, and says what went wrong."""

from __future__ import annotations

import base64
import re

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit.errors import InvalidPopulation
from confkit.widgets import export_bar as module
from confkit.widgets.export_bar import ExportBar, write_content


def bar(content: bytes = b"<x>"):
    made = ExportBar(
        {"a": ".md", "b": ".csv"}, lambda: "me", lambda k, p: write_content(p, content)
    )
    made.rename()
    return made


def test_a_file_is_written_and_linked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = bar()
    assert made.path.value == "me.md"
    made.button.click()
    assert (tmp_path / "me.md").read_bytes() == b"<x>"
    assert "3 bytes" in made.done.value
    data = re.search(r'href="data:text/markdown;base64,([^"]+)"', made.done.value)[1]  # type: ignore[index]
    assert base64.b64decode(data) == b"<x>"
    made.kind.value = "b"
    assert (made.path.value, made.done.value) == ("me.csv", "")


def test_a_large_file_is_not_put_into_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "LINKED", 2)
    made = bar()
    made.button.click()
    assert "href" not in made.done.value


def test_failures_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = bar()
    made.path.value = "no/where.md"
    made.button.click()
    assert 'role="alert"' in made.done.value

    def refuse(kind, path):
        raise InvalidPopulation("<b>")

    made = ExportBar({"a": ".md"}, lambda: "me", refuse)
    made.write()
    assert "&lt;b&gt;" in made.done.value
