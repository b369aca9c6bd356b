"""Which store a flag command uses, and who makes a change."""

from __future__ import annotations

from confkit.cli import main


def test_the_store_is_named_by_option_environment_or_project(
    path, run, monkeypatch, capsys, tmp_path
):
    (tmp_path / "other.yaml").write_text("a: true\n")
    assert "a " in run("list", "--store", f"file:{tmp_path}/other.yaml")
    monkeypatch.delenv("CONFKIT_FLAGS_URL")
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nflags = "file:other.yaml"\n')
    assert "a " in run("list")
    (tmp_path / "pyproject.toml").unlink()
    assert main(["flags", "list"]) == 2
    assert "which store?" in capsys.readouterr().err
    assert main(["flags", "list", "--store", "http://x"]) == 2
    assert "no store has this URL" in capsys.readouterr().err


def test_a_store_that_cannot_be_read(path, capsys, answer):
    path.write_text("- x\n")
    assert main(["flags", "list"]) == 1
    assert "flags.yaml:1:1: is not a mapping" in capsys.readouterr().err
    assert answer("list", code=1)["error"] == "StoreError"


def test_who_is_at_the_terminal(monkeypatch):
    from confkit.cli.flags import store as flags_store

    def nobody():
        raise KeyError

    monkeypatch.setattr(flags_store.getpass, "getuser", nobody)
    assert flags_store.user() == ""


def test_who_a_flag_is_on_for_in_words(path, answer, run):
    condition = '{"attribute": "country", "in": ["DE"]}'
    run("set", "dark_mode", "--condition", condition, "--deny", "1", "--requires", "new-checkout")
    assert "everyone, if country in DE, not 1 denied, needs new-checkout" in run("list")
    run("set", "new-checkout", "--clear", "percentage", *(f"--allow={n}" for n in range(5)))
    assert "5 listed" in run("list")
    assert "allow: unset -> 5 items" in run("history", "new-checkout", "--limit", "1")
