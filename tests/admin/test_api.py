"""The API as a whole: which routes there are, and its own."""

from __future__ import annotations

from confkit.admin import Admin
from tests.admin.conftest import ADA, FREE, READER, TOKENS, asking


def test_an_api_has_the_routes_of_what_it_was_given(config, flags):
    only_config = asking(Admin(config, auth=TOKENS, limits=FREE))
    only_flags = asking(Admin(flags=flags, auth=TOKENS, limits=FREE))
    assert only_config("GET", "/config").status == 200
    assert only_config("GET", "/feature-flags").status == 404
    assert only_flags("GET", "/config").status == 404
    assert only_flags("GET", "/feature-flags").status == 200
    assert set(only_flags("GET", "/status").json()) == {"flags"}


def test_an_empty_client_of_flags_is_one(config):
    from confkit import Flags, MemoryStore

    with Flags(MemoryStore(), background=False) as empty:
        assert (
            asking(Admin(config, empty, auth=TOKENS, limits=FREE))("GET", "/feature-flags").json()
            == {}
        )


def test_head_is_get_without_its_body(ask):
    get, head = ask("GET", "/config"), ask("HEAD", "/config")
    assert (head.status, head.body, head.header("ETag")) == (200, b"", get.header("ETag"))
    assert head.header("Content-Length") == str(len(get.body))


def test_the_audit_page_by_page(ask):
    for name in ("two", "three"):
        ask("POST", "/config", {"name": name})
    entries = ask("GET", "/audit").json()
    assert [e["event"] for e in entries] == ["done", "attempt"] * 2
    assert ask("GET", f"/audit?after={entries[2]['id']}").json() == entries[:2]
    assert len(ask("GET", "/audit?limit=1").json()) == 1
    assert ask("GET", "/audit", token=READER).status == 403


def test_a_token_is_exchanged_for_a_cookie(ask):
    found = ask("POST", "/session", prefix="/admin")
    assert found.status == 204
    cookie = found.header("Set-Cookie")
    assert "HttpOnly; SameSite=Strict" in cookie
    assert "Path=/admin/" in cookie
    assert ADA not in cookie
    sent = cookie.partition(";")[0]
    assert ask("GET", "/config", token="", cookie=sent).status == 200
    out = ask("DELETE", "/session", token="", cookie=sent, sec_fetch_site="same-origin")
    assert "Max-Age=0" in out.header("Set-Cookie")
    renewed = ask("POST", "/session", token="", cookie=sent, sec_fetch_site="same-origin")
    assert renewed.status == 409
    assert ask("POST", "/session", {"a": 1}).status == 422


def test_an_auth_of_the_host_has_no_sessions(config):
    from confkit.admin import Principal

    def auth(request):
        return Principal("host", frozenset({"*"}))

    assert asking(Admin(config, auth=auth, limits=FREE))("POST", "/session").status == 409


def test_repr_shows_nothing_of_it(admin):
    assert repr(admin).startswith("<Admin: ")


def test_the_public_names_are_those_that_are_listed():
    import confkit.admin

    assert confkit.admin.__all__ == sorted(confkit.admin.__all__)
    for name in confkit.admin.__all__:
        assert getattr(confkit.admin, name).__module__.startswith("confkit.admin.")
