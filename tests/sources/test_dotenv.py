"""Env files are read exactly: python-dotenv's reading, with places, limits and typed errors."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confkit.errors import InvalidSource, Problem
from confkit.layers import Origin, Source
from confkit.sources.dotenv import MAX_BLANKS, MAX_LINE, DotEnv, parse

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "dotenv_cases.json").read_text(encoding="utf-8")
)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(tmp_path: Path, content: str | bytes) -> dict[str, str]:
    layer = DotEnv(write(tmp_path / ".env", content), root=tmp_path).read()
    return {name: entry.raw for name, entry in layer.entries.items()}


def problems(tmp_path: Path, content: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidSource) as caught:
        read(tmp_path, content)
    return [(p.code, str(p.origin)) for p in caught.value.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["note"] or "plain")
def test_reads_every_case_as_python_dotenv_does(case, tmp_path):
    path = write(tmp_path / ".env", case["text"])
    peer = dotenv_values(stream=io.StringIO(case["text"], newline=""), interpolate=False)
    try:
        layer = DotEnv(path).read()
    except InvalidSource as error:
        layer = error.partial
    assert {k: e.raw for k, e in layer.entries.items()} == {
        k: v for k, v in peer.items() if v is not None
    }


def test_is_a_source_with_the_path_to_watch(tmp_path):
    source = DotEnv(tmp_path / ".env")
    assert isinstance(source, Source)
    assert source.paths == (tmp_path / ".env",)


def test_a_layer_says_where_every_value_stands(tmp_path):
    write(tmp_path / ".env.production", "# top\n\nA=1\nexport B='two'  # why\n\n\nC=\"x\ny\"\nD=\n")
    layer = DotEnv(tmp_path / ".env.production", root=tmp_path).read()
    assert layer.name == ".env.production"
    assert layer.spelling == "variables"
    assert layer.base == tmp_path
    assert [(n, e.raw, e.quote, str(e.origin)) for n, e in layer.entries.items()] == [
        ("A", "1", "", ".env.production:3"),
        ("B", "two", "'", ".env.production:4"),
        ("C", "x\ny", '"', ".env.production:7"),
        ("D", "", "", ".env.production:9"),
    ]


def test_the_last_of_two_wins_and_says_so(tmp_path):
    layer = DotEnv(write(tmp_path / ".env", "A=1\nB=2\nA=3\n"), root=tmp_path).read()
    assert layer.entries["A"].raw == "3"
    assert layer.entries["A"].origin == Origin("file", ".env", 3)


def test_the_path_is_shown_relative_to_the_working_directory(tmp_path, monkeypatch):
    write(tmp_path / ".env", "A=1\n")
    monkeypatch.chdir(tmp_path)
    assert DotEnv(tmp_path / ".env").read().name == ".env"
    assert DotEnv(".env", root=tmp_path).read().name == ".env"
    monkeypatch.chdir("/")
    assert DotEnv(tmp_path / ".env", root=tmp_path / "x").read().name.endswith("/.env")


def test_references_and_commands_stay_text(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME_OF", "env")
    text = "A=${HOME_OF}\nB='${HOME_OF}'\nC=$(touch marker)\nD=`touch marker`\nE=\"\\$x $$\"\n"
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path, text) == {
        "A": "${HOME_OF}",
        "B": "${HOME_OF}",
        "C": "$(touch marker)",
        "D": "`touch marker`",
        "E": "\\$x $$",
    }
    assert not (tmp_path / "marker").exists()


def test_reading_writes_nothing_into_the_environment(tmp_path):
    before = dict(os.environ)
    read(tmp_path, "PATH=/evil\nLD_PRELOAD=x.so\nNEW=1\n")
    assert dict(os.environ) == before


def test_directories_above_are_not_searched(tmp_path, monkeypatch):
    write(tmp_path / ".env", "A=1\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    with pytest.raises(InvalidSource):
        DotEnv(".env").read()


def test_a_missing_file_is_an_error_unless_optional(tmp_path):
    with pytest.raises(InvalidSource, match=r"there is no such file \(\.env\)") as caught:
        DotEnv(tmp_path / ".env", root=tmp_path).read()
    assert caught.value.problems[0].code == "missing-file"
    layer = DotEnv(tmp_path / ".env", root=tmp_path, optional=True).read()
    assert (layer.name, dict(layer.entries)) == (".env", {})


def test_a_directory_is_not_read(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(InvalidSource, match="is a directory"):
        DotEnv(tmp_path / ".env").read()


def test_bytes_that_are_not_utf8_have_a_place(tmp_path):
    assert problems(tmp_path, b"A=1\nB=caf\xe9\n") == [("encoding", ".env:2:6")]


def test_a_byte_order_mark_is_no_part_of_the_name(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbfA=1\n") == {"A": "1"}


def test_nul_is_refused(tmp_path):
    assert problems(tmp_path, "A=1\nB=a\0b\n") == [("encoding", ".env:2:4")]


def test_the_size_is_bounded(tmp_path):
    assert problems(tmp_path, "A=1\n" * 300_000)[0][0] == "too-large"


def test_the_length_of_a_line_is_bounded(tmp_path):
    assert read(tmp_path, f"A={'x' * (MAX_LINE - 2)}\n")["A"] == "x" * (MAX_LINE - 2)
    text = f"A=1\nB={'x' * MAX_LINE}\nC={'x' * MAX_LINE}"
    assert problems(tmp_path, text) == [("line-too-long", ".env:2"), ("line-too-long", ".env:3")]


def test_blanks_are_bounded_since_the_parser_is_quadratic_in_them(tmp_path):
    assert read(tmp_path, f"A=x{' ' * MAX_BLANKS}y\n")
    text = f"A=1\r\nB=x{' ' * (MAX_BLANKS + 1)}y\n"
    assert problems(tmp_path, text) == [("too-many-blanks", ".env:2:4")]


@pytest.mark.parametrize(
    ("line", "code", "column", "says", "excerpt"),
    [
        ("A B=hunter2", "syntax", 3, "no '=' after the name", "A …\n  ^"),
        ("A: hunter2", "syntax", 2, "':' stands where '=' belongs", "A: …\n ^"),
        ("=hunter2", "syntax", 1, "no name before '='", "=…\n^"),
        ("A='hunter2'x", "syntax", 12, "text after the closing quote", "A=…\n  ^"),
        ('A="hunter2', "syntax", 3, "the quote is never closed", "A=…\n  ^"),
        ("  export A='hunter2", "syntax", 12, "never closed", "  export A=…\n           ^"),
        ("'A=hunter2", "syntax", 1, "never closed", "…\n^"),
        ("export =hunter2", "syntax", 8, "no name before '='", "export =…\n       ^"),
        ("A='hunter2\\'", "syntax", 3, "never closed", "A=…\n  ^"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_never_quoted(
    line, code, column, says, excerpt, tmp_path
):
    path = write(tmp_path / ".env", f"GOOD=1\n{line}\nALSO=2\n")
    with pytest.raises(InvalidSource) as caught:
        DotEnv(path, root=tmp_path).read()
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.origin)) == (code, f".env:2:{column}")
    assert says in problem.message
    assert problem.excerpt == excerpt
    assert "hunter2" not in repr(problem) + str(caught.value)
    assert {k: e.raw for k, e in caught.value.partial.entries.items()} == {
        "GOOD": "1",
        "ALSO": "2",
    }


def test_a_quote_that_swallowed_lines_says_where_it_ended(tmp_path):
    path = write(tmp_path / ".env", 'A="x\nB="y"\nC=1\n')
    with pytest.raises(InvalidSource) as caught:
        DotEnv(path, root=tmp_path).read()
    (problem,) = caught.value.problems
    assert str(problem.origin) == ".env:2:4"
    assert problem.hint == "The quote was opened on line 1."


def test_text_that_may_be_a_secret_is_not_shown_as_a_name(tmp_path):
    key = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC7VJTUt9Us8cKj"
    path = write(tmp_path / ".env", f'KEY="-----BEGIN PRIVATE KEY-----\n{key} x\n')
    with pytest.raises(InvalidSource) as caught:
        DotEnv(path, root=tmp_path).read()
    assert [p.origin.line for p in caught.value.problems] == [1, 2]
    assert key not in str(caught.value) + repr(caught.value.problems)


def test_every_problem_is_told_at_once(tmp_path):
    assert problems(tmp_path, "A B=1\nC=1\nD: 2\n=3\n") == [
        ("syntax", ".env:1:3"),
        ("syntax", ".env:3:2"),
        ("syntax", ".env:4:1"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_right_after_errors_whatever_ends_them(end, tmp_path):
    path = write(
        tmp_path / ".env", end.join(["A B=1", "C=1", "", "D D=1", "# c", "E='x", "y'", "F="])
    )
    with pytest.raises(InvalidSource) as caught:
        DotEnv(path, root=tmp_path).read()
    assert [p.origin.line for p in caught.value.problems] == [1, 4]
    assert {k: e.origin.line for k, e in caught.value.partial.entries.items()} == {
        "C": 2,
        "E": 6,
        "F": 8,
    }


# -- parse: every statement with its place --------------------------------------------------------


PIECES = st.text(
    st.sampled_from("AB=#'\"\\ \t\r\n$\u2028{}()`:xé\ufeff\x0b\x85") | st.characters(codec="utf-8"),
    max_size=60,
)


@settings(max_examples=300)
@given(st.binary(max_size=200) | PIECES.map(str.encode))
def test_no_bytes_raise_anything_but_the_typed_error(tmp_path_factory, data):
    path = write(tmp_path_factory.getbasetemp() / "fuzz.env", data)
    found: list[Problem] = []
    try:
        layer = DotEnv(path).read()
    except InvalidSource as error:
        layer, found = error.partial, list(error.problems)
    assert layer is not None or found
    assert all(p.origin is not None and p.message for p in found)
    assert all(isinstance(e.raw, str) for e in (layer.entries.values() if layer else ()))


def test_the_parser_is_imported_when_a_file_is_read():
    code = "import sys, confkit.sources.dotenv; sys.exit('dotenv' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_name_alone_is_not_set(tmp_path):
    assert read(tmp_path, "A\nexport B\nC=\n") == {"C": ""}


@given(PIECES)
@example("\ufeff\ufeffA=1")
@example("A=\x85#")
def test_statements_add_up_to_the_text(text):
    found = parse(text)
    assert "".join(b.text for b in found) == text.removeprefix("\ufeff")
    for statement in found:
        if statement.value is not None and not statement.quote:
            assert text[slice(*statement.value_span)] == statement.value
        if statement.name is not None:
            assert text[slice(*statement.name_span)].strip("'") == statement.name.strip("'")
