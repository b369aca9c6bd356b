"""Tags and preconditions."""

from __future__ import annotations

import pytest

from confkit.admin import Request
from confkit.admin.etags import check, listed, tag, unchanged
from confkit.admin.problems import Refused


def sent(**headers):
    return Request("PATCH", "/", headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_tags_are_strong_and_tell_parts_apart():
    assert tag("a", "b") == tag("a", "b")
    assert len({tag("a", "b"), tag("ab"), tag("ab", ""), tag(b"a", b"b ")}) == 4
    assert tag("a")[0] == tag("a")[-1] == '"'


def test_a_list_of_tags():
    assert listed('"a", W/"b" ,"c,d"') == ['"a"', 'W/"b"', '"c,d"']
    assert listed(" * ") == ["*"]
    for wrong in ("", " ", "a", '"a', '"a" "b"', "**", ",", '"a";'):
        with pytest.raises(Refused):
            listed(wrong)
    with pytest.raises(Refused):
        listed('"a",' * 1000)


@pytest.mark.parametrize(
    ("headers", "etag", "kind"),
    [
        ({}, '"a"', "precondition-required"),
        ({"if_match": '"a"'}, '"a"', ""),
        ({"if_match": '"b", "a"'}, '"a"', ""),
        ({"if_match": "*"}, '"a"', ""),
        ({"if_match": "*"}, "", "stale"),
        ({"if_match": '"b"'}, '"a"', "stale"),
        ({"if_match": '"a"'}, "", "stale"),
        ({"if_match": 'W/"a"'}, '"a"', "stale"),
        ({"if_none_match": "*"}, "", ""),
        ({"if_none_match": "*"}, '"a"', "stale"),
        ({"if_none_match": '"a"'}, '"a"', "stale"),
        ({"if_none_match": '"b"'}, '"a"', "precondition-required"),
        ({"if_match": '"a"', "if_none_match": '"b"'}, '"a"', ""),
    ],
)
def test_preconditions(headers, etag, kind):
    if not kind:
        check(sent(**headers), etag, required=True)
        return
    with pytest.raises(Refused) as caught:
        check(sent(**headers), etag, required=True)
    assert caught.value.kind == kind
    assert caught.value.headers.get("ETag", "") == etag


def test_none_is_required_where_none_is():
    check(sent(), '"a"', required=False)


def test_what_a_client_has_is_compared_weakly():
    assert unchanged(sent(if_none_match='W/"a"'), '"a"')
    assert unchanged(sent(if_none_match="*"), '"a"')
    assert not unchanged(sent(if_none_match='"b"'), '"a"')
    assert not unchanged(sent(), '"a"')
