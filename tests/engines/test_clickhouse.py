"""ClickHouse (embedded, as chdb) computes what Python does."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")
chdb = pytest.importorskip("chdb")
session = pytest.importorskip("chdb.session")


def test_clickhouse(file, check, tmp_path):
    with session.Session(str(tmp_path / "clickhouse")) as connection:
        connection.query("CREATE DATABASE shop ENGINE = Atomic")
        connection.query(f"CREATE VIEW shop.users AS SELECT * FROM file('{file}', Parquet)")
        connection.query("USE shop")

        def ask(query):
            found = connection.query(query, "ArrowStream")
            return pa.ipc.open_stream(pa.BufferReader(found.bytes())).read_all()

        check(ask, "clickhouse")
