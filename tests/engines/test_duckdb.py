"""DuckDB computes what Python does."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")


def test_duckdb(file, check):
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW users AS SELECT * FROM '{file}'")
        check(lambda query: connection.sql(query).to_arrow_table(), "duckdb")
