"""``confkit flags plan`` and ``apply``."""

from __future__ import annotations

import json

import pytest

from confkit.cli import main

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

from confkit.analysis.ramp import ramp_of  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402
from confkit.flags.rules.model import Rule  # noqa: E402

IDS = [f"user-{n}" for n in range(500)]
OLD = {"enabled": True, "percentage": 10, "owner": "payments"}


@pytest.fixture
def changes(path, tmp_path):
    (tmp_path / "changes.yaml").write_text("new-checkout: {percentage: 40}\ndark_mode: null\n")
    table = pa.table({"user_id": IDS, "country": ["DE", "FR"] * 250})
    parquet.write_table(table, tmp_path / "users.parquet")
    return tmp_path / "changes.yaml"


def entering():
    flags = [
        Compiled(Rule.from_document("new-checkout", OLD | {"percentage": p})) for p in (10, 40)
    ]
    return ramp_of(*flags, IDS).entered


def test_a_plan_shows_who_moves_and_changes_nothing(changes, path, run, answer):
    before = path.read_text()
    said = run("plan", "changes.yaml", "--users", "users.parquet", "--segment", "country")
    assert "new-checkout: percentage: 10 -> 40" in said
    assert "may take in more people: the percentage rises from 10 to 40" in said
    assert "counted over 500 ids of users.parquet" in said
    assert "FR" in said
    row = answer("plan", "changes.yaml", "--users", "users.parquet")
    assert row["effects"]["new-checkout"]["enter"] == entering()
    assert row["effects"]["dark_mode"]["leave"] == 500
    assert path.read_text() == before


def test_made_up_ids_are_called_so(changes, run):
    assert "1,000 made-up ids (synthetic)" in run("plan", "changes.yaml", "--synthetic", "1000")


def test_a_query(changes, answer):
    pytest.importorskip("duckdb")
    row = answer("plan", "changes.yaml", "--query", "SELECT user_id FROM 'users.parquet'")
    assert row["effects"]["new-checkout"]["enter"] == entering()


def test_plan_then_apply_once(changes, path, run, capsys):
    run("plan", "changes.yaml", "--users", "users.parquet", "--out", "plan.json", "--by", "ada")
    said = run("apply", "plan.json", "--by", "bob", "--yes")
    assert "new-checkout is at revision 2" in said
    assert "percentage: 40" in path.read_text()
    assert "dark_mode" not in path.read_text()
    assert "by ada" in run("history", "new-checkout")
    assert main(["flags", "apply", "plan.json", "--yes"]) == 1
    assert "base has moved" in capsys.readouterr().err


def test_an_approval(changes, run, capsys):
    run("plan", "changes.yaml", "--out", "plan.json", "--by", "ada", "--require-approval")
    assert main(["flags", "apply", "plan.json", "--yes"]) == 1
    assert "needs an approval" in capsys.readouterr().err
    assert main(["flags", "apply", "plan.json", "--yes", "--approved-by", "ada"]) == 1
    assert "somebody else has to approve" in capsys.readouterr().err
    run("apply", "plan.json", "--yes", "--approved-by", "grace")
    assert "approved by grace" in run("history", "new-checkout")


def test_apply_asks(changes, path, run, monkeypatch, capsys):
    run("plan", "changes.yaml", "--out", "plan.json")
    monkeypatch.setattr("click.confirm", lambda *a, **k: (_ for _ in ()).throw(SystemExit(1)))
    with pytest.raises(SystemExit):
        main(["flags", "apply", "plan.json"])
    assert "percentage: 10" in path.read_text()
    assert main(["flags", "apply", "plan.json", "--json"]) == 2


def test_two_flag_files(changes, answer, run, tmp_path):
    (tmp_path / "old.yaml").write_text("a: {enabled: true, percentage: 5, owner: ada}\nb: true\n")
    (tmp_path / "new.yaml").write_text("a: {enabled: true, percentage: 50}\nc: true\n")
    row = answer("plan", "new.yaml", "--against", "old.yaml", "--users", "users.parquet")
    assert {step["flag"]: step["new"] for step in row["steps"]} == {
        "a": {"enabled": True, "percentage": 50},
        "b": None,
        "c": {"enabled": True},
    }
    assert row["effects"]["c"]["enter"] == 500
    assert "Nothing to change." in run("plan", "old.yaml", "--against", "old.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [("x: {", "bad.yaml:"), ("new-checkout: {percentage: 400}\n", "new-checkout"), ("", "empty")],
)
def test_a_file_of_changes_that_is_none(changes, tmp_path, text, said, capsys):
    (tmp_path / "bad.yaml").write_text(text)
    assert main(["flags", "plan", "bad.yaml"]) == 1
    assert said in capsys.readouterr().err


def test_mistakes(changes, tmp_path, capsys):
    (tmp_path / "plan.json").write_text("{")
    assert main(["flags", "apply", "plan.json", "--yes"]) == 1
    assert "this is no plan" in capsys.readouterr().err
    (tmp_path / "plan.json").write_text(json.dumps({"format": 1}))
    assert main(["flags", "apply", "plan.json", "--yes"]) == 1
    words = ["plan", "changes.yaml", "--users", "users.parquet", "--query", "SELECT 1"]
    assert main(["flags", *words]) == 2
