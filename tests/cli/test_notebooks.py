"""``confkit notebooks copy``."""

from __future__ import annotations

import pytest

from confkit.cli import main


def test_all_notebooks_are_copied(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["notebooks", "copy"]) == 0
    assert len(list((tmp_path / "notebooks").iterdir())) == 6
    assert "notebooks/rollout_explorer.ipynb" in capsys.readouterr().out
    assert main(["notebooks", "copy"]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["notebooks", "copy", "--replace"]) == 0


@pytest.mark.parametrize("name", ["rollout", "nothing"])
def test_a_name_that_is_none(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["notebooks", "copy", name]) == 2
    assert "rollout_explorer" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_one_to_a_place(tmp_path):
    assert main(["notebooks", "copy", "config_resolution", "--to", str(tmp_path / "a")]) == 0
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "config_resolution.ipynb",
        "config_resolution.py",
    ]
