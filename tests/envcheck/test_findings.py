"""One finding, for people and for machines."""

from __future__ import annotations

from confkit.envcheck.findings import Edit, Finding

FOUND = Finding("LowercaseKey", "a is not in upper case", ".env", 3, 1, edit=Edit(0, 1, "hunter2"))


def test_a_line_has_place_code_and_message():
    assert str(FOUND) == ".env:3:1: LowercaseKey a is not in upper case"


def test_machines_get_the_same_and_whether_it_can_be_fixed():
    assert FOUND.as_dict() == {
        "file": ".env",
        "line": 3,
        "column": 1,
        "code": "LowercaseKey",
        "level": "error",
        "message": "a is not in upper case",
        "fixable": True,
    }


def test_the_text_of_an_edit_is_in_no_repr():
    """An edit holds a piece of the file, which may be a secret."""
    assert "hunter2" not in repr(FOUND)
