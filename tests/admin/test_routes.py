"""The table of routes, and what a route takes."""

from __future__ import annotations

import pytest

from confkit.admin import Limits, Principal, Request, Response
from confkit.admin.problems import Refused
from confkit.admin.routes import Call, Parameter, Route, Table


def handler(call):
    return Response(200)


READ = Route("GET", "/a", "config:read", "x", handler, parameters=(Parameter("n", {}, "x"),))
WRITE = Route("POST", "/f/{name}", "flags:write", "x", handler, bodies={"application/json": {}})
BACK = Route("POST", "/f/{name}/back", "flags:write", "x", handler)
TABLE = Table([READ, WRITE, BACK])


@pytest.mark.parametrize(
    ("path", "methods", "names"),
    [
        ("/a", ["GET"], {}),
        ("/f/x", ["POST"], {"name": "x"}),
        ("/f/x/back", ["POST"], {"name": "x"}),
        ("/f/back", ["POST"], {"name": "back"}),
    ],
)
def test_paths_that_there_are(path, methods, names):
    found = TABLE.find(path)
    assert (list(found.methods), found.names) == (methods, names)


@pytest.mark.parametrize(
    "path", ["", "/", "/a/", "//a", "/A", "/f/", "/f", "/f//back", "/f/x/y", "a"]
)
def test_paths_that_there_are_not(path):
    assert TABLE.find(path) is None


def test_what_changes_something_is_a_write():
    assert (READ.writes, WRITE.writes) == (False, True)


def call(route, **options):
    return Call(Request(route.method, "/", **options), route, Principal("p"), Limits(), {})


@pytest.mark.parametrize(
    ("query", "text"), [("m=1", "'m'"), ("n=1&m", "'m'"), ("&".join(["n=1"] * 200), "too many")]
)
def test_parameters_that_a_route_does_not_have_are_refused(query, text):
    with pytest.raises(Refused) as caught:
        call(READ, query=query).take()
    assert text in caught.value.detail


def test_switches_numbers_and_texts():
    def of(query):
        made = call(READ, query=query)
        made.take()
        return made

    assert [of(f"n={text}").switch("n") for text in ("1", "true", "", "0", "FALSE")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert of("").switch("n") is False
    assert of("n=7").number("n", 1, 9) == 7
    assert of("").number("n", 5, 9) == 5
    assert of("n=x%20y").text("n") == "x y"
    for query in ("n=0", "n=10", "n=-1", "n=x", "n=1&n=2", "n=²", "n=99999999999"):
        with pytest.raises(Refused):
            of(query).number("n", 1, 9)
    for query in ("n=yes", "n=1&n=1"):
        with pytest.raises(Refused):
            of(query).switch("n")
    with pytest.raises(Refused):
        of("n=" + "x" * 201).text("n")


def test_a_body_is_not_needed_where_it_is_not():
    empty = Route("POST", "/", "x", "x", handler, bodies={"application/json": {}}, needs_body=False)
    made = call(empty)
    made.take()
    assert made.content == {}
    with pytest.raises(Refused):
        call(WRITE).take()
    with pytest.raises(Refused):  # a form would be sent without asking
        call(empty, headers={"content-length": "3", "content-type": "text/plain"}).take()


def test_fields_that_there_are_not_are_pointed_at():
    made = call(WRITE)
    made.content = {"a": 1, "b": 2}
    with pytest.raises(Refused) as caught:
        made.fields(["a"])
    assert caught.value.errors == [{"pointer": "/b", "detail": "is unknown"}]
