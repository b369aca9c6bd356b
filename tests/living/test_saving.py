"""Runtime overrides written into files."""

from __future__ import annotations

import datetime as dt
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import Environ, File, Public, Secret, load
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
    config = project({".env": ""})
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.yaml", "name: ["),
        ("config.yaml", "name: two\n"),
        (".env", "DATABASE_POOL_SIZE=3\n"),
        ("config.local.yaml", "name: mine\n"),
    ],
)
def test_nothing_is_decided_on_what_the_files_no_longer_hold(project, tmp_path, name, text):
    config = project({"config.yaml": "name: one\n"})
    config.set("database.pool_size", 7)
    (tmp_path / name).write_text(text)
    with pytest.raises(FileChanged, match=name):
        config.save()
    assert (tmp_path / name).read_text() == text
    assert name == "config.local.yaml" or not (tmp_path / "config.local.yaml").exists()
    assert config.current.database.pool_size == 7
    config.set("name", "x")
    config.unset("database.pool_size")  # what was set is still what was set


def test_after_a_rollback_files_are_read_before_they_are_written(config, path):
    path.write_text("name: two\ndatabase:\n  pool_size: 1 # few\n")
    config.reload()
    config.rollback(1)
    config.set("database.pool_size", 60)
    with pytest.raises(FileChanged, match="rolled back"):
        config.save(to=path)
    assert (config.current.name, config.current.database.pool_size) == ("one", 60)
    config.reload()
    config.save(to=path)
    assert (config.current.name, config.current.database.pool_size) == ("two", 60)
    assert "pool_size: 60 # few" in path.read_text()


def test_a_rollback_of_what_was_set_only_may_be_saved(config, path):
    config.set("database.pool_size", 50)
    config.set("database.pool_size", 60)
    config.rollback(2)
    config.save(to=path)
    assert "pool_size: 50 # few" in path.read_text()
    assert config.current.database.pool_size == 50


@dataclass(frozen=True)
class Named:
    api_key: str = ""
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    public_key: Annotated[str, Public()] = ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_key", "Kanarie99"),
        ("url", "https://u:Kanarie99@h"),
        ("extra", {"password": "Kanarie99"}),
        ("extra.password", "Kanarie99"),
    ],
)
def test_what_is_masked_everywhere_is_not_written_in_clear(tmp_path, key, value):
    path = tmp_path / "config.yaml"
    config = load(Named, File(path, optional=True), Environ(environ={}))
    config.set(key, value)
    with pytest.raises(SaveError, match="looks like a secret") as caught:
        config.save(to=path)
    shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert "Kanarie" not in shown
    assert not path.exists()
    config.unset(key)
    config.set("public_key", "ssh-ed25519 AAAA")
    config.save(to=path)
    assert load(Named, File(path)).current.public_key == "ssh-ed25519 AAAA"


@dataclass(frozen=True)
class Server:
    host: str = ""


@dataclass(frozen=True)
class Servers:
    name: str = ""
    several: list[Server] = field(default_factory=list)


def test_a_dollar_sign_over_single_quotes_and_instances_in_lists(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("name: 'x'\r\nseveral: []\r\n")
    config = load(Servers, File(path), Environ(environ={}))
    config.set("name", "a$b")
    config.set("several", [Server("one")])
    config.save(to=path)
    assert config.current == Servers("a$b", [Server("one")])
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")


def test_nothing_to_save_makes_no_file(project, tmp_path):
    config = project({".env": ""})
    config.save()
    config.set("name", "two")
    config.save([])
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
