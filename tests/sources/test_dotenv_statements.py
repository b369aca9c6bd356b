"""Statements of an env file: exact places, line ends, and lines that add to others."""

from __future__ import annotations

import pytest

from confkit.errors import InvalidSource
from confkit.sources.dotenv import MAX_LINE, MAX_LINES, DotEnv, parse


def spans(text: str) -> list[tuple[str, ...]]:
    return [
        (
            text[slice(*b.name_span)],
            "" if b.value_span is None else text[slice(*b.value_span)],
            b.quote,
            f"{b.line}:{b.column}",
        )
        for b in parse(text)
        if b.name is not None
    ]


def test_spans_are_exact():
    text = "\n A = one two  # c\nexport  B='x y' # c\n'C'=\"a\\\"b\"\nD= # c\nE\nF==1\nG=a#b\nH="
    assert spans(text) == [
        ("A", "one two", "", "2:2"),
        ("B", "'x y'", "'", "3:9"),
        ("'C'", '"a\\"b"', '"', "4:1"),
        ("D", "", "", "5:1"),
        ("E", "", "", "6:1"),
        ("F", "=1", "", "7:1"),
        ("G", "a#b", "", "8:1"),
        ("H", "", "", "9:1"),
    ]


def test_comments_are_statements_too():
    assert [(b.name, b.line, b.text) for b in parse("# a\nA=1 # b\n\n  # c\n")] == [
        (None, 1, "# a\n"),
        ("A", 2, "A=1 # b\n"),
        (None, 4, "\n  # c\n"),
    ]


def test_a_statement_knows_its_comment():
    text = "A=1 # b\nB='x'#c\n# d\nC=x#y\nD= # e\nE # f\n"
    assert [b.comment for b in parse(text)] == ["# b", "#c", "# d", "", "# e", "# f"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A='x\r\ny'\r\n", "x\ny"),
        ('A="x\r\ny\\r\r\nz"\r\n', "x\ny\r\nz"),
        ("A='x\ry'\n", "x\ry"),
        ("A=x\r\n", "x"),
    ],
)
def test_a_line_end_in_quotes_is_one_character(text, value, tmp_path):
    """As python-dotenv has it, which opens files with universal newlines."""
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    assert DotEnv(path).read().entries["A"].raw == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=a\nA=${A}:b\nA=${A}:c\n", "a:b:c"),
        ("A='$x'\nA=${A}b\n", "$$xb"),
        ("A=a\nA='${A}b'\n", "${A}b"),
        ("A=${A}b\n", "${A}b"),
        ("A=a\nA=${A:-x}\n", "${A:-x}"),
    ],
)
def test_a_variable_may_add_to_what_an_earlier_line_set(text, value, tmp_path):
    path = tmp_path / ".env"
    path.write_text(text)
    assert DotEnv(path).read().entries["A"].raw == value


def test_a_variable_that_doubles_itself_is_bounded(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=" + "x" * 1000 + "\n" + "A=${A}${A}\n" * 1000)
    assert len(DotEnv(path).read().entries["A"].raw) <= MAX_LINE


def test_a_colon_in_place_of_the_equals_sign_is_named(tmp_path):
    path = tmp_path / ".env"
    path.write_text("PORT:8080\nA=1\n")
    with pytest.raises(InvalidSource) as caught:
        DotEnv(path).read()
    (problem,) = caught.value.problems
    assert (problem.origin.line, problem.origin.column) == (1, 5)
    assert "8080" not in str(problem)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_number_of_lines_is_bounded(end, tmp_path):
    path = tmp_path / ".env"
    path.write_bytes((f"A=1{end}" * MAX_LINES).encode())
    assert DotEnv(path).read().entries["A"].raw == "1"
    path.write_bytes((f"A=1{end}" * (MAX_LINES + 1)).encode())
    with pytest.raises(InvalidSource, match="more than 50,000 lines"):
        DotEnv(path).read()
