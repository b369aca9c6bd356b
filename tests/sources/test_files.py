"""Files by their ending, missing ones, and what a file that cannot be parsed leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from confkit import File, InvalidSource, Source


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "db:\n  size: 5\n"),
        ("a.yml", "db: {size: 5}"),
        ("a.json", '{"db": {"size": 5}}'),
        ("a.toml", "[db]\nsize = 5\n"),
    ],
)
def test_the_ending_says_how_a_file_is_read(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    layer = File(tmp_path / name, root=tmp_path).read()
    assert [(k, str(e.raw), e.origin.name) for k, e in layer.entries.items()] == [
        ("db.size", "5", name)
    ]
    assert (layer.name, layer.spelling, layer.base, layer.text) == (name, "keys", tmp_path, text)


def test_another_ending_is_refused_at_once():
    with pytest.raises(ValueError, match=r"a\.ini: the name ends in none of \.yaml, \.yml"):
        File("a.ini")


def test_is_a_source_with_the_path_to_watch(tmp_path):
    source = File(tmp_path / "a.yaml", root=tmp_path)
    assert isinstance(source, Source)
    assert source.paths == (tmp_path / "a.yaml",)
    assert repr(source) == "File('a.yaml')"


def test_a_missing_file_is_an_error_unless_it_is_optional(tmp_path):
    with pytest.raises(InvalidSource) as caught:
        File(tmp_path / "a.yaml", root=tmp_path).read()
    assert str(caught.value) == "there is no such file (a.yaml)"
    assert not File(tmp_path / "a.yaml", optional=True).read().entries


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.toml"])
@pytest.mark.parametrize("text", ["", "\n", "  \n\n", "\ufeff"])
def test_an_empty_file_says_nothing(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert not File(tmp_path / name).read().entries


@pytest.mark.parametrize(("name", "text"), [("a.yaml", "a: ["), ("a.json", "{"), ("a.toml", "a =")])
def test_a_broken_file_gives_its_problems_and_an_empty_layer(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidSource) as caught:
        File(tmp_path / name, root=tmp_path).read()
    assert caught.value.partial.name == name
    assert not caught.value.partial.entries
    assert caught.value.problems[0].origin.name == name


def test_the_name_is_settled_when_the_source_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1")
    source = File(Path("a.yaml"))
    assert source.read().name == "a.yaml"


def test_one_table_of_a_file(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\n[tool.my-app]\na = 1\n[tool.my-app.b]\n"c.d" = 2\n')
    layer = File(path, table="tool.my-app").read()
    assert {k: e.raw for k, e in layer.entries.items()} == {"a": 1, 'b."c.d"': 2}
    path = tmp_path / "a.yaml"
    path.write_text("x:\n  y: {a: 1}\nxy: 2\nz: 3\nempty: {}\n")
    assert {k: e.raw for k, e in File(path, table="x").read().entries.items()} == {"y.a": "1"}
    assert File(path, table="empty").read().entries == {}
    with pytest.raises(InvalidSource, match="there is no table nothing"):
        File(path, table="nothing").read()
    assert File(path, table="nothing", optional=True).read().entries == {}
    with pytest.raises(InvalidSource, match="z: is no table"):
        File(path, table="z", optional=True).read()
