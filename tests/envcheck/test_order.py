"""Names sorted inside their groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.order import check, sort


def messages(text: str) -> list[tuple[int, str]]:
    return [(f.line, f.message) for f in check(EnvFile(".env", text))]


def test_names_that_stand_too_late():
    assert messages("B=1\nA=2\nD=1\nC=1\n") == [
        (2, "A belongs before B"),
        (4, "C belongs before D"),
    ]


def test_only_the_first_finding_of_a_group_mends_it():
    edits = [f.edit for f in check(EnvFile(".env", "C=1\nB=2\nA=3\n"))]
    assert edits[0] is not None
    assert edits[1:] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "A=1\nB=2\n",
        "B=1\n\nA=2\n",
        "A=1\nA=2\nB=1\n",
        "B=1\nA=${B}\n",
        "B=1\nA b\nA=1\n",
        "B=x\\\nA=1\n",
        "",
    ],
)
def test_sorted_is_sorted(text):
    assert messages(text) == []
    assert sort(EnvFile(".env", text)) == text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("B=1\nA=2\n", "A=2\nB=1\n"),
        ("B=1\nA=2", "A=2\nB=1"),
        ("B=1\r\nA=2\r\n", "A=2\r\nB=1\r\n"),
        ("C=1\n# of A\nA=2\n\nE=1\nD=2\n", "# of A\nA=2\nC=1\n\nD=2\nE=1\n"),
        ("# Heading\nB=1\nA=2\n", "# Heading\nA=2\nB=1\n"),
        ("# of B\nB=1\n# of A\nA=2\n", "# of A\nA=2\n# of B\nB=1\n"),
        ("B='x\ny'\nA=2\n", "A=2\nB='x\ny'\n"),
        ("C=1\nB=${C}\nA=1\n", "A=1\nC=1\nB=${C}\n"),
        ("\n\nB=1\nA=2\n", "\n\nA=2\nB=1\n"),
        ("export B=1\nexport A=2\n", "export A=2\nexport B=1\n"),
        ("B=1\n  A=2\n", "  A=2\nB=1\n"),
        ("  B=1\nA=2\n", "A=2\n  B=1\n"),
        ("# Heading\n  B=1\nA=2\n", "# Heading\nA=2\n  B=1\n"),
        ("C='${B}'\nB=1\nA=2\n", "A=2\nC='${B}'\nB=1\n"),  # dotenv-expand looks into quotes
        ("C=$B\nB=1\nA=2\n", "A=2\nC=$B\nB=1\n"),
    ],
)
def test_sorts(text, made):
    file = EnvFile(".env", text)
    assert sort(file) == made
    assert sort(EnvFile(".env", made)) == made


LINES = st.sampled_from(
    ["A=1\n", "B=2\n", "C=${A}\n", "D='x\ny'\n", "A=3\n", "# c\n", "\n", "E\n", "x y\n", "B=${C}\n"]
)


@given(st.lists(LINES, max_size=12).map("".join))
def test_sorting_changes_no_value_and_is_done_after_once(text):
    made = sort(EnvFile(".env", text))
    before, after = EnvFile(".env", text), EnvFile(".env", made)
    assert {n: s.value for n, s in before.variables.items()} == {
        n: s.value for n, s in after.variables.items()
    }
    assert sort(after) == made
    assert (messages(text) == []) == (made == text)
