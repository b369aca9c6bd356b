"""The page as HTML: what it holds, what it lets run, who sees which part."""

from __future__ import annotations

import html.parser
import re

import pytest

from confkit.admin import Admin, Principal
from tests.admin.conftest import ADA, FREE, READER, asking

HTML = {"accept": "text/html,*/*"}


def page(ask, **options):
    found = ask("GET", "/", **{**HTML, **options})
    return found, found.body.decode()


def test_the_page_needs_nothing_elsewhere_and_runs_its_own_script_only(ask):
    found, text = page(ask, prefix="/admin")
    assert (found.status, found.header("Content-Type")) == (200, "text/html; charset=utf-8")
    policy = found.header("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    assert "//" not in re.sub(r"//.*", "", text.split("<style>")[1].split("</style>")[0])
    assert '<base href="/admin/">' in text
    assert ask("GET", "", **HTML).status == 200


class Balance(html.parser.HTMLParser):
    VOID = frozenset({"meta", "link", "input", "base", "img", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_its_elements_are_closed_and_its_ids_are_there_once(ask):
    _, text = page(ask)
    balance = Balance()
    balance.feed(text)
    assert balance.open == ["html", "body"][: len(balance.open)] == []
    assert len(set(balance.ids)) == len(balance.ids)


def test_it_shows_flags_and_settings_masked(ask):
    _, text = page(ask)
    for part in ("checkout", "config.local.yaml:1:8", "database.pool_size", "version 1"):
        assert part in text
    assert "hunter2" not in text
    assert "pw-in-url" not in text
    assert ADA not in text
    assert "u1" not in text


def test_who_may_less_sees_less(ask, config, flags):
    _, text = page(ask, token=READER)
    assert "id=set-write" not in text
    assert 'data-changes=""' in text

    def auth(request):
        return Principal("status", frozenset({"status:read"}))

    _, text = page(asking(Admin(config, flags, auth=auth, limits=FREE)))
    assert "checkout" not in text
    assert "pool_size" not in text.split("<script>")[0]


@pytest.mark.parametrize("path", ["/", "/config", "/nope"])
def test_a_browser_that_nobody_knows_may_sign_in_wherever_it_is(ask, path):
    found = ask("GET", path, token="", **HTML)
    assert found.status == 401
    assert b"id=sign-in" in found.body
    assert found.header("WWW-Authenticate") == 'Bearer realm="confkit"'
    assert b"checkout" not in found.body
    assert ask("GET", path, token="").header("Content-Type") == "application/problem+json"
    assert ask("POST", path, {}, token="", **HTML).header("Content-Type").endswith("problem+json")


def test_where_the_host_signs_people_in_we_do_not(config):
    ask = asking(Admin(config, auth=lambda request: None, limits=FREE))
    assert ask("GET", "/", **HTML).header("Content-Type") == "application/problem+json"


def test_every_text_is_escaped(ask, flags, config):
    evil = "<script>alert(1)</script>"
    flags.set("checkout", owner=evil)
    config.set("name", evil)
    _, text = page(ask, prefix='/"><script>x</script>')
    assert evil not in text
    assert "<script>x" not in text
    assert text.count("<script>") == 1
