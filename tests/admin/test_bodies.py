"""Bodies: bounded, JSON, nothing masked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.admin import Limits, Request
from confkit.admin.bodies import Unreadable, check_media_type, parse, read, refuse_masked
from confkit.admin.problems import Refused

LIMITS = Limits(body=100, depth=4)


def refused(function, *args):
    with pytest.raises(Refused) as caught:
        function(*args)
    return caught.value


def test_a_body_is_read_up_to_one_byte_beyond_the_limit():
    asked = []

    def source(size):
        asked.append(size)
        return b"x" * size

    assert refused(read, Request("POST", "/", read=source), LIMITS).kind == "too-large"
    assert asked == [101]


def test_a_declared_size_beyond_the_limit_is_refused_unread():
    def source(size):
        raise AssertionError

    for size in ("101", "9" * 50, "00000101"):
        sent = Request("POST", "/", headers={"content-length": size}, read=source)
        found = refused(read, sent, LIMITS)
        assert (found.kind, found.headers["Connection"]) == ("too-large", "close")
    for size in ("-1", "1e2", "0x5", "5, 6", "²"):
        sent = Request("POST", "/", headers={"content-length": size}, read=source)
        assert refused(read, sent, LIMITS).kind == "body"


def test_a_body_that_cannot_be_read_is_400():
    def source(size):
        raise Unreadable("cut off")

    assert refused(read, Request("POST", "/", read=source), LIMITS).kind == "body"


def test_media_types():
    sent = Request("PATCH", "/", headers={"content-type": "Application/JSON; charset=utf-8"})
    assert check_media_type(sent, ["application/json"]) == "application/json"
    found = refused(check_media_type, sent, ["application/merge-patch+json"])
    assert found.headers["Accept-Patch"] == "application/merge-patch+json"
    assert (
        refused(check_media_type, Request("POST", "/"), ["application/json"]).kind == "media-type"
    )


NO_JSON = [
    *(b"", b" ", b"{", b"{'a': 1}", b"\xff", b"\xef\xbb\xbf{}", b'{"a": 1, "a": 1}', b"NaN"),
    *(b"[Infinity]", b"-Infinity", b"1e999", b"[[[[[1]]]]]", b"[" * 50 + b"]" * 50),
    *(b'"\\ud800"', b'{"\\ud800": 1}', b"1" * 5000, b"{} {}", b"01", b'"\n"'),
]


@pytest.mark.parametrize("body", NO_JSON)
def test_what_is_no_json_is_refused(body):
    found = refused(parse, body, LIMITS)
    assert found.kind == "body"
    assert found.__cause__ is None


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.recursive(SCALARS | TEXTS, lambda i: st.lists(i) | st.dictionaries(TEXTS, i), max_leaves=9)
)
def test_json_is_read_as_it_is(value):
    assert parse(json.dumps(value).encode(), Limits(depth=99)) == value


def test_every_masked_value_is_pointed_at():
    value = {"a": "***", "b": ["x", {"c/d": "u:***@h"}], "e": "**", "n": None, "***": 1}
    found = refused(refuse_masked, value)
    assert [e["pointer"] for e in found.errors] == ["/a", "/b/1/c~1d", "/***"]
    refuse_masked({"a": "**", "b": [1, None]})
