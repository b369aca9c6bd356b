"""An env file as the checks see it."""

from __future__ import annotations

import pytest

from confkit import InvalidSource
from confkit.envcheck.envfile import EnvFile

TEXT = "A=1\n# note\nexport B='two' # c\nA=3\nBARE\n\n"


def test_the_statements_in_their_order_and_the_last_of_a_name():
    file = EnvFile(".env", TEXT)
    assert [(s.name, s.value, s.quote) for s in file.settings] == [
        ("A", "1", ""),
        ("B", "two", "'"),
        ("A", "3", ""),
    ]
    assert {name: s.value for name, s in file.variables.items()} == {"A": "3", "B": "two"}


def test_spans_are_those_of_name_and_value():
    setting = EnvFile(".env", TEXT).variables["B"]
    assert TEXT[slice(*setting.span)] == "'two'"
    assert TEXT[setting.start] == "B"


def test_a_finding_stands_at_its_line_and_column():
    file = EnvFile(".env", TEXT)
    found = file.at(file.variables["B"].start, "LowercaseKey", "x")
    assert (found.line, found.column, found.level) == (3, 8, "warning")
    assert file.at(file.end, "MissingRequired", "x").line == 5


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_known_and_no_part_of_the_text(tmp_path, mark):
    path = tmp_path / ".env"
    path.write_bytes(mark + b"A=1\n")
    file = EnvFile.load(path)
    assert (file.text, file.mark) == ("A=1\n", bool(mark))
    assert list(file.variables) == ["A"]


def test_a_file_that_is_not_there_is_an_error_by_name(tmp_path):
    with pytest.raises(InvalidSource, match="nowhere"):
        EnvFile.load(tmp_path / "nowhere.env", tmp_path)
