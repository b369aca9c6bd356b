"""The guards themselves: each finds what it is there for, and is silent on a page that is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.folder import served
from tests.browser.outside import Outside
from tests.browser.visits import Visit

HEAD = """<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width">"""
WHOLE = """<main><h1>A page</h1><label>Users <input></label><button>Go</button>
<fieldset><legend>Kind</legend><label><input type=radio name=k checked>a</label>
<label><input type=radio name=k>b</label></fieldset></main>"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    with served(tmp_path) as root:

        def write(body: str) -> str:
            (tmp_path / "index.html").write_text(HEAD + body, encoding="utf-8")
            return f"{root}/index.html"

        yield write


def test_a_whole_page(visit: Callable[..., Visit], address, axe: str):
    opened = visit(address(WHOLE), width=320)
    assert not opened.findings(axe, "serious", "critical", "moderate")
    assert opened.sideways() == opened.unreachable() == opened.nameless() == []


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://cdn.example.com/a.png" alt="">',
        '<img src="http://198.51.100.7/a.png" alt="">',
        '<script>fetch("https://cdn.example.com/a").catch(() => 0)</script>',
        '<script>new WebSocket("wss://cdn.example.com/a")</script>',
        """<script>new Worker(URL.createObjectURL(new Blob(
            ['fetch("https://cdn.example.com/a").catch(() => 0)'])))</script>""",
    ],
)
def test_a_request_beyond_this_machine_is_seen(
    visit: Callable[..., Visit], address, outside: Outside, body: str
):
    opened = visit(address(body))
    opened.page.wait_for_timeout(0)
    for _ in range(100):
        if outside.requests:
            break
        opened.page.wait_for_timeout(50)
    (request, *_) = outside.requests
    assert "cdn.example.com:443" in request or "198.51.100.7" in request
    opened.allowed.append("")
    outside.requests.clear()


@pytest.mark.parametrize(
    "body",
    ["<script>console.error('wrong')</script>", "<script>throw Error('wrong')</script>"],
)
def test_an_error_in_the_console_is_seen(visit: Callable[..., Visit], address, body: str):
    opened = visit(address(body))
    opened.page.wait_for_function("() => true")
    (error,) = opened.unexpected()
    assert "wrong" in error
    opened.allowed.append("wrong")


def test_what_is_too_wide_is_seen(visit: Callable[..., Visit], address):
    wide = '<div style="overflow-x:auto"><div style="width:600px">wide</div></div>'
    opened = visit(address(wide), width=320)
    assert len(opened.sideways()) == 1
    opened = visit(address('<div style="width:600px">wide</div>'), width=320)
    assert len(opened.sideways()) == 1


def test_what_the_keyboard_cannot_reach_or_a_reader_cannot_name_is_seen(
    visit: Callable[..., Visit], address, axe: str
):
    trap = """<button>first</button><button onkeydown="event.preventDefault()">trap</button>
        <button>never</button>"""
    opened = visit(address(trap))
    assert [">never<" in html for html in opened.unreachable()] == [True]
    opened = visit(address('<input><div role=slider tabindex=0 aria-valuenow="3"></div>'))
    assert sorted(text.split()[0] for text in opened.nameless()) == ["slider", "textbox"]
    assert len(opened.findings(axe)) >= 2


def test_low_contrast_is_seen_in_the_scheme_that_was_asked_for(
    visit: Callable[..., Visit], address, axe: str
):
    style = "<style>@media (prefers-color-scheme: dark) { body {background: #000} }</style>"
    url = address(f"{style}<main><h1 style='color:#222'>dim</h1></main>")
    assert not visit(url).findings(axe)
    (finding,) = visit(url, scheme="dark").findings(axe)
    assert "color-contrast" in finding
