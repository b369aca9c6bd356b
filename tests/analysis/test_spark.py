"""Columns of Spark DataFrames: run in ``tests/engines``; here what holds without Spark."""

from __future__ import annotations

import sys
import types

import pytest

from confkit import MissingExtra, NoSql, Rule
from confkit.analysis import spark
from confkit.flags.rules.sql import flag_sql

RULE = Rule.from_document(
    "x", {"enabled": True, "percentage": 20, "variants": {"a": 50, "b": 50}, "unit": "account"}
)
PLAIN = Rule.from_document("x", {"enabled": True, "percentage": 20})


@pytest.fixture
def expressions(monkeypatch):
    """Spark's ``expr`` that keeps the text."""
    functions = types.SimpleNamespace(expr=lambda text: text)
    for name in ("pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "pyspark.sql.functions", functions)


def test_the_expressions_are_those_of_the_dialect(expressions):
    known = flag_sql(RULE, "spark", "a.id")
    assert spark.enabled(RULE, "a.id") == known.predicate
    assert spark.variant(RULE, "a.id") == known.variant
    assert spark.bucket(RULE, "a.id") == known.bucket
    assert "CAST(account AS STRING)" in spark.bucket(RULE)
    assert spark.variant(PLAIN) == "CAST(NULL AS STRING)"
    with pytest.raises(NoSql):
        spark.enabled(RULE, "a b")


def test_without_spark(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql.functions", None)
    with pytest.raises(MissingExtra, match=r"confkit-toolkit\[spark\]"):
        spark.enabled(PLAIN)
