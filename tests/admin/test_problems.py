"""Problems: their form, and which error is which."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import confkit
from confkit import errors
from confkit.admin import problems
from confkit.admin.problems import KINDS, Refused, from_error, pointer, response
from confkit.layers import Origin
from confkit.redaction import remember


def test_a_problem_has_the_form_of_rfc_9457():
    found = response(
        Refused("stale", "read again", errors=[{"pointer": "/a"}], headers={"ETag": '"x"'})
    )
    assert (found.status, found.header("Content-Type")) == (412, "application/problem+json")
    assert found.header("ETag") == '"x"'
    assert found.header("Cache-Control") == "no-store"
    assert found.json() == {
        "type": "urn:confkit:problem:stale",
        "title": "It changed since it was read",
        "status": 412,
        "detail": "read again",
        "errors": [{"pointer": "/a"}],
    }


def test_a_detail_shows_no_secret():
    remember("canary-in-a-problem")
    assert (
        b"canary-in-a-problem" not in response(Refused("conflict", "of canary-in-a-problem")).body
    )
    of_body = Refused("shape", errors=[{"pointer": "/canary-in-a-problem", "detail": "x"}])
    assert b"canary-in-a-problem" not in response(of_body).body
    error = errors.StoreUnavailable("redis://u:pw-canary@h is down")
    assert b"pw-canary" not in response(from_error(error)).body


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.InvalidConfig("S", [errors.Problem("a.b", "is bad")]), "invalid"),
        (errors.InvalidSource([errors.Problem("", "is bad")]), "invalid"),
        (errors.InvalidFlag("f", [errors.Problem("percentage", "is bad")]), "invalid"),
        (errors.Shadowed("x"), "shadowed"),
        (errors.FileChanged("x"), "stale"),
        (errors.NotWritable("x"), "unavailable"),
        (errors.SaveError("x"), "not-persistable"),
        (errors.MissingExtra("ruamel.yaml", "write"), "not-persistable"),
        (errors.UnknownFlag("x"), "unknown-flag"),
        (errors.FlagConflict("x"), "stale"),
        (errors.UnknownKey("x"), "unknown-version"),
        (errors.StoreDoubted("x"), "doubted"),
        (errors.StoreUnavailable("x"), "unavailable"),
        (errors.StoreReadOnly("x"), "unavailable"),
        (errors.StoreFull("x"), "unavailable"),
    ],
)
def test_which_error_is_which(error, kind):
    found = from_error(error)
    assert found is not None
    assert found.kind == kind
    assert (found.headers.get("Retry-After") is not None) == (kind == "unavailable")


def test_what_nobody_expects_is_none():
    assert from_error(RuntimeError("x")) is None


def test_problems_point_at_their_place():
    origin = Origin("file", "config.yaml", 3)
    error = errors.InvalidConfig(
        "S", [errors.Problem('levels."a/b"', "is bad", origin, "fix it"), errors.Problem("", "all")]
    )
    assert from_error(error).errors == [
        {"pointer": "", "detail": "all", "code": "invalid", "origin": None},
        {
            "pointer": "/levels/a~1b",
            "detail": "is bad; fix it",
            "code": "invalid",
            "origin": "config.yaml:3",
        },
    ]
    of_body = errors.Problem("a", "is bad", Origin("override", "app.py", 7))
    assert from_error(errors.InvalidConfig("S", [of_body])).errors[0]["origin"] is None


def test_pointers():
    assert pointer(()) == ""
    assert pointer(["a~b", 0, ""]) == "/a~0b/0/"


def test_every_kind_that_is_raised_is_one_that_there_is():
    text = "".join(p.read_text() for p in Path(problems.__file__).parent.glob("*.py"))
    raised = set(re.findall(r"Refused\(\s*\"([a-z-]+)\"", text))
    assert raised <= set(KINDS)
    assert json.dumps(KINDS)
    assert confkit.__version__
