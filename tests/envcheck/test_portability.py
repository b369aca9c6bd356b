"""The form of a value that every common reader reads alike."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.portability import check, dump, portable, quote
from confkit.sources.dotenv import DotEnv, parse

TEXT = st.text(
    st.sampled_from("ab1 '\"\\$`#=\n\r\t{}()~é\u2028")
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=40,
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)


@given(st.dictionaries(NAMES, TEXT, max_size=8))
def test_what_is_written_is_read_back(tmp_path_factory, variables):
    path = tmp_path_factory.getbasetemp() / "written.env"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(dump(variables))
    assert {k: e.raw for k, e in DotEnv(path).read().entries.items()} == variables


@given(TEXT)
def test_the_portable_form_is_never_reported(value):
    text = portable(value)
    if text is not None:
        assert list(check(EnvFile(".env", f"A={text}\n"))) == []


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_bash_reads_the_portable_form_as_python_dotenv_does(tmp_path_factory, value):
    text = portable(value)
    if text is None or shutil.which("bash") is None:
        return
    path = tmp_path_factory.getbasetemp() / "bash.env"
    path.write_text(f"A={text}\n")
    script = f'. {path}; printf %s "$A"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == value
    assert dotenv_values(stream=io.StringIO(f"A={text}\n"))["A"] == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("a/b:1@c,d=e+f%-_.", "a/b:1@c,d=e+f%-_."),
        ("a b", "'a b'"),
        ("é", "'é'"),
        ("it's", '"it\'s"'),
        ("a\nb", "'a\nb'"),
        ("$A", "'$A'"),
        ("'\"", "'\\'\"'"),
        ("\\", "'\\\\'"),
    ],
)
def test_quotes(value, text):
    assert quote(value) == text
    assert parse(f"A={text}\n")[0].value == value


def test_what_no_file_can_hold_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        quote("a\0")
    with pytest.raises(ValueError, match="not a portable name"):
        dump({"A-B": "1"})
    with pytest.raises(ValueError, match="longer than"):
        dump({"A": "x" * 40_000})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("A='x\ny'", "direnv"),
        ("A=x\\y", "bash and direnv drop it"),
        ("A='x\\\\y'", "python-dotenv decodes"),
        ('A="a\\nb"', "every reader knows other escapes"),
        ("A=$B", "write ${NAME}"),
        ("A='$B'", "may expand it"),
        ("A='${B}'", "may expand it"),
        ("A=cost$", "stands alone"),
        ("A=a$$b", "stands alone"),
        ("A=x#y", "cut the value"),
        ("A=a'b", "quotation mark"),
        ("A=x;y", "syntax"),
        ("A=a;b", "syntax"),
        ("A=${aws:db}", "compose refuses"),
        ('A="${aws:db}"', "compose refuses"),
        ("A=${B:?why}", "keep it as text"),
    ],
)
def test_reports_what_is_read_differently(line, says):
    (finding,) = check(EnvFile(".env", line + "\n"))
    assert (finding.code, finding.level) == ("NotPortable", "warning")
    assert says in finding.message


@pytest.mark.parametrize(
    "line",
    [
        "A=1",
        "A=ü",
        "A='x y'",
        'A="it\'s"',
        "A=${B}",
        'A="${B}/x"',
        "A=${B:-x}",
        "A='${aws:db#password}'",
        "A=x y",  # ValueWithoutQuotes
        "A=$(date)",  # CommandSubstitution
        "A=`date`",
        "A=${B",  # SubstitutionKey
        "A=",
        'A=""',
    ],
)
def test_stays_silent(line):
    assert list(check(EnvFile(".env", line + "\n"))) == []


def test_line_ends_and_byte_order_marks_are_reported_once():
    found = list(check(EnvFile(".env", "A=1\r\nB=2\r\n", mark=True)))
    assert [(f.line, f.message.partition(":")[0]) for f in found] == [
        (1, "a byte order mark"),
        (1, "lines end in CR"),
    ]


def test_what_has_a_portable_form_is_mended():
    findings = list(check(EnvFile(".env", "A=x;y\nB=a\\b\n")))
    assert [f.edit and f.edit.text for f in findings] == ["'x;y'", None]


@pytest.mark.parametrize("value", ["a\r\nb", "a\r\n", "\"\\\r\n'", "\r\r\n$x"])
def test_a_carriage_return_before_a_line_end_reads_back(value):
    file = EnvFile(".env", f"A={quote(value)}\n")
    assert file.variables["A"].value == value


def test_what_no_form_can_hold_is_refused():
    with pytest.raises(ValueError):
        quote("a\r\n${b}")
