"""Runtime overrides written into files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from confkit import Environ, File, Secret, load
from confkit.errors import FileChanged, SaveError, Shadowed


def test_what_was_set_is_written_to_the_local_file_and_comes_from_there(project, tmp_path):
    config = project({"config.yaml": "name: one\n"})
    config.set("database.pool_size", 7)
    config.set("levels", {"django.request": "no"})
    saved = config.save()
    assert saved == tmp_path / "config.local.yaml"
    assert saved.read_text() == 'database:\n  pool_size: 7\nlevels:\n  django.request: "no"\n'
    assert config.current.levels == {"django.request": "no"}
    assert str(config.explain("database.pool_size").origin) == "config.local.yaml:2:14"
    again = project({})
    assert again.current == config.current
    assert config.history()[0].reason == "saved"


def test_only_the_keys_that_are_asked_for(project, tmp_path):
    config = project({})
    config.set("name", "two")
    config.set("database.pool_size", 7)
    config.save(["name"], by="ada", reason="rename")
    assert (tmp_path / "config.local.yaml").read_text() == "name: two\n"
    assert str(config.explain("database.pool_size").origin).startswith("override")
    assert (config.history()[0].by, config.history()[0].reason) == ("ada", "rename")
    with pytest.raises(SaveError, match="hosts was not set here"):
        config.save(["hosts"])


def test_a_file_that_is_named_keeps_its_comments(config, path):
    config.set("database.pool_size", 2)
    assert config.save(to=path) == path
    assert path.read_text() == "# the shop\nname: one\ndatabase:\n  pool_size: 2 # few\n"


def test_a_local_file_that_is_there_is_taken(project, tmp_path):
    config = project({"config.local.json": '{"name": "x"}\n'})
    config.set("name", "y")
    assert config.save().name == "config.local.json"
    assert (tmp_path / "config.local.json").read_text() == '{"name": "y"}\n'


def test_what_a_higher_layer_sets_is_refused_with_its_origin(project, tmp_path):
    config = project({"config.yaml": "name: one\n"}, NAME="two")
    config.set("name", "three")
    with pytest.raises(Shadowed, match="name is set by env NAME"):
        config.save()
    assert not (tmp_path / "config.local.yaml").exists()
    assert config.current.name == "three"


def test_a_value_that_would_be_shadowed_by_an_env_file(project):
    config = project({".env": "DATABASE_POOL_SIZE=9\n"})
    config.set("database.pool_size", 10)
    with pytest.raises(Shadowed, match=r"\.env:1"):
        config.save()


def test_a_file_that_somebody_edited_is_refused_until_a_reload(config, path):
    config.set("name", "two")
    path.write_text("name: human\n")
    with pytest.raises(FileChanged):
        config.save(to=path)
    assert path.read_text() == "name: human\n"
    config.reload()
    config.save(to=path)
    assert path.read_text() == "name: two\n"


def test_a_secret_is_never_written_in_clear(config, path):
    before = path.read_text()
    config.set("database.password", "hunter2")
    with pytest.raises(SaveError, match="is a secret") as caught:
        config.save(to=path)
    assert "hunter2" not in str(caught.value)
    config.set("database.password", Secret("hunter2"))
    with pytest.raises(SaveError, match="is a secret"):
        config.save(to=path)
    assert path.read_text() == before


@pytest.mark.parametrize(
    "text", ["$5", "a$b", "${NAME}", "$$", "${env:X}", "enc:x", "no", "1e3", "#", "a: b"]
)
def test_text_reads_back_as_itself(config, path, text):
    config.set("name", text)
    config.save(to=path)
    assert config.current.name == text
    assert load(type(config.current), File(path)).current.name == text


def test_values_of_other_types(tmp_path):
    path = tmp_path / "config.yaml"

    @dataclass(frozen=True)
    class Settings:
        day: dt.date = dt.date(2026, 1, 1)
        where: Path = Path("/tmp")
        ratio: float = 0.5
        names: list[str] = field(default_factory=list)
        maybe: int | None = 1

    config = load(Settings, File(path, optional=True), Environ(environ={}))
    config.set("day", dt.date(2026, 2, 3))
    config.set("where", Path("/var"))
    config.set("ratio", 1e-7)
    config.set("names", ["no", "a,b"])
    config.set("maybe", None)
    now = config.current
    config.save(to=path)
    assert config.current == now


@pytest.mark.parametrize("to", ["other.yaml", "config.toml", ".env"])
def test_a_file_that_is_not_read_is_refused(project, tmp_path, to):
    config = project({"config.yaml": "name: one\n"})
    config.set("name", "two")
    with pytest.raises(SaveError):
        config.save(to=tmp_path / to)
    assert not (tmp_path / to).exists()


def test_sources_without_a_local_file_need_a_name(config):
    config.set("name", "two")
    with pytest.raises(SaveError, match="to="):
        config.save()


def test_a_file_that_would_not_hold_is_refused_without_its_values(config, path):
    path.write_text("name: one\ndatabase:\n  pool_size: 1\n")
    config.reload()
    with config.override({"database.pool_size": 3}):
        config.set("name", "two")
        config.save(to=path)
    assert config.current.name == "two"


def test_nothing_to_save_writes_nothing(config, path):
    before = path.stat().st_mtime_ns
    config.save(to=path)
    assert path.stat().st_mtime_ns == before


def test_an_override_in_force_does_not_stand_in_the_way(config, path):
    config.set("name", "two")
    with config.override({"name": "hidden"}):
        config.save(to=path)
        assert config.current.name == "hidden"
    assert config.current.name == "two"
    assert "name: two" in path.read_text()


def test_another_file_that_broke_meanwhile_loses_nothing(project, tmp_path):
    config = project({"config.yaml": "name: one\n"})
    config.set("database.pool_size", 7)
    (tmp_path / "config.yaml").write_text("name: [")
    config.save()
    assert config.current.database.pool_size == 7
    assert str(config.explain("database.pool_size").origin) == "config.local.yaml:2:14"
    assert config.current.name == "one"


def test_nothing_to_save_makes_no_file(project, tmp_path):
    config = project({})
    config.save()
    config.set("name", "two")
    config.save([])
    assert list(tmp_path.iterdir()) == []
