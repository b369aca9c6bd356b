"""A flag for every row of a file: the answers of the scalar function, whole or not at all."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")
from pyarrow import csv, parquet  # noqa: E402

from confkit.analysis import population as reading  # noqa: E402
from confkit.analysis.distribution import distribution_of  # noqa: E402
from confkit.analysis.files import assign_file  # noqa: E402
from confkit.analysis.population import population  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402
from confkit.flags.rules.model import Rule  # noqa: E402

IDS = [None if n % 40 == 3 else f"user-{n}" for n in range(1000)]
COUNTRIES = [("DE", "FR", None)[n % 3] for n in range(1000)]


def compiled(name="checkout", **fields):
    return Compiled(Rule.from_document(name, {"enabled": True, **fields}))


BASE = compiled("base", percentage=70, conditions=[{"attribute": "plan", "in": ["pro"]}])
FLAG = compiled(
    percentage=30,
    variants={"a": 50, "b": 50},
    conditions=[{"attribute": "country", "in": ["DE"]}],
    prerequisites=["base"],
)


@pytest.fixture(params=["parquet", "csv"])
def source(request, tmp_path):
    path = tmp_path / f"in.{request.param}"
    table = pa.table({"x": range(1000), "id": IDS, "country": COUNTRIES, "plan": ["pro"] * 1000})
    if request.param == "csv":
        csv.write_csv(table, path)
    else:
        parquet.write_table(table, path)
    return path


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_every_row(source, ending, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 300)
    out, seen = tmp_path / f"out.{ending}", []
    outcome = assign_file(
        FLAG,
        population(source),
        out,
        table={"base": BASE},
        unit="id",
        keep=["country"],
        progress=seen.append,
    )
    found = (
        parquet.read_table(out)
        if ending == "parquet"
        else csv.read_csv(out, convert_options=csv.ConvertOptions(strings_can_be_null=True))
    )
    assert found.column_names == ["id", "country", "on", "variant", "bucket", "reason"]
    assert found["id"].to_pylist() == IDS
    assert found["country"].to_pylist() == COUNTRIES
    contexts = [
        {"user_id": unit, "country": country, "plan": "pro"}
        for unit, country in zip(IDS, COUNTRIES, strict=True)
    ]
    for row, context in zip(found.to_pylist(), contexts, strict=True):
        decision = FLAG.decide(context, {"base": BASE})
        known = (decision.value, decision.variant, decision.bucket, decision.reason.value)
        missing = context["user_id"] is None
        answer = (row["on"], row["variant"], row["bucket"], row["reason"])
        assert answer == ((None,) * 4 if missing else known)
    assert outcome.to_dict() == distribution_of(FLAG, contexts, {"base": BASE}).to_dict()
    assert seen[-1] == 1000
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "no column 'user_id'; the columns are x, id"),
        ({"unit": "id", "keep": ["nope"]}, "no column 'nope'"),
        ({"unit": "id"}, "needs 'country'"),
    ],
)
def test_what_is_missing_leaves_no_file(tmp_path, options, said):
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.table({"x": [1], "id": ["a"]}), path)
    out.write_text("as it was")
    flag = compiled(percentage=5, conditions=[{"attribute": "country", "in": ["DE"]}])
    with pytest.raises(InvalidPopulation, match=said):
        assign_file(flag, population(path), out, **options)
    assert out.read_text() == "as it was"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


def test_an_id_in_the_second_batch_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 2)
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.table({"user_id": [1.0, 2.0, 3.0]}), path)
    with pytest.raises(InvalidPopulation, match="not float"):
        assign_file(compiled(percentage=5), population(path), out)
    assert not out.exists()


def test_endings_and_names(tmp_path):
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"user_id": ["a"], "on": [1]}), path)
    with pytest.raises(InvalidPopulation, match=r"a \.parquet or a \.csv"):
        assign_file(compiled(), population(path), tmp_path / "out.xlsx")
    with pytest.raises(InvalidPopulation, match="'on' would be twice"):
        assign_file(compiled(), population(path), tmp_path / "out.csv", keep=["on"])


def test_plain_ids_and_no_rows(tmp_path):
    path, out = tmp_path / "ids.txt", tmp_path / "out.parquet"
    path.write_text("a\nb\n")
    assert assign_file(compiled(percentage=50), population(path), out).total == 2
    assert parquet.read_table(out)["user_id"].to_pylist() == ["a", "b"]
    empty = tmp_path / "empty.parquet"
    parquet.write_table(pa.table({"user_id": pa.array([], pa.string())}), empty)
    assert assign_file(compiled(percentage=50), population(empty), out).total == 0
    assert parquet.read_table(out).num_rows == 0
