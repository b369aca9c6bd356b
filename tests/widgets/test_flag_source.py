"""Flags of a page: from a client, a store, a URL, documents, the project, or one to try."""

from __future__ import annotations

import pytest

import confkit
from confkit import Flags, MemoryStore
from confkit.widgets.flag_source import (
    SCRATCH,
    attributes,
    flag_source,
    ids,
    parsed,
    project_directory,
    rest_of,
)

DOCUMENTS = {
    "listed": {"enabled": True, "allow": ["a"]},
    "beta": {"enabled": True, "percentage": 10},
}


@pytest.mark.parametrize("kind", ["documents", "store", "client", "url"])
def test_every_kind_has_the_same_flags(kind, tmp_path):
    if kind == "url":
        (tmp_path / "flags.yaml").write_text(
            "listed: {enabled: true, allow: [a]}\nbeta: {enabled: true, percentage: 10}\n"
        )
    given = {
        "documents": DOCUMENTS,
        "store": MemoryStore(DOCUMENTS),
        "client": Flags(MemoryStore(DOCUMENTS), background=False),
        "url": f"file:{tmp_path}/flags.yaml",
    }[kind]
    found = flag_source(given)
    assert found.names() == ["beta", "listed", SCRATCH]  # a plain rollout first
    assert found.flag("beta").rule.percentage == 10
    assert found.writable is (kind != "documents")


def test_without_a_project_there_is_a_flag_to_try(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = flag_source()
    assert found.names() == [SCRATCH]
    assert not found.writable
    assert found.flag(SCRATCH).rule.percentage == 10


def test_the_store_of_the_project_is_found_from_below(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nflags = "file:conf/flags.yaml"\n')
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "flags.yaml").write_text("mine: {enabled: true}\n")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert project_directory() == tmp_path
    assert "mine" in flag_source().names()
    monkeypatch.setenv("CONFKIT_FLAGS_URL", "memory:")
    assert flag_source().names() == [SCRATCH]


def test_a_url_with_a_password_is_not_shown(monkeypatch):
    monkeypatch.setattr(
        "confkit.widgets.flag_source.open_store", lambda url: MemoryStore(DOCUMENTS)
    )
    assert "canary" not in flag_source("redis://:canary@host/0").where


def test_a_store_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(confkit.StoreError):
        flag_source(f"file:{tmp_path}/none.yaml")


def test_the_rest_of_a_rule_goes_to_yaml_and_back():
    document = {"enabled": True, "percentage": 5, "variants": {"a": 100}, "owner": "x"}
    assert rest_of(document) == {"variants": {"a": 100}, "owner": "x"}
    assert parsed("variants: {a: 100}\nowner: x\n") == rest_of(document)
    assert parsed("  \n") == {}


@pytest.mark.parametrize("text", ["variants: {a", "just text", "- a", "a: 1\na: 2"])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(confkit.InvalidFlag):
        parsed(text)


def test_lists_of_ids_and_attributes():
    assert ids(" a, b\nc ,, ") == ["a", "b", "c"]
    assert attributes("country=DE, v=2=3") == {"country": "DE", "v": "2=3"}
    with pytest.raises(ValueError, match="'country' is not name=value"):
        attributes("country")
