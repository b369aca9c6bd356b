"""What a configuration is written into, and what its files held."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from confkit import load
from confkit.errors import SaveError


@dataclass(frozen=True)
class Settings:
    name: str = "shop"


def test_the_stored_layer_is_what_the_file_held_when_it_was_read(tmp_path):
    (tmp_path / "config.yaml").write_text("{}\n")
    config = load(Settings, root=tmp_path, environ={})
    assert (config.stored().name, config.stored().text) == ("config.local.yaml", "")
    (tmp_path / "config.local.yaml").write_text("name: one\n")
    assert config.stored().text == ""
    config.reload()
    assert config.stored().text == "name: one\n"


def test_another_file_that_is_read_can_be_written(tmp_path):
    (tmp_path / "config.yaml").write_text("name: one\n")
    config = load(Settings, root=tmp_path, environ={})
    config.write({"name": "two"}, to=tmp_path / "config.yaml")
    assert (tmp_path / "config.yaml").read_text() == "name: two\n"
    with pytest.raises(SaveError, match="is not read"):
        config.stored(tmp_path / "other.yaml")
