"""Values written into a file in one step, keys taken out of it, and its earlier content."""

from __future__ import annotations

import threading

import pytest

from confkit import InvalidConfig
from confkit.errors import ConfkitError, FileChanged, NotWritable, SaveError, Shadowed, UnknownKey


def keys(diff):
    return {one.key: (one.old, one.new) for one in diff}


def test_values_are_written_and_taken_in_one_step(project, tmp_path):
    config = project({"config.yaml": "name: one\n"})
    seen = []
    config.subscribe(lambda change: seen.append(sorted(change.keys)))
    found = config.write({"database.pool_size": 7, "levels": {"a.b": "no"}}, by="ada", reason="r")
    assert keys(found)["database.pool_size"] == ("5", "7")
    assert keys(found)['levels."a.b"'] == (None, "no")
    text = (tmp_path / "config.local.yaml").read_text()
    assert text == 'database:\n  pool_size: 7\nlevels:\n  a.b: "no"\n'
    assert str(config.explain("database.pool_size").origin) == "config.local.yaml:2:14"
    assert (config.history()[0].by, config.history()[0].reason) == ("ada", "r")
    assert len(config.history()) == 2
    assert seen == [["database.pool_size", 'levels."a.b"']]
    assert config.stored().text == text


def test_what_is_taken_out_falls_back_to_the_layer_below(project, tmp_path):
    local = "# ours\nname: two\ndatabase: \n  pool_size: 9\n"
    config = project({"config.yaml": "name: one\n", "config.local.yaml": local})
    found = config.write({}, remove=["name", "database.pool_size"])
    assert keys(found) == {"name": ("two", "one"), "database.pool_size": ("9", "5")}
    assert config.current.name == "one"
    assert (tmp_path / "config.local.yaml").read_text() == "# ours\n"


BAD = {
    "a value that does not fit": ({"database.pool_size": 500}, [], InvalidConfig),
    "an unknown key": ({"database.pool_sice": 5}, [], InvalidConfig),
    "a secret": ({"database.password": "hunter2"}, [], SaveError),
    "a key of the environment": ({"hosts": ["c"]}, [], Shadowed),
    "a key that the file does not set": ({}, ["hosts"], SaveError),
    "a key set at runtime": ({"name": "three"}, [], Shadowed),
    "a key taken out below one set at runtime": ({}, ["name"], Shadowed),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused_changes_nothing(project, tmp_path, case):
    values, remove, error = BAD[case]
    local = "name: two\n"
    config = project({"config.local.yaml": local}, HOSTS="a,b")
    config.set("name", "set")
    before, history = config.current, len(config.history())
    with pytest.raises(error):
        config.write(values, remove=remove)
    assert (config.current, len(config.history())) == (before, history)
    assert (tmp_path / "config.local.yaml").read_text() == local


def test_every_problem_is_named_at_once(project):
    with pytest.raises(InvalidConfig) as caught:
        project({"config.yaml": "hosts: []\n"}).write({"database.pool_size": 500, "nmae": 1})
    assert sorted(problem.key for problem in caught.value.problems) == [
        "database.pool_size",
        "nmae",
    ]


class Refused(ConfkitError):
    pass


@pytest.mark.parametrize("answer", [False, Refused("no audit")])
def test_whoever_is_asked_can_keep_it_from_being_written(project, tmp_path, answer):
    config = project({"config.yaml": "name: one\n"})
    asked = []

    def accept(diff):
        asked.append(keys(diff))
        if answer is False:
            return False
        raise answer

    if answer is False:
        assert keys(config.write({"name": "two"}, accept=accept)) == {"name": ("one", "two")}
    else:
        with pytest.raises(Refused):
            config.write({"name": "two"}, accept=accept)
    assert asked == [{"name": ("one", "two")}]
    assert config.current.name == "one"
    assert not (tmp_path / "config.local.yaml").exists()
    assert len(config.history()) == 1


def test_what_cannot_be_written_leaves_memory_as_it_was(project, monkeypatch):
    config = project({"config.yaml": "hosts: []\n"})

    def full(path, content):
        raise OSError(28, "no space left")

    monkeypatch.setattr("confkit.atomic.replace", full)
    with pytest.raises(NotWritable):
        config.write({"name": "two"})
    assert config.current.name == "shop"


def test_an_edit_by_hand_is_not_overwritten(project, tmp_path):
    config = project({"config.local.yaml": "name: two\n"})
    (tmp_path / "config.local.yaml").write_text("name: three\n")
    with pytest.raises(FileChanged):
        config.write({"database.pool_size": 7})
    assert (tmp_path / "config.local.yaml").read_text() == "name: three\n"
    config.reload()
    config.write({"database.pool_size": 7})
    assert config.current.name == "three"


def test_the_file_gets_the_content_of_an_earlier_version(project, tmp_path):
    config = project({"config.local.yaml": "name: two\n"})
    config.write({"name": "three", "database.pool_size": 7})
    found = config.restore(1, by="ada")
    assert keys(found) == {"name": ("three", "two"), "database.pool_size": ("7", "5")}
    assert (tmp_path / "config.local.yaml").read_text() == "name: two\n"
    assert (config.current.name, config.history()[0].reason) == ("two", "rollback to 1")
    config.reload()
    assert config.current.name == "two"
    with pytest.raises(UnknownKey):
        config.restore(77)


def test_a_version_that_the_file_alone_does_not_bring_back_is_refused(project, tmp_path):
    config = project({"config.yaml": "name: one\n", "config.local.yaml": "hosts: [a]\n"})
    (tmp_path / "config.yaml").write_text("name: two\n")
    config.reload()
    with pytest.raises(Shadowed, match="name changed elsewhere"):
        config.restore(1)
    assert config.current.name == "two"


def test_nothing_changes_between_a_decision_and_its_write(project):
    config = project({"config.yaml": "hosts: []\n"})
    begun = threading.Event()

    def other():
        begun.wait(10)
        config.set("name", "other")

    thread = threading.Thread(target=other)
    thread.start()
    with config.hold():
        begun.set()
        seen = config.current.name
        config.write({"database.pool_size": 7})
        assert config.current.name == seen
    thread.join(10)
    assert config.current.name == "other"
