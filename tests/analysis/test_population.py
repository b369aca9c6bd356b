"""Populations in files: what is read is what is there, batch by batch."""

from __future__ import annotations

import sys

import pytest

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

from confkit import MissingExtra  # noqa: E402
from confkit.analysis import population as module  # noqa: E402
from confkit.analysis.population import population, query, synthetic  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402

UNITS = ["a", None, "007", "", "é", "x,y", 'q"q', "line\nbreak"]


def read(people, wanted=("user_id",), unit="user_id"):
    found = {}
    for batch in people.batches(wanted, unit):
        for name, column in batch.items():
            found.setdefault(name, []).extend(column.to_pylist())
    return found


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 3)


def test_parquet(tmp_path):
    path = tmp_path / "users.parquet"
    table = pa.table({"n": range(len(UNITS)), "user_id": UNITS, "x": [1.5] * len(UNITS)})
    parquet.write_table(table, path)
    people = population(path)
    assert (people.columns, people.rows) == (("n", "user_id", "x"), len(UNITS))
    assert read(people) == {"user_id": UNITS}
    assert read(people, ("user_id", "n")) == {"user_id": UNITS, "n": list(range(len(UNITS)))}


def test_csv_is_text_and_an_empty_cell_is_missing(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text('n,user_id\n1,a\n2,\n3,007\n4,""\n5,é\n6,"x,y"\n7,"q""q"\n8,"line\nbreak"\n')
    people = population(path)
    assert people.columns == ("n", "user_id")
    assert read(people, ("user_id", "n")) == {
        "user_id": UNITS,
        "n": ["1", "2", "3", "4", "5", "6", "7", "8"],
    }


def test_a_csv_file_of_several_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 1000)
    path = tmp_path / "users.csv"
    ids = [f"user-{n}" if n < 500 else str(n) for n in range(1000)]
    path.write_text("user_id\n" + "\n".join(ids) + "\n")
    assert read(population(path)) == {"user_id": ids}


def test_ids_one_a_line(tmp_path):
    path = tmp_path / "users.txt"
    path.write_bytes("\ufeffa\r\nb\n\n c \x1cd\u2028e\n".encode() + b"last")
    people = population(path)
    assert people.columns == ()
    assert read(people, (), "account") == {"account": ["a", "b", " c \x1cd\u2028e", "last"]}


def test_made_up_ids():
    people = synthetic(7)
    assert people.synthetic
    assert read(people) == {"user_id": [f"user-{n}" for n in range(1, 8)]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.parquet", b"not parquet"),
        ("x.parquet", b""),
        ("x.csv", b""),
        ("x.csv", b"a,b\n1,2\n3\n"),
        ("x.csv", b"a,a\n1,2\n"),
        ("x.csv", b"a\n\xff\n"),
        ("x.txt", b"a\n\xff\n"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidPopulation, match=name):
        read(population(path), ("a",))


def test_a_query(tmp_path):
    pytest.importorskip("duckdb")
    people = query("SELECT 'u' || range AS user_id, range % 2 AS odd FROM range(5)")
    assert people.columns == ("user_id", "odd")
    assert read(people)["user_id"] == ["u0", "u1", "u2", "u3", "u4"]
    with pytest.raises(InvalidPopulation, match="query"):
        query("SELECT FROM nothing")


def test_a_query_without_duckdb(monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtra, match=r"confkit-toolkit\[duckdb\]"):
        query("SELECT 1 AS user_id")


@pytest.mark.parametrize("name", ["none.parquet", "none.csv"])
def test_no_rows_are_one_empty_batch(tmp_path, name):
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("n,user_id\n")
    else:
        parquet.write_table(pa.table({"n": pa.array([], pa.int64()), "user_id": []}), path)
    assert read(population(path)) == {"user_id": []}
