"""``confkit flags export`` and ``import``."""

from __future__ import annotations

import json

import pytest

from confkit.cli import main
from confkit.errors import FlagConflict, StoreFull, StoreUnavailable
from confkit.flags.stores.memory import MemoryStore
from tests.flags.doubles import Distant


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


def many(tmp_path, count):
    file = tmp_path / "many.json"
    file.write_text(
        json.dumps({f"f{n}": {"enabled": True, "percentage": 50} for n in range(count)})
    )
    return str(file)


def test_an_import_says_why_each_flag_may_take_in_more_people(path, answer, run, tmp_path):
    [change] = answer("import", many(tmp_path, 1), "--dry-run")["changes"]
    assert change["widens"] == ["the flag is new, on for 50 %"]
    for count, ids in ((1, "10,000"), (500, "100")):
        out = run("import", many(tmp_path, count), "--dry-run")
        assert out.count(f"of {ids} synthetic ids") == count, "each is tried, on fewer ids"


class Failing(MemoryStore):
    """A store whose changes fail; ``write_all`` may be taken away."""

    failure = StoreUnavailable("no answer")

    def write_all(self, changes, **how):
        raise self.failure


class OneByOne(Distant):
    """A store that writes one flag at a time, and fails at the third."""

    def write(self, name, document, **how):
        self.down = name == "f2"
        return super().write(name, document, **how)


@pytest.mark.parametrize(
    ("store", "failure", "written", "said"),
    [
        (Failing, StoreUnavailable("no answer"), None, "Either all of 3 changes were written or"),
        (Failing, StoreFull("no room"), [], "None of 3 changes was written."),
        (Failing, FlagConflict("somebody"), [], "None of 3 changes was written."),
        (OneByOne, None, ["f0", "f1"], "The same command writes the rest."),
    ],
)
def test_an_import_that_fails_says_what_was_written(
    store, failure, written, said, tmp_path, monkeypatch, capsys
):
    made = store()
    if failure is not None:
        made.failure = failure
    monkeypatch.setattr("confkit.cli.flags.store.open_store", lambda *a, **k: made)
    file = many(tmp_path, 3)
    assert main(["flags", "import", file, "--yes", "--json", "--store", "memory:"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["of"]) == (written, 3)
    assert said in told["message"]
    if written:
        made.down = False
        made.write = made.inner.write
        assert main(["flags", "import", file, "--yes", "--json", "--store", "memory:"]) == 0
        assert json.loads(capsys.readouterr().out)["written"] == 1
    else:
        assert main(["flags", "import", file, "--yes", "--store", "memory:"]) == 1
        assert said in capsys.readouterr().err
