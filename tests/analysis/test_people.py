"""Whom a page looks at: every kind of source gives the same units, part by part."""

from __future__ import annotations

import pytest

import confkit
from confkit import Rule
from confkit.analysis import people as module
from confkit.analysis.people import count_people, listed, made_up, people
from confkit.flags.rules.evaluation import Compiled

IDS = [f"user-{n}" for n in range(1, 301)]
PLAIN = Rule.from_document("beta", {"enabled": True, "percentage": 25})
NEEDS = Rule.from_document(
    "beta",
    {"enabled": True, "percentage": 25, "conditions": [{"attribute": "country", "in": ["DE"]}]},
)
CONTEXTS = [{"user_id": u, "country": ("DE", "FR")[n % 2]} for n, u in enumerate(IDS)]


def counted(rule: Rule, source: object, **options: object):
    *parts, (done, found) = count_people(rule, Compiled(rule), people(source), **options)  # type: ignore[arg-type]
    return [n for n, _ in parts], done, found


def test_made_up_and_listed_units_are_the_same():
    sides = counted(PLAIN, 300)[2][""].sides(25)
    assert sides == counted(PLAIN, IDS)[2][""].sides(25)
    assert sides.total == 300


def test_units_come_in_parts_with_how_many_are_done(monkeypatch):
    monkeypatch.setattr(module, "PART", 100)
    assert counted(PLAIN, 250)[:2] == ([100, 200, 250], 250)
    assert counted(PLAIN, IDS)[:2] == ([100, 200, 300], 300)
    assert made_up(250).rows == 250


def test_every_kind_of_source_gives_the_same(tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("numpy")
    from pyarrow import csv, parquet

    table = pa.Table.from_pylist(CONTEXTS)
    parquet.write_table(table, tmp_path / "users.parquet")
    csv.write_csv(table, tmp_path / "users.csv")
    columns = {name: table[name].to_pylist() for name in table.column_names}
    sources = [CONTEXTS, table, columns, tmp_path / "users.parquet", str(tmp_path / "users.csv")]
    found = [counted(NEEDS, source, segment="country")[2] for source in sources]
    for one in found:
        assert one.keys() == {"", "DE", "FR"}
        assert one[""].sides(40) == found[0][""].sides(40)
        assert one["DE"].sides(100).after == 150
        assert one["FR"].sides(100).after == 0
        assert one["FR"].total == 150


def test_a_query_gives_units(tmp_path):
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    text = "SELECT 'user-' || range AS user_id FROM range(1, 301)"
    assert counted(PLAIN, text)[2][""].sides(25) == counted(PLAIN, 300)[2][""].sides(25)


def test_ids_one_a_line(tmp_path):
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    assert counted(PLAIN, tmp_path / "ids.txt")[2][""].total == 300


def test_without_numpy_a_file_of_ids_and_made_up_ids_still_count(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_columnar", lambda: False)
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    assert counted(PLAIN, tmp_path / "ids.txt")[2][""].total == 300
    assert counted(NEEDS, 300)[2][""].assumed == ("country",)


def test_many_segments_are_joined(monkeypatch):
    monkeypatch.setattr(module, "SEGMENTS", 3)
    many = [{"user_id": u, "team": str(n % 10)} for n, u in enumerate(IDS)]
    found = counted(PLAIN, many, segment="team")[2]
    assert set(found) == {"", "0", "1", "2", module.REST}
    assert sum(one.total for name, one in found.items() if name) == 300


def test_nobody_can_be_counted():
    assert counted(PLAIN, [])[2][""].total == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (0, "1 to 10,000,000"),
        (10_000_001, "1 to 10,000,000"),
        ("nowhere.parquet", "no such file"),
        (None, "NoneType"),
        (True, "bool"),
    ],
)
def test_what_is_no_source_is_refused(source, said):
    with pytest.raises(confkit.InvalidPopulation, match=said):
        people(source)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(confkit.InvalidPopulation, match="'user_id'; the columns are id, country"):
        counted(PLAIN, [{"id": "a", "country": "DE"}])
    with pytest.raises(confkit.InvalidPopulation, match="'team'"):
        counted(PLAIN, CONTEXTS, segment="team")


def test_people_are_people():
    crowd = listed(IDS)
    assert people(crowd) is crowd
