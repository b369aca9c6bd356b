"""Requests, responses, principals."""

from __future__ import annotations

import pytest

from confkit.admin import Principal, Request
from confkit.admin.messages import answer, dumps


def test_an_answer_is_never_stored_in_between():
    found = answer(200, {"a": "ü"}, {"X-A": "b"}, etag='"t"')
    assert found.headers == [
        ("Cache-Control", "no-store"),
        ("Content-Type", "application/json"),
        ("ETag", '"t"'),
        ("X-A", "b"),
    ]
    assert found.body == '{"a":"ü"}'.encode()
    assert found.header("etag") == '"t"'
    assert answer(204).header("Content-Type") == ""


def test_json_is_always_utf_8_and_never_nan():
    assert dumps("\ud800") == b'"\\ud800"'
    assert dumps({"a": [float("inf"), (float("nan"),), 1.5]}) == b'{"a":["inf",["nan"],1.5]}'


def test_a_request_shows_no_token():
    sent = Request("GET", "/config", "t=secret", {"authorization": "Bearer secret"})
    assert "secret" not in repr(sent)
    assert sent.header("missing") == ""


def test_a_query_of_many_parameters_is_refused():
    with pytest.raises(ValueError):
        Request("GET", "/", "&".join(["a=1"] * 101)).parameters()


def test_a_principal_may_do_nothing_by_default():
    assert Principal("p").grants == frozenset()
    assert Principal("p", ["*"]).grants == frozenset({"*"})
    with pytest.raises(TypeError):
        Principal("p", "*")


@pytest.mark.parametrize(
    ("prefix", "root"),
    [
        ("", "/"),
        ("/admin", "/admin/"),
        ("/a b/ü;x\r\ny", "/a%20b/%C3%BC%3Bx%0D%0Ay/"),
        ("//evil.example", "/evil.example/"),
    ],
)
def test_a_prefix_as_urls_and_headers_have_it(prefix, root):
    assert Request("GET", "/", prefix=prefix).root == root
