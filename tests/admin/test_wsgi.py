"""One table of requests, answered the same by every adapter."""

from __future__ import annotations

import io
import json
import threading

import pytest

from confkit import Flags, MemoryStore, load
from confkit.admin import Admin
from confkit.admin.wsgi import WSGI
from tests.admin import servers
from tests.admin.conftest import ADA, EVE, FREE, RULES, TOKENS, Settings

NEEDS = {"flask": "flask", "starlette": "starlette", "django": "django"}
JSON = {"content-type": "application/json"}


def body(value):
    return json.dumps(value).encode()


#: method, path, headers beside the token, body
REQUESTS = [
    ("GET", "/config", {}, b""),
    ("HEAD", "/config", {}, b""),
    ("GET", "/config", {"authorization": ""}, b""),
    ("GET", "/config", {"authorization": f"Bearer {EVE}"}, b""),
    ("GET", "/config", {"if-none-match": "*"}, b""),
    ("GET", "/nope", {}, b""),
    ("GET", "//", {}, b""),
    ("GET", "/feature-flags?ids=1", {}, b""),
    ("GET", "/feature-flags/checkout", {}, b""),
    ("GET", "/feature-flags/ch%C3%A4", {}, b""),
    ("GET", "/feature-flags/chä", {}, b""),
    ("GET", "/feature-flags//checkout", {}, b""),
    ("OPTIONS", "/config", {}, b""),
    ("DELETE", "/config", {}, b""),
    ("PUT", "/config", JSON, b"{}"),
    ("POST", "/config", JSON, body({"name": "two"})),
    ("POST", "/config?dry_run=1", JSON, body({"name": "three"})),
    ("POST", "/config", {}, body({"name": "two"})),
    ("POST", "/config", {"content-type": "text/plain"}, b"x"),
    ("POST", "/config", JSON, b"{"),
    ("POST", "/config", JSON, b""),
    ("POST", "/config", JSON, b" " * 70_000),
    ("POST", "/config", {**JSON, "content-length": "70000"}, b"{}"),
    ("POST", "/config", {**JSON, "content-length": "-1"}, b"{}"),
    ("POST", "/config", {**JSON, "content-length": "1e3"}, b"{}"),
    ("POST", "/config", JSON, body({"database": {"pool_size": 500}})),
    ("POST", "/config/reload", {}, b""),
    ("PATCH", "/config", {"content-type": "application/merge-patch+json"}, b"{}"),
    ("POST", "/feature-flags/checkout", JSON, body({"percentage": 50})),
    ("POST", "/feature-flags/checkout", JSON, body({"percentage": 500})),
    ("PUT", "/feature-flags/new", {**JSON, "if-none-match": "*"}, body({"enabled": True})),
    ("DELETE", "/feature-flags/new", {"if-match": "*"}, b""),
    ("GET", "/openapi.json", {}, b""),
    ("GET", "/status?x=1", {}, b""),
]


@pytest.fixture
def answers(tmp_path):
    """The answers of one way to the whole table, on an application of its own."""

    def answer(way):
        place = tmp_path / way
        place.mkdir()
        (place / "config.yaml").write_text("name: one\n")
        config = load(Settings, root=place, environ={})
        flags = Flags(MemoryStore(RULES), background=False)
        admin = Admin(config, flags, auth=TOKENS, limits=FREE)
        ask = getattr(servers, way)(admin)
        found = []
        for method, path, headers, data in REQUESTS:
            sent = {"authorization": f"Bearer {ADA}", **headers}
            if data or "content-type" in headers:
                sent.setdefault("content-length", str(len(data)))
            one = ask(method, path, {k: v for k, v in sent.items() if v}, data)
            kept = {
                name: one.headers.get(name) or None
                for name in ("content-type", "etag", "allow", "www-authenticate", "cache-control")
            }
            if "etag" in path or "flags" in path:  # of another store
                kept.pop("etag")
            found.append((method, path, one.status, kept, one.body))
        flags.close()
        return found

    return answer


@pytest.mark.parametrize("way", ["flask", "asgi", "starlette", "django"])
def test_every_adapter_gives_the_same_answers(answers, way):
    pytest.importorskip(NEEDS.get(way, "json"))
    for own, expected in zip(answers(way), answers("wsgi"), strict=True):
        assert own == expected


def test_the_table_is_answered_as_it_should_be(answers):
    found = [status for _, _, status, _, _ in answers("wsgi")]
    assert found == [
        *(200, 200, 401, 403, 304, 404, 404, 200, 200, 404, 404, 404, 204, 405, 405),
        *(200, 200, 415, 415, 400, 400, 413, 413, 400, 400, 422, 200, 428),
        *(200, 422, 201, 204, 200, 400),
    ]


def environ(**changes):
    made = servers.environ_of(
        "POST", "/config", {"authorization": f"Bearer {ADA}", **JSON}, b'{"name": "two"}'
    )
    return {**made, **changes}


@pytest.fixture
def status(admin):
    """The status of the answer to an environ."""

    def ask(given, **options):
        found = []
        b"".join(WSGI(admin, **options)(given, lambda line, headers: found.append(line)))
        return int(found[0][:3])

    return ask


def test_a_body_of_no_declared_size_is_not_waited_for(status):
    """A stream that is the bare socket would block for ever."""

    class Bare:
        def read(self, size):
            raise AssertionError("nothing says where this body ends")

    assert status(environ(**{"wsgi.input": Bare()})) == 400


def test_chunks_are_read_where_the_server_ends_them(status):
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert status(environ(**chunked, **{"wsgi.input_terminated": True})) == 200
    assert status(environ(**chunked)) == 400


def test_a_body_that_is_cut_off_is_400(status):
    assert status(environ(CONTENT_LENGTH="50")) == 400


@pytest.mark.parametrize("error", [OSError("reset"), ValueError("bad chunk"), RuntimeError("x")])
def test_a_stream_that_fails_is_400(status, error):
    class Failing:
        def read(self, size):
            raise error

    assert status(environ(CONTENT_LENGTH="5", **{"wsgi.input": Failing()})) == 400


def test_a_slow_body_is_400_before_it_is_there(status):
    begun, end = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size=-1):
            begun.set()
            end.wait(30)
            return b""

    assert status(environ(CONTENT_LENGTH="5", **{"wsgi.input": Slow()}), seconds=0.05) == 400
    assert begun.is_set()
    end.set()


def test_an_endless_body_is_413_after_the_limit(status):
    read = []

    class Endless:
        def read(self, size):
            read.append(size)
            return b" " * size

    given = environ(HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True})
    assert status({**given, "wsgi.input": Endless()}) == 413
    assert sum(read) == 64 * 1024 + 1
