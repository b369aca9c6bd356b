"""The expressions in a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.envcheck.references import expanded, references
from confkit.layers import Entry, Origin
from confkit.resolution.interpolation import Variables
from confkit.resolution.unresolved import Unresolved


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x", []),
        ("${A}", [("name", "A", "")]),
        ("${A:-d}", [("name", "A", ":-d")]),
        ("${A:-${B:-c}}", [("name", "A", ":-${B:-c}"), ("name", "B", ":-c")]),
        ("${A:?why}", [("name", "A", ":?why")]),
        ("a$B c$D", [("bare", "B", ""), ("bare", "D", "")]),
        ("$B}", [("stray", "B}", "")]),
        ("$$B ${C}", [("name", "C", "")]),
        ("$ $1", []),
        ("${A", [("open", "", "")]),
        ("${A-b}", [("name", "A", "-b")]),
        ("${aws:db#pw}", [("scheme", "aws", "")]),
        ("x${A}y${B}", [("name", "A", ""), ("name", "B", "")]),
    ],
)
def test_finds(text, kinds):
    assert [(r.kind, r.name, r.rest) for r in references(text)] == kinds


def test_places_are_offsets_of_the_text():
    text = "x${A:-${B}}y$C"
    assert [text[r.start : r.end] for r in references(text)] == ["${A:-${B}}", "${B}", "$C"]


def test_in_single_quotes_only_references_with_a_scheme_are_resolved():
    assert [r.kind for r in expanded("${A} ${aws:b} $C", "'")] == ["scheme"]
    assert [r.kind for r in expanded("${A} ${aws:b} $C", '"')] == ["name", "scheme", "bare"]
    assert expanded("none", "") == []


@given(st.text(st.sampled_from("$${}{}AB:-?a.x "), max_size=30))
def test_agrees_with_interpolation_on_what_can_be_expanded(text):
    entry = Entry(text, Origin("file", ".env", 1))
    known = {name: Entry("1", Origin("env", name)) for name in ("A", "B", "AB", "BA", "AA", "BB")}

    class Any:
        secret = False

        def resolve(self, reference: str) -> str:
            return reference

    resolvers = dict.fromkeys(("a", "x", "ax", "a.x", "xa"), Any())
    kinds = {r.kind for r in references(text)}
    code = ""
    try:
        Variables([known], resolvers).expand(entry)
    except Unresolved as error:
        code = error.code
    if code == "interpolation":
        assert kinds & {"open", "bad"}
    elif not code:
        assert not kinds & {"open"}


def test_depth_costs_no_recursion():
    deep = "${A:-" * 6000 + "}" * 6000
    assert len(references(deep)) == 6000
    assert [r.kind for r in references("${A:-" * 6000)] == ["open"]
