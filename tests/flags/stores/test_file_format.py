"""What a flag file may contain, and what is reported of one that cannot be read."""

from __future__ import annotations

import json

import pytest

from confkit import errors
from confkit.flags.stores.file import FileStore
from pytest_confkit.contracts import OFF, ON
from tests.flags.stores.doubles import put


def test_a_file_in_braces_is_written_anew_with_its_head(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("# mine\n{a: true, b: {enabled: false}}\n")
    put(FileStore(path), "b", ON)
    assert path.read_text() == "# mine\na:\n  enabled: true\nb:\n  enabled: true\n"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", "1:1"),
        (" \n# only a remark\n", "empty", "1:1"),
        ("- a\n", "not-a-mapping", "1:1"),
        ("a: true\na: false\n", "duplicate-key", "2:1"),
        ("a:\n  enabled: true\n  enabled: false\n", "duplicate-key", "3:3"),
        ("a: true\na: false\nb: [\n", "duplicate-key", "2:1"),
        ("a: [\n", "yaml", "2:1"),
        ("a: !!python/object:os.system {}\n", "tag", "1:4"),
        ("a: &x true\nb: *x\n", "yaml", "1:4"),
        ("a: true\n---\nb: true\n", "yaml", "2:1"),
        ("[" * 30_000, "too-deep", "1:101"),
        ("a: " + "[" * 30_000 + "]" * 30_000, "too-deep", "1:103"),
        ("a: " + "[" * 200, "too-deep", "1:103"),
        ("? [a]\n: true\n", "key", "1:3"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_yaml_that_cannot_be_read_has_a_code_and_a_place(tmp_path, text, code, place):
    path = tmp_path / "flags.yaml"
    path.write_text(text)
    with pytest.raises(errors.StoreError) as caught:
        FileStore(path).read()
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{path}:{place}: ")


def test_yaml_with_too_many_values_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("confkit.yaml_events.MAX_NODES", 1_000)
    path = tmp_path / "flags.yaml"
    path.write_text("a: [" + "1," * 1_001 + "]")
    with pytest.raises(errors.StoreError) as caught:
        FileStore(path).read()
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("{", "json", "1:2"),
        ("[]", "not-a-mapping", "1:1"),
        ('{"a": true, "a": false}', "duplicate-key", "1:1"),
        ('{"a": NaN}', "json", "1:1"),
        ('{"a": ' + "9" * 5000 + "}", "json", "1:1"),
        ('{"a": ' + "[" * 100_000, "too-deep", "1:1"),
        ('{"a": ' + "[" * 100 + "]" * 100 + "}", "too-deep", "1:1"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_json_that_cannot_be_read_has_a_code_and_a_place(tmp_path, text, code, place):
    path = tmp_path / "flags.json"
    path.write_text(text)
    with pytest.raises(errors.StoreError) as caught:
        FileStore(path).read()
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{path}:{place}: ")


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_bytes(b"a: true\nb: \xff\n")
    with pytest.raises(errors.StoreError, match=r":2:1: is not UTF-8"):
        FileStore(path).read()


def test_text_that_yaml_versions_read_differently_survives(tmp_path):
    store = FileStore(tmp_path / "flags.yaml")
    ids = ["no", "yes", "012", "1e3", "12:30", "~", "null", "", "0x1f", "1_000", "2026-01-01", "#a"]
    put(store, "a", {"enabled": True, "allow": ids})
    put(store, "b", ON)
    assert FileStore(store.path).read().flags["a"].document["allow"] == ids


def test_json_is_kept_as_json(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text('{"a": true}')
    put(FileStore(path), "b", {"enabled": True, "owner": "ä"})
    assert json.loads(path.read_text()) == {
        "a": {"enabled": True},
        "b": {"enabled": True, "owner": "ä"},
    }


def test_a_last_line_without_an_end_gets_one(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("a: true")
    put(FileStore(path), "b", ON)
    assert path.read_text() == "a: true\nb:\n  enabled: true\n"


def test_a_text_that_cannot_be_changed_in_part_is_refused(tmp_path):
    path = tmp_path / "flags.yaml"
    path.write_text("  a: true\n  b: true\n")
    store = FileStore(path)
    assert set(store.read().flags) == {"a", "b"}
    with pytest.raises(errors.StoreError):
        put(store, "a", OFF)
    assert path.read_text() == "  a: true\n  b: true\n"
    assert repr(store) == "<FileStore flags.yaml>"
    with pytest.raises(errors.StoreError, match="cannot"):
        put(FileStore(tmp_path / "x.yaml" / "y.yaml"), "a", ON)
