"""What a page hands out works where it goes: a flag file, a warehouse, pytest, a browser."""

from __future__ import annotations

import subprocess
import sys
import xml.dom.minidom
from dataclasses import replace

import pytest

from confkit import FileStore, Rule
from confkit.analysis.counting import Counting
from confkit.analysis.panels import View
from confkit.analysis.rollout_exports import (
    WAREHOUSES,
    flag_yaml,
    histogram_svg,
    matplotlib_figure,
    test_file,
    warehouse_sql,
)
from confkit.analysis.user_story import user_story
from confkit.flags.rules.evaluation import Compiled

DOCUMENT = {
    "enabled": True,
    "percentage": 25,
    "allow": ["ü 'x'"],
    "variants": {"a": 50, "b": 50},
    "conditions": [{"attribute": "country", "in": ["DE"]}],
    "schedule": [{"at": "2026-12-01T00:00:00+00:00", "percentage": 50}],
}
RULE = Rule.from_document("beta", DOCUMENT)


def view(percentage: float = 25) -> View:
    rule = replace(RULE, conditions=(), schedule=())
    counting = Counting(rule, Compiled(rule))
    counting.add(f"user-{n}" for n in range(500))
    return View(rule, counting.lookup(), percentage, was=10)


def test_the_flag_is_read_back_from_a_flag_file(tmp_path):
    (tmp_path / "flags.yaml").write_text(flag_yaml(RULE))
    found = FileStore(tmp_path / "flags.yaml").read().flags["beta"]
    assert Rule.from_document("beta", found.document) == RULE


def test_six_warehouses_and_what_does_not_translate_is_named():
    rule = replace(RULE, schedule=())
    made = warehouse_sql(rule)
    assert made.count("FROM users;") == len(WAREHOUSES) == 6
    for dialect in WAREHOUSES:
        assert f"-- {dialect}\n" in made
        assert f"-- {dialect}: gives no rows" in made
    with_schedule = warehouse_sql(RULE)
    assert "FROM users" not in with_schedule
    assert "schedule" in with_schedule


def test_the_query_runs_and_agrees(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    from confkit.flags.rules.sql import flag_sql

    rule = replace(RULE, schedule=())
    found = flag_sql(rule, "duckdb")
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT user_id, " + found.predicate + " FROM (SELECT 'user-' || range AS user_id, "
            "'DE' AS country FROM range(200))"
        ).fetchall()
    flag = Compiled(rule)
    for unit, on in rows:
        assert flag.decide({"user_id": unit, "country": "DE"}, {}).value is on


def test_the_pytest_file_passes_by_itself(tmp_path):
    rule = replace(RULE, schedule=())
    stories = [
        user_story(Compiled(rule), unit, None, {"country": "DE"}) for unit in ("user-1", "ü 'x'")
    ]
    (tmp_path / "test_beta.py").write_text(test_file(rule, stories, {"country": "DE"}))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("percentage", [0, 25, 100])
def test_the_histogram_is_a_document_of_its_own(percentage):
    made = histogram_svg(view(percentage))
    document = xml.dom.minidom.parseString(made)
    assert len(document.getElementsByTagName("rect")) > 100
    assert "url(#figure-" in made
    assert 'id="figure-off"' in made


def test_a_figure_for_papers_has_the_same_heights():
    pytest.importorskip("matplotlib")
    found = view()
    (axes,) = matplotlib_figure(found).axes
    heights = sum(bar.get_height() for container in axes.containers for bar in container)
    assert heights == found.found.total
