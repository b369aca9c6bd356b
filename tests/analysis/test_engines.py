"""Engines are compared by what they count; one that is not here is named, one that lies is seen."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("numpy")
pytest.importorskip("duckdb")
from pyarrow import parquet  # noqa: E402

from confkit import Rule  # noqa: E402
from confkit.analysis import engines as module  # noqa: E402
from confkit.analysis.engines import compare_engines  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402

RULE = Rule.from_document(
    "beta",
    {
        "enabled": True,
        "percentage": 30,
        "deny": ["user-1"],
        "conditions": [{"attribute": "country", "in": ["DE"]}],
    },
)


@pytest.fixture
def file(tmp_path):
    ids = [None if n == 7 else f"user-{n}" for n in range(500)]
    table = pa.table({"user_id": ids, "country": [("DE", "FR")[n % 2] for n in range(500)]})
    parquet.write_table(table, tmp_path / "it's.parquet")
    return tmp_path / "it's.parquet"


def test_duckdb_counts_what_deciding_each_gives(file):
    found = compare_engines(RULE, file, ["duckdb"])
    assert found.agree
    flag = Compiled(RULE)
    units = parquet.read_table(file).to_pylist()
    on = sum(flag.decide(unit, {}).value for unit in units if unit["user_id"] is not None)
    assert found.answers[0].counts[:2] == found.answers[1].counts[:2] == (499, on)
    assert "2 engines agree on 499 units" in str(found)


def test_an_engine_that_counts_otherwise_is_seen(file, monkeypatch):
    monkeypatch.setitem(module._ENGINES, "duckdb", lambda query, file: (499, 1, 2))
    found = compare_engines(RULE, file, ["duckdb"])
    assert not found.agree
    assert "DO NOT agree" in found.headline


def test_an_engine_that_is_not_here_is_named(file, monkeypatch):
    def absent(query, file):
        raise ModuleNotFoundError("no", name="chdb")

    monkeypatch.setitem(module._ENGINES, "clickhouse", absent)
    found = compare_engines(RULE, file, ["clickhouse"])
    assert found.answers[1].missing == "not installed: chdb"
    assert found.agree
    with pytest.raises(ValueError, match="there are duckdb"):
        compare_engines(RULE, file, ["oracle"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clickhouse", "postgresql", "spark"])
def test_the_others_where_they_are(file, name):
    found = compare_engines(RULE, file, [name])
    if found.answers[1].missing:
        pytest.skip(found.answers[1].missing)
    assert found.agree
