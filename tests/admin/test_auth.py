"""Tokens, sessions, grants."""

from __future__ import annotations

import pytest

from confkit import Secret
from confkit.admin import BearerTokens, Principal, Request, Token, hash_token, new_token
from confkit.admin.auth import SESSION, granted, same_origin, set_cookie

TOKEN = "t-0123456789-0123456789"


def request(**headers):
    return Request("GET", "/", headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_a_token_is_kept_as_its_hash():
    auth = BearerTokens(Token("ada", Secret(TOKEN), "*"))
    assert TOKEN not in repr(auth) + repr(vars(auth)) + repr(auth._tokens[0].digest)
    assert hash_token(TOKEN) == hash_token(Secret(TOKEN)) == auth._tokens[0].digest
    assert new_token() != new_token()
    assert len(new_token().reveal()) > 40


def test_who_sends_a_token_is_its_holder():
    auth = BearerTokens(Token("ada", hash_token(TOKEN), ["config:read"]))
    ada = Principal("ada", frozenset({"config:read"}))
    assert auth(request(authorization=f"Bearer {TOKEN}")) == ada
    assert auth(request(authorization=f"bearer  {TOKEN} ")) == ada
    assert auth(request(x_api_key=TOKEN)) == ada
    for wrong in (
        *("", TOKEN, f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer \udcff"),
        f"Bearer {hash_token(TOKEN)}",
    ):
        assert auth(request(authorization=wrong)) is None
    assert auth(request(authorization="Basic x", x_api_key=TOKEN)) is None


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("a", TOKEN), "hash_token"),
        (("a", "sha256:xyz"), "hash_token"),
        (("a", Secret("short")), "20 characters"),
        (("a", Secret(TOKEN), ["config:raed"]), "config:read"),
    ],
)
def test_what_cannot_be_a_token_is_refused(arguments, part):
    with pytest.raises(ValueError, match=part) as caught:
        Token(*arguments)
    assert TOKEN not in str(caught.value)


def test_without_a_token_there_is_no_auth():
    with pytest.raises(ValueError):
        BearerTokens()


def test_a_session_is_that_of_a_token_for_a_while(confkit_clock):
    auth = BearerTokens(Token("ada", Secret(TOKEN), "*"))
    value = auth.session(request(authorization=f"Bearer {TOKEN}"))
    assert auth(request(cookie=f"x=1; confkit_session={value}")).name == "ada"
    assert TOKEN not in value
    until, _, signature = value.partition(".")
    for wrong in (
        *("", "x", f"{until}.", f"{int(until) + 1}.{signature}", f"{until}.{signature}x"),
        *(f"9{until}.{signature}", f"²{until}.{signature}", f"{until}.ü"),
    ):
        assert auth(request(cookie=f"confkit_session={wrong}")) is None
    confkit_clock.shift(seconds=SESSION + 1)
    assert auth(request(cookie=f"confkit_session={value}")) is None
    assert auth.session(request()) is None


def test_a_session_ends_with_its_token_and_with_another_key():
    key = Secret("k" * 32)
    old = BearerTokens(Token("ada", Secret(TOKEN), "*"), session_key=key)
    value = old.session(request(authorization=f"Bearer {TOKEN}"))
    sent = request(cookie=f"confkit_session={value}")
    same = BearerTokens(Token("ada", Secret(TOKEN), "*"), session_key=key)
    rotated = BearerTokens(Token("ada", new_token(), "*"), session_key=key)
    other = BearerTokens(Token("ada", Secret(TOKEN), "*"))
    assert same(sent) is not None
    assert rotated(sent) is None
    assert other(sent) is None


def test_the_cookie_is_for_our_paths_and_for_no_script():
    sent = Request("POST", "/session", scheme="https", prefix="/admin")
    text = set_cookie(sent, "v")
    assert text == (
        "confkit_session=v; Path=/admin/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure"
    )
    assert "Max-Age=0" in set_cookie(sent, "")


def test_grants_deny_by_default():
    nobody, ada = Principal("n"), Principal("a", frozenset({"*"}))
    browser = Principal("b", frozenset({"flags:evaluate:public"}))
    for action in ("config:read", "config:write", "flags:evaluate", "unknown"):
        assert not granted(nobody, action, "")
        assert granted(ada, action, "")
    assert granted(browser, "flags:evaluate:public", "x")
    assert not granted(browser, "flags:evaluate", "x")
    assert not granted(browser, "flags:read", "x")


def test_a_token_of_its_own_needs_no_origin():
    sent = Request("POST", "/x", headers={"authorization": "Bearer x"})
    assert same_origin(sent)
    assert same_origin(Request("GET", "/x"))
    assert not same_origin(Request("POST", "/x"))
