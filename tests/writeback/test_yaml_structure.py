"""New keys and lists: with ruamel.yaml everything else stays, without it nothing is lost."""

from __future__ import annotations

import pytest

from confkit.errors import MissingExtra
from confkit.writeback import yaml_structure
from confkit.writeback.yaml_edit import edit_yaml

needs_ruamel = pytest.mark.skipif(yaml_structure.Ruamel is None, reason="needs the extra write")


@needs_ruamel
def test_the_indent_of_the_file_is_kept():
    text = "a:\n    b: 1 # one\n    c:\n    - x\n    - y\n"
    edited = edit_yaml(text, {("a", "d"): 2})
    assert edited == "a:\n    b: 1 # one\n    c:\n    - x\n    - y\n    d: 2\n"


def test_a_text_of_comments_keeps_them():
    assert edit_yaml("# nothing yet", {("a", "b"): 1}) == "# nothing yet\na:\n  b: 1\n"
    assert edit_yaml("", {("a",): [1, "no"]}) == 'a:\n- 1\n- "no"\n'


def test_without_ruamel_comments_and_anchors_are_never_lost(monkeypatch):
    monkeypatch.setattr(yaml_structure, "Ruamel", None)
    with pytest.raises(MissingExtra, match=r"confkit-toolkit\[write\]"):
        edit_yaml("# one\na: 1\nlast: 1", {("new",): 1})
    for text in ("a: &x 1\n", "a: &x {b: 1}\n", "&x a: 1\n"):
        with pytest.raises(MissingExtra):
            edit_yaml(text, {("new",): 1})
    # Only an existing value changes: nothing has to be written anew.
    assert edit_yaml("# one\na: 1\nlast: 1", {("last",): 2}).endswith("last: 2")


def test_without_ruamel_a_text_without_comments_keeps_spellings_and_quotes(monkeypatch):
    monkeypatch.setattr(yaml_structure, "Ruamel", None)
    text = "a: 010\nb: 'x'\nc: \"#&\"\nd: {e: yes}\n"
    edited = edit_yaml(text, {("g", "h"): [1]})
    for kept in ("010", "'x'", '"#&"', "{e: yes}"):
        assert kept in edited
    assert edited.endswith("g:\n  h:\n  - 1\n")


@pytest.mark.parametrize("text", ["", "# only\r\n", "a: 1\r\n", "a: 1\r\nb: [1]\r\n"])
@pytest.mark.parametrize("without", [True, False])
def test_the_ends_of_lines_are_kept(monkeypatch, text, without):
    if without:
        monkeypatch.setattr(yaml_structure, "Ruamel", None)
    made = edit_yaml(text, {("b",): [{"c": 2}], ("d", "e"): 3})
    assert made.count("\r\n") == (made.count("\n") if text else 0)
