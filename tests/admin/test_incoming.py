"""Bodies that may never come."""

from __future__ import annotations

import threading

import pytest

from confkit.admin.bodies import Unreadable
from confkit.admin.incoming import end_to_end, framed, with_length, within
from confkit.admin.messages import Response


def test_parts_are_put_together_up_to_the_size():
    parts = [b"ab", b"cd", b"", b"ef"]
    assert within(5, lambda size: parts.pop(0), 99) == b"abcd"
    assert within(5, lambda size: b"x" * size, 40_000) == b"x" * 40_000


def test_a_stream_that_hangs_is_left():
    end = threading.Event()

    def hang(size):
        end.wait(30)
        return b""

    with pytest.raises(Unreadable, match="did not arrive"):
        within(0.01, hang, 9)
    end.set()


def test_a_stream_that_fails_is_unreadable_without_its_text():
    def fail(size):
        raise ValueError("secret")

    with pytest.raises(Unreadable) as caught:
        within(5, fail, 9)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "terminated", "there"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"content-length": "0"}, False, False),
        ({"content-length": "5"}, False, True),
        ({"transfer-encoding": "chunked"}, True, True),
    ],
)
def test_a_body_has_to_end(headers, terminated, there):
    assert framed(headers, terminated=terminated) is there


def test_chunks_that_nobody_decodes_are_refused():
    with pytest.raises(Unreadable):
        framed({"transfer-encoding": "chunked"}, terminated=False)


def test_the_length_of_a_body_is_sent():
    assert with_length(Response(200, [], b"abc")) == [("Content-Length", "3")]
    assert with_length(Response(304)) == []
    assert with_length(Response(200, [("content-length", "9")])) == [("content-length", "9")]


def test_a_wsgi_application_sends_nothing_between_two_hops():
    found = Response(413, [("Connection", "close"), ("A", "b")], b"x")
    assert end_to_end(found) == [("A", "b"), ("Content-Length", "1")]
