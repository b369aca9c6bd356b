"""Mends that change nothing that is read, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.envcheck.checking import Checks, run
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Edit, Finding
from confkit.envcheck.fixes import fixed, write
from confkit.envcheck.options import Options
from confkit.errors import InvalidSource

ALL = Checks(Options(codes=frozenset(CODES)), environ={})


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("A = 1\n", "A=1\n"),
        ("A =\n", "A=\n"),
        ("A=1 \n", "A=1\n"),
        ("A= \n", "A=\n"),
        ("A=1", "A=1\n"),
        ("A=1\r\nB=2", "A=1\r\nB=2\r\n"),
        ("A=1\n\n\n\nB=2\n", "A=1\n\nB=2\n"),
        (" A=1\n", "A=1\n"),
        ("  export A=1\n", "export A=1\n"),
        ("'A'=1\n", "A=1\n"),
        ("A='x'\n", "A=x\n"),
        ("A='5'\n", "A='5'\n"),  # a number without quotes, where the type is open
        ("A=x y\n", "A='x y'\n"),
        ("A=it's y\n", 'A="it\'s y"\n'),
        ("A=x;y\n", "A='x;y'\n"),
        ("A=1\nA=2\n", "# A=1\nA=2\n"),
        ("A=1\nB=${A}\nA=2\n", "A=1\nB=${A}\nA=2\n"),
        ("B=1\nA=2\n", "A=2\nB=1\n"),
        ("A = 'x' \nA=x y", "# A=x\nA='x y'\n"),
        ("a=1\nA-B=1\nC\nA B=1\n", "a=1\nA-B=1\nC\nA B=1\n"),  # not sorted: C may be a value
        ("A=${B} c\n", "A=${B} c\n"),
        # bash and others join a line that ends in a backslash with the next one
        ("A=x\\ \nB=1\n", "A=x\\ \nB=1\n"),
        ("A=x\\", "A=x\\"),
        # what is a blank to some readers is text, or a line end, to others
        ("A=x\u00a0\n", "A=x\u00a0\n"),
        ("\u00a0A=x\n", "\u00a0A=x\n"),
        # some readers do not know export: to them these are two names
        ("A=1\nexport A=2\n", "A=1\nexport A=2\n"),
        ("export A=1\nexport A=2\n", "# export A=1\nexport A=2\n"),
        ("A=1\nA=2 # c\n", "A=1\nA=2 # c\n"),  # 2 # c to some
        ("A=1\nA=2\n}\n", "A=1\nA=2\n}\n"),
        ("A=x\u2028y\n", "A=x\u2028y\n"),
        ("A=\x0bx\n", "A=\x0bx\n"),
        ("A\x0b=\n", "A\x0b=\n"),
        ("A=''\nA=\u2028\n", "A=''\nA=\u2028\n"),
        # node reads 5: with a line end behind it as a name
        ("A=1\n5:", "A=1\n5:"),
        ("A=1\n# c", "A=1\n# c\n"),
    ],
)
def test_mends(text, made):
    file, count = fixed(EnvFile(".env", text), ALL.of)
    assert file.text == made
    assert (count == 0) == (text == made)


PARTS = st.sampled_from(
    [
        "A",
        "B",
        "a",
        "=",
        " ",
        "'",
        '"',
        "x",
        "1",
        "#",
        "\n",
        "\r\n",
        "\\",
        "${A}",
        "$",
        "export ",
        "é",
    ]
)


@given(st.lists(PARTS, max_size=25).map("".join))
def test_what_is_read_stays_the_same_and_nothing_is_left_to_mend(text):
    before = EnvFile(".env", text)
    after, _ = fixed(before, ALL.of)
    assert {n: s.value for n, s in before.variables.items()} == {
        n: s.value for n, s in after.variables.items()
    }
    assert [f for f in ALL.of(after) if f.edit is not None] == []


def test_a_mend_that_changes_a_value_is_never_written():
    file = EnvFile(".env", "A=1\n")
    bad = file.at(2, "QuoteCharacter", "", Edit(2, 3, "2"))
    assert fixed(file, lambda _: [bad]) == (file, 0)


def test_what_is_harmless_is_fixed_beside_what_is_not():
    file = EnvFile(".env", "A = 1\nB=1\nC = 1\n")
    bad = file.at(8, "QuoteCharacter", "", Edit(8, 9, "2"))

    def check(now: EnvFile) -> list[Finding]:
        return [*ALL.of(now), *([bad] if now is file else [])]

    assert fixed(file, check)[0].text == "A=1\nB=1\nC=1\n"


def test_a_run_with_fix_writes_the_file_and_keeps_its_mode(tmp_path):
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfA = 1\r\nB='x y'")
    path.chmod(0o640)
    report = run([path], Options(), fix=True, root=tmp_path)
    assert path.read_bytes() == b"\xef\xbb\xbfA=1\r\nB='x y'\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert report.fixes == 2
    assert [p.name for p in tmp_path.iterdir()] == [".env"]


def test_a_clean_file_is_not_written(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o400)
    before = path.stat()
    assert run([path], Options(), fix=True).fixes == 0
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def changed(path: Path) -> tuple[EnvFile, str]:
    file = EnvFile.load(path)
    return EnvFile(file.name, "A=2\n", path), file.text


def test_a_symbolic_link_is_not_replaced(tmp_path):
    (tmp_path / "real").write_text("A=1\n")
    (tmp_path / ".env").symlink_to("real")
    file, before = changed(tmp_path / ".env")
    with pytest.raises(InvalidSource, match="symbolic link"):
        write(file, before)
    assert (tmp_path / "real").read_text() == "A=1\n"


def test_a_file_that_somebody_else_changed_is_left_alone(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    file, before = changed(path)
    path.write_text("A=3\n")
    with pytest.raises(InvalidSource, match="run again"):
        write(file, before)
    assert path.read_text() == "A=3\n"


@pytest.mark.parametrize("broken", ["fsync", "fchmod"])
def test_a_failure_leaves_the_old_file_and_nothing_else(broken, tmp_path, monkeypatch):
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    file, before = changed(path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(InvalidSource, match="cannot be written: No space left"):
        write(file, before)
    assert path.read_text() == "A=1\n"
    assert [p.name for p in tmp_path.iterdir()] == [".env"]
