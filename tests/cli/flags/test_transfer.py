"""``confkit flags export`` and ``import``."""

from __future__ import annotations

import pytest

from confkit.cli import main


def test_export_and_import(path, run, answer, tmp_path, monkeypatch):
    other = f"file:{tmp_path}/other.json"
    copy = tmp_path / "copy.yaml"
    run("export", "-o", str(copy))
    assert answer("export")["dark_mode"] == {"enabled": True}
    assert "dark_mode" in run("export")
    dry = answer("import", str(copy), "--dry-run", "--store", other)
    assert (len(dry["changes"]), dry["written"]) == (2, 0)
    assert "created" in run("import", str(copy), "--yes", "--store", other)
    assert "Nothing to change." in run("import", str(copy), "--yes", "--store", other)
    copy.write_text("extra: true\n")
    found = answer("import", str(copy), "--yes", "--delete", "--store", other)
    assert [c["change"] for c in found["changes"]] == ["created, enabled: unset -> True"] + [
        "deleted"
    ] * 2
    assert set(answer("list", "--store", other)["flags"]) == {"extra"}
    assert main(["flags", "import", str(copy), "--json", "--store", "memory:"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", ":1:"),
        ("a: 5\n", "a rule must be a mapping"),
        ("ok: true\na: {enabled: true, percentage: 101}\n", "percentage: must be from 0 to 100"),
        (
            "a: {enabled: true, prerequisites: [b]}\nb: {enabled: true, prerequisites: [a]}\n",
            "a cycle",
        ),
    ],
)
def test_import_checks_everything_first(path, capsys, tmp_path, text, said):
    file = tmp_path / "in.yaml"
    file.write_text(text)
    before = path.read_text()
    assert main(["flags", "import", str(file), "--yes"]) == 1
    assert said in capsys.readouterr().err
    assert path.read_text() == before


def test_export_reports_what_it_leaves_out(path, run, capsys):
    path.write_text(path.read_text().replace("10", "100.0001"))
    assert main(["flags", "export"]) == 1
    out = capsys.readouterr()
    assert "new-checkout" not in out.out
    assert "percentage" in out.err


def test_import_asks(path, tmp_path, monkeypatch, run):
    file = tmp_path / "in.json"
    file.write_text('{"dark_mode": false}')
    asked = []
    monkeypatch.setattr("click.confirm", lambda text, abort: asked.append(text))
    assert "enabled: True -> False" in run("import", str(file))
    assert asked == ["Make 1 changes?"]


def test_an_export_reads_back_as_it_was(path, run, tmp_path):
    run("set", "dark_mode", "--allow", "1e3", "--percentage", "5")
    run("export", "-o", "out.yaml")
    assert run("import", "out.yaml", "--dry-run").endswith("Nothing to change.\n")
