"""What ruamel.yaml leaves as it is."""

from __future__ import annotations

import contextlib

import pytest
import yaml

from confkit.errors import SaveError
from confkit.writeback.yaml_edit import edit_yaml

pytest.importorskip("ruamel.yaml", reason="needs the extra write")


def test_what_is_not_changed_keeps_its_spelling():
    text = (
        "# x\na: 5.140336259719905e-206\nb: [1e3, 010, 0o7, yes, ~, 2001-01-01, 1_000]\n"
        "c: &n 7\nd: *n\n"
    )
    assert edit_yaml(text, {("e",): 1.5, ("f",): [None, True]}) == text + (
        "e: 1.5\nf:\n  - null\n  - true\n"
    )


@pytest.mark.parametrize("where", ["key", "value"])
def test_line_breaks_of_unicode_are_right_or_refused(where):
    """ruamel.yaml writes some of them as they are, and they are read back as blanks."""
    for char in "\x85\u2028\u2029":
        path, value = (("b",), char) if where == "value" else ((char,), "b")
        with contextlib.suppress(SaveError):
            assert yaml.safe_load(edit_yaml("a: 1 # one\n", {path: value})) == {
                "a": 1,
                path[0]: value,
            }
