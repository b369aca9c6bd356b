"""``confkit flags assign``."""

from __future__ import annotations

import pytest

from confkit.cli import main

pa = pytest.importorskip("pyarrow")
from pyarrow import csv, parquet  # noqa: E402

from confkit.bucket import bucket  # noqa: E402

IDS = [f"user-{n}" for n in range(500)]


@pytest.fixture
def users(tmp_path):
    file = tmp_path / "users.parquet"
    parquet.write_table(pa.table({"user_id": IDS, "country": ["DE", "FR"] * 250}), file)
    return file


def test_a_file(path, run, answer, users):
    said = run("assign", "new-checkout", "users.parquet", "--out", "out.parquet")
    found = parquet.read_table("out.parquet")
    assert found["bucket"].to_pylist() == [bucket("new-checkout", unit) for unit in IDS]
    assert f"{sum(found['on'].to_pylist())} of 500" in said
    row = answer("assign", "new-checkout", "users.parquet", "--out", "o.csv", "--keep", "country")
    assert (row["units"], row["out"]) == (500, "o.csv")
    assert csv.read_csv("o.csv").column_names[:2] == ["user_id", "country"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["new-checkout", "users.parquet"], 2, "--out"),
        (["new-checkout", "users.parquet", "--out", "users.parquet"], 2, "is the file itself"),
        (["new-checkout", "users.parquet", "--out", "no/x.csv"], 2, "no directory no"),
        (["new-checkout", "users.parquet", "--out", "x.txt"], 1, "a .parquet or a .csv file"),
        (["new-checkout", "nobody.parquet", "--out", "x.csv"], 2, "does not exist"),
        (["new-checkot", "users.parquet", "--out", "x.csv"], 1, "new-checkout"),
        (
            ["new-checkout", "users.parquet", "--out", "x.csv", "--id", "customer"],
            1,
            "no column 'customer'; the columns are user_id, country",
        ),
    ],
)
def test_mistakes(path, users, words, code, said, capsys):
    assert main(["flags", "assign", *words]) == code
    assert said in capsys.readouterr().err
