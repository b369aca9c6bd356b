"""A real Chromium for tests: no request leaves the machine, no error of ours in its console.

`page` opens pages, `axe` judges them, `screenshots` is where their pictures go. The session
`browser` has what this needs; elsewhere these tests are skipped, and in that session nothing is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.browser.outside import Outside
from tests.browser.visits import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
#: Set by the session `browser`: there a missing browser is a failure, not a reason to skip.
REQUIRED = bool(os.environ.get("CONFKIT_BROWSER"))
#: Off: the profile's own requests. One device pixel a CSS pixel, whatever the machine has.
OPTIONS = ["--disable-component-update", "--no-first-run", "--force-device-scale-factor=1"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


def missing(what: str) -> NoReturn:
    """Fail in the session `browser`, skip the test elsewhere."""
    if REQUIRED:
        pytest.fail(what, pytrace=False)
    pytest.skip(f"{what}; `nox -s browser` runs these tests")


@pytest.fixture(scope="session")
def outside() -> Iterator[Outside]:
    """Every address beyond this machine that the browser asked for, refused and noted."""
    with Outside() as refused:
        yield refused


@pytest.fixture(scope="session")
def chromium(outside: Outside) -> Iterator[Browser]:
    """Debian's Chromium, without a window. All that is not on this machine goes to `outside`."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if program is None:
        missing("no Chromium on this machine: `apt-get install chromium`")
    with sync_playwright() as playwright:
        # Not Playwright's own `proxy`: it would send what is on this machine there, too.
        proxy = f"--proxy-server={outside.address}"
        browser = playwright.chromium.launch(executable_path=program, args=[*OPTIONS, proxy])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, outside: Outside) -> Iterator[Callable[..., Visit]]:
    """`visit(url, width=1200, scheme="light")` opens a page.

    The test fails if a page asked for anything beyond this machine, or if its console has an error
    that the test did not name: `visit(...).allowed.append("part of the message")`.
    """
    outside.requests.clear()
    visits: list[Visit] = []

    def opened(url: str, **how: Any) -> Visit:
        visits.append(Visit(chromium, **how))
        visits[-1].open(url)
        return visits[-1]

    yield opened
    for one in visits:
        one.close()
    assert not outside.requests, "asked for by a page, beyond this machine"
    assert not [error for one in visits for error in one.unexpected()], "in the console"


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, for `Visit.findings`."""
    modules = Path(os.environ.get("CONFKIT_NODE_MODULES", ROOT / ".nox/node/node_modules"))
    script = modules / "axe-core/axe.min.js"
    if not script.is_file():
        missing(f"axe-core is not at {script}")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of pages go, for people to look at: an ignored folder."""
    folder = ROOT / ".screenshots"
    folder.mkdir(exist_ok=True)
    return folder
