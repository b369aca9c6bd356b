"""Errors, tracebacks and handles that once showed a secret.

The rules behind them have their tests beside their modules; here is what a user writes and sees.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass

import pytest

from confkit import (
    DotEnv,
    InvalidConfig,
    Secret,
    Values,
    load,
    resolve,
)
from tests.situations import made, of, written

CANARY = "hunter2canary"


@dataclass(frozen=True)
class Hiding:
    token: Secret = Secret("")
    url: str = "u"


def shows(error: BaseException) -> str:
    # Without the frame of the test, which holds the secret.
    inner = error.__traceback__ and error.__traceback__.tb_next
    found = traceback.TracebackException(type(error), error, inner, capture_locals=True)
    return "".join(found.format()) + str(error) + repr(error)


def test_no_error_shows_a_secret(tmp_path):
    (tmp_path / ".env").write_text(f"TOKEN={CANARY}\nURL=https://x/${{TOKEN}}\n")
    found = resolve(Hiding, DotEnv(tmp_path / ".env"))
    assert found.problems[0].code == "secret-in-plain"
    shown = str(found.explain("url")) + str(found.matrix()) + json.dumps(found.matrix().as_dict())
    assert CANARY not in shown
    for text in (
        f"token: *{CANARY}",
        f"token: [{CANARY}",
        f"token: {{{CANARY}}}",
        f"token: !{CANARY}",
    ):
        with pytest.raises(InvalidConfig) as caught:
            load(Hiding, written(tmp_path, text))
        assert CANARY not in shows(caught.value), text


@pytest.mark.parametrize(
    "arguments",
    [
        {"environment": "prodution"},
        {"root": "/nowhere/at/all"},
        {"argv": ["--unknown", CANARY]},
        {"argv": ["--url", "x", CANARY]},
        {},
    ],
)
def test_no_traceback_with_locals_shows_environment_or_arguments(tmp_path, arguments):
    (tmp_path / ".env.production").write_text("")
    settings = of(("port", int), ("url", str, "u"))
    environ = {"PORT": CANARY, "SOME_TOKEN": CANARY}
    with pytest.raises(InvalidConfig) as caught:
        load(settings, **{"root": tmp_path, **arguments}, environ=environ)
    shown = shows(caught.value)
    assert CANARY not in shown.replace(f"is not an integer ({CANARY}", "")


@pytest.mark.parametrize("key", ["token", "url", "nothing"])
def test_no_traceback_of_an_override_shows_its_values(key):
    settings = of(("token", Secret, Secret("")), ("url", int, 1))
    config = load(settings, Values({}))
    value = [CANARY] if key == "token" else {"password": CANARY}
    with pytest.raises(InvalidConfig) as caught:
        config.set(key, value)
    assert CANARY not in shows(caught.value)
    with pytest.raises(InvalidConfig) as caught, config.override({key: value}):
        pass
    assert CANARY not in shows(caught.value)


def test_a_handle_that_fails_to_load_has_a_repr():
    with pytest.raises(InvalidConfig) as caught:
        load(made(int), Values({}))
    assert "self = <Config of Settings" in shows(caught.value)
