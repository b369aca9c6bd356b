"""The file of an assignment has the answer of every unit, and appears when it is whole."""

from __future__ import annotations

import csv

import pytest

import confkit
from confkit import Rule
from confkit.analysis.assignment_file import write_assignment
from confkit.analysis.people import people
from confkit.flags.rules.evaluation import Compiled

FLAG = Compiled(
    Rule.from_document(
        "beta",
        {
            "enabled": True,
            "percentage": 50,
            "variants": {"a": 50, "b": 50},
            "conditions": [{"attribute": "country", "in": ["DE"]}],
        },
    )
)
UNITS = [
    {"user_id": "a,b", "country": "DE"},
    {"user_id": None, "country": "DE"},
    *({"user_id": f"ü-{n}", "country": ("DE", "FR")[n % 2]} for n in range(50)),
]


def wanted() -> list[tuple[str, bool, str | None, str]]:
    found = []
    for unit in UNITS:
        if unit["user_id"] is not None:
            decision = FLAG.decide(unit, {})
            found.append(
                (str(unit["user_id"]), decision.value, decision.variant, decision.reason.value)
            )
    return found


def test_csv(tmp_path):
    path = tmp_path / "out.csv"
    assert write_assignment(FLAG, people(UNITS), path) == 51
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [
        (r["user_id"], r["on"] == "true", r["variant"] or None, r["reason"]) for r in rows
    ] == wanted()
    assert all(0 <= int(row["bucket"]) < 100_000 for row in rows)


def test_parquet_has_the_same(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    write_assignment(FLAG, people(UNITS), path)
    rows = parquet.read_table(path).to_pylist()
    assert [(r["user_id"], r["on"], r["variant"], r["reason"]) for r in rows] == wanted()
    write_assignment(FLAG, people([]), path)
    assert parquet.read_table(path).num_rows == 0


def test_attributes_that_all_share(tmp_path):
    path = tmp_path / "out.csv"
    write_assignment(FLAG, people(20), path, shared={"country": "FR"})
    assert path.read_text().count("conditions") == 20


def test_what_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(confkit.InvalidPopulation, match="row 1"):
        write_assignment(FLAG, people(["a", 4.5]), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(confkit.InvalidPopulation, match=r"\.csv or a \.parquet"):
        write_assignment(FLAG, people(["a"]), tmp_path / "out.txt")
