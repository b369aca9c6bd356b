"""Each notebook is a pair that agrees, runs from top to bottom, and is small and clean."""

from __future__ import annotations

import json
import os

import pytest

from tests.notebooks.pairs import MOST_BYTES, ROOT, SOURCES, cells, executed, outputs, source, tidy

if os.environ.get("CONFKIT_NOTEBOOKS"):
    # In the session for notebooks none may be left out.
    import jupytext  # noqa: F401
    import nbclient  # noqa: F401

each = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def stored(path):
    return json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))


def test_there_are_three():
    assert [path.stem for path in SOURCES] == [
        "analysis_at_scale",
        "config_resolution",
        "rollout_explorer",
    ]


@each
def test_both_of_a_pair_agree(path):
    pytest.importorskip("jupytext")
    held = stored(path)
    joined = [{**c, "source": "".join(c["source"])} for c in held["cells"]]
    assert cells({"cells": joined}) == cells(source(path)), (
        "python3 noxfile.py -s notebooks -- --write"
    )


@each
def test_a_stored_notebook_was_run_and_is_small_and_clean(path):
    text = path.with_suffix(".ipynb").read_text(encoding="utf-8")
    held = json.loads(text)
    assert len(text.encode()) <= MOST_BYTES
    assert str(ROOT) not in text
    assert "widget-view" not in text
    assert "<script" not in text
    code = [cell for cell in held["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert any(outputs(held))
    assert not any(one["output_type"] == "error" for one in outputs(held))
    assert set(held["metadata"]) == {"jupytext", "kernelspec", "language_info"}


@each
def test_it_runs_from_top_to_bottom(path):
    pytest.importorskip("nbclient")
    pytest.importorskip("jupytext")
    pytest.importorskip("ipykernel")
    if path.stem == "analysis_at_scale":
        pytest.importorskip("duckdb")
    made = tidy(executed(path, SIZE="2e4"))
    shown = json.dumps([dict(one) for one in outputs(made)])
    wanted = {
        "analysis_at_scale": ["engines agree on 20,000 units", "alarms none in 168 hours"],
        "config_resolution": ["database.pool_size", "config.yaml"],
        "rollout_explorer": ["users are on", "data:image/svg+xml"],
    }
    for text in wanted[path.stem]:
        assert text in shown
