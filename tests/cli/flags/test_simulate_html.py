"""``confkit flags simulate --html``: the figures of the page are those that are printed."""

from __future__ import annotations

import json

from confkit.cli import main

FLAGS = """\
beta: {enabled: true, percentage: 10, variants: {a: 50, b: 50}}
listed: {enabled: true, allow: [user-1, user-2]}
"""


def test_a_page_beside_the_figures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flags.yaml").write_text(FLAGS)
    words = ["flags", "simulate", "beta", "--percentage", "25", "--synthetic", "1000"]
    assert main([*words, "--store", "file:flags.yaml", "--html", "out.html", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    made = (tmp_path / "out.html").read_text()
    assert f"<b>{found['on']:,} of 1,000 users are on.</b>" in made
    assert "since it was 10" in made
    assert "<script" not in made


def test_a_flag_without_a_percentage(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flags.yaml").write_text(FLAGS)
    words = ["flags", "simulate", "listed", "--synthetic", "100", "--store", "file:flags.yaml"]
    assert main([*words, "--html", "out.html"]) == 0
    assert "<b>2 of 100 users are on.</b>" in (tmp_path / "out.html").read_text()
