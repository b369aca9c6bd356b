"""The notebooks are found, and copied whole or not at all."""

from __future__ import annotations

import pytest

from confkit.widgets.bundled import copy_notebooks, notebooks

NAMES = ["analysis_at_scale", "config_resolution", "rollout_explorer"]


def test_all_are_there_in_pairs():
    assert list(notebooks()) == NAMES
    for path in notebooks().values():
        assert path.with_suffix(".py").is_file()


def test_they_are_copied(tmp_path):
    made = copy_notebooks(NAMES[1:], tmp_path / "new" / "place")
    assert [path.name for path in made] == [
        f"{name}{end}" for name in NAMES[1:] for end in (".ipynb", ".py")
    ]
    for path in made:
        assert path.read_bytes() == notebooks()[path.stem].with_suffix(path.suffix).read_bytes()


def test_what_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path):
    (tmp_path / "rollout_explorer.py").write_text("mine")
    with pytest.raises(FileExistsError, match="rollout_explorer"):
        copy_notebooks(NAMES, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["rollout_explorer.py"]
    copy_notebooks(NAMES, tmp_path, replace=True)
    assert (tmp_path / "rollout_explorer.py").read_text() != "mine"


def test_a_name_that_is_none(tmp_path):
    with pytest.raises(KeyError):
        copy_notebooks(["other"], tmp_path)
