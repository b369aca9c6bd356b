"""The page of the admin API, as people use it: by mouse, by keyboard, by ear, small and dark."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from confkit import Config, FileStore, Flags, Secret, load
from confkit.admin import Admin, BearerTokens, Limits, Token
from confkit.admin.server import local_server
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings
from tests.browser.visits import Visit

TOKEN = "ada-0123456789-0123456789"
READER = "rita-0123456789-0123456789"
SHOP = Path(__file__).parents[2] / "examples" / "shop"
SECRET = "canary-of-the-page-" + "x" * 20


class Site:
    """The shop's settings and flags behind an address."""

    def __init__(self, root: Path) -> None:
        for name in ("config.yaml", "flags.yaml"):
            shutil.copy(SHOP / name, root)
        shutil.copytree(SHOP / "config", root / "config")
        (root / "config.local.yaml").write_text("debug: true\n")
        self.root = root
        environ = {"SECRET_KEY": SECRET, "DATABASE_TIMEOUT": "60"}
        self.config: Config[Settings] = load(Settings, root=root, environ=environ)
        self.flags = Flags(FileStore(root / "flags.yaml"), ShopFlags)
        tokens = BearerTokens(
            Token("ada", Secret(TOKEN), "*"),
            Token("rita", Secret(READER), ["flags:read", "config:read"]),
        )
        free = Limits(reads=None, writes=None)
        self.admin = Admin(self.config, self.flags, auth=tokens, limits=free)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    with local_server(made.admin) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}/"  # type: ignore[attr-defined]
        yield made
        server.shutdown()
        thread.join(10)
    made.flags.close()


@pytest.fixture
def signed_in(site: Any, visit: Callable[..., Visit]) -> Callable[..., Visit]:
    def opened(token: str = TOKEN, **how: Any) -> Visit:
        made = visit(site.url, **how)
        # The page itself is the answer to who is not known yet.
        made.allowed.append("the server responded with a status of 401")
        made.page.get_by_label("Token").fill(token)
        made.page.get_by_role("button", name="Sign in").click()
        made.page.get_by_role("heading", name="Flags").wait_for()
        return made

    return opened


def open_flag(opened: Visit, name: str) -> Any:
    opened.page.get_by_role("button", name=name, exact=True).click()
    opened.page.locator("#flag-title").wait_for()
    return opened.page.locator("#flag")


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_for_everybody(signed_in, axe, screenshots, width, scheme):
    opened = signed_in(width=width, scheme=scheme)
    panel = open_flag(opened, "new_dashboard")
    panel.get_by_label("User id").fill("user-42")
    panel.get_by_role("button", name="Show why").click()
    panel.get_by_text(re.compile("bucket")).wait_for()
    panel.get_by_role("spinbutton").fill("50")
    panel.locator(".numbers").wait_for()
    panel.get_by_text("More people may get it").wait_for()
    opened.page.get_by_label("Key", exact=True).select_option("database.pool_size")
    opened.page.get_by_label(re.compile("^Value, as JSON")).fill("42")
    opened.page.get_by_role("button", name="Show what changes").click()
    opened.page.locator("#set-out table").wait_for()
    opened.shoot(screenshots, "admin")
    assert opened.findings(axe, "serious", "critical", "moderate") == []
    assert opened.sideways() == []
    assert opened.unreachable() == []
    assert opened.nameless() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_is_for_everybody(site, visit, axe, screenshots, scheme):
    opened = visit(site.url, scheme=scheme, width=320)
    opened.allowed.append("the server responded with a status of 401")
    opened.shoot(screenshots, "admin_sign_in")
    assert opened.findings(axe, "serious", "critical", "moderate") == []
    assert opened.sideways() == opened.unreachable() == opened.nameless() == []
    opened.page.get_by_label("Token").fill("wrong-0123456789-0123456789")
    opened.page.keyboard.press("Enter")
    opened.page.get_by_text("Who asks is not known").wait_for()


def test_search(signed_in):
    opened = signed_in()
    opened.page.get_by_label("Find a flag").fill("dark")
    assert opened.page.locator("#flags tbody tr:visible").count() == 1
    assert "1 of" in opened.page.locator("#flags-found").inner_text()
    opened.page.get_by_label("Find a key").fill("pool")
    assert opened.page.locator("#config tbody tr:visible").count() == 1


def test_a_ramp_shows_its_numbers_before_it_can_be_made(signed_in, site):
    opened = signed_in()
    panel = open_flag(opened, "new_dashboard")
    button = panel.get_by_role("button", name="Change the flag")
    assert button.is_disabled()
    before = site.flags.view.flags["new_dashboard"].rule.percentage
    panel.get_by_role("spinbutton").fill("50")
    panel.locator(".numbers").wait_for()
    panel.get_by_text("More people may get it").wait_for()
    assert site.flags.view.flags["new_dashboard"].rule.percentage == before
    panel.get_by_label("Reason").fill("half of them")
    button.click()
    panel.get_by_text("Changed.").wait_for()
    assert site.flags.view.flags["new_dashboard"].rule.percentage == 50
    newest = site.flags.history("new_dashboard")[0]
    assert (newest.by, newest.reason) == ("ada", "half of them")
    assert "50 %" in opened.page.locator("#flags tr[data-name=new_dashboard]").inner_text()


def test_a_list_is_not_widened_by_looking_at_it(signed_in, site):
    opened = signed_in()
    panel = open_flag(opened, "beta_api")
    number = panel.get_by_role("spinbutton")
    assert number.input_value() == "0"
    panel.get_by_text("Nothing differs").wait_for()
    assert panel.get_by_role("button", name="Change the flag").is_disabled()
    number.fill("")
    panel.get_by_text("from 0 to 100").wait_for()
    assert panel.get_by_role("button", name="Change the flag").is_disabled()
    number.fill("20")
    panel.get_by_text("More people may get it").wait_for()


def test_a_flag_that_somebody_else_changed_is_not_overwritten(signed_in, site):
    opened = signed_in()
    panel = open_flag(opened, "new_dashboard")
    opened.allowed.append("the server responded with a status of 412")
    panel.get_by_role("spinbutton").fill("50")
    panel.locator(".numbers").wait_for()
    site.flags.set("new_dashboard", percentage=5, by="other")
    panel.get_by_role("button", name="Change the flag").click()
    panel.get_by_text("read it again").wait_for()
    assert site.flags.view.flags["new_dashboard"].rule.percentage == 5


def test_an_earlier_revision_comes_back(signed_in, site):
    site.flags.set("new_dashboard", percentage=20, by="x")
    site.flags.set("new_dashboard", percentage=90, by="x")
    opened = signed_in()
    panel = open_flag(opened, "new_dashboard")
    first = site.flags.history("new_dashboard")[1].revision
    panel.get_by_role("button", name=f"Bring back revision {first}…").click()
    panel.get_by_text("Nobody gets it who did not have it.").first.wait_for()
    panel.get_by_role("button", name=f"Bring back revision {first}", exact=True).click()
    panel.get_by_text("Changed.").wait_for()
    assert site.flags.view.flags["new_dashboard"].rule.percentage == 20


def test_a_setting_is_changed_and_brought_back(signed_in, site):
    opened = signed_in()
    page = opened.page
    page.get_by_label("Key", exact=True).select_option("database.pool_size")
    value = page.get_by_label(re.compile("^Value, as JSON"))
    write = page.get_by_role("button", name="Write it")
    value.fill("500")
    opened.allowed.append("the server responded with a status of 422")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_text("/database/pool_size").wait_for()
    assert write.is_disabled()
    value.fill("42")
    page.get_by_role("button", name="Show what changes").click()
    page.locator("#set-out table").wait_for()
    write.click()
    page.get_by_text("version 2").first.wait_for()
    assert site.config.current.database.pool_size == 42
    assert "pool_size: 42" in (site.root / "config.local.yaml").read_text()
    page.get_by_role("button", name="Bring back version 1…").click()
    page.get_by_role("button", name="Bring back version 1", exact=True).click()
    page.get_by_text("version 3").first.wait_for()
    assert (site.root / "config.local.yaml").read_text() == "debug: true\n"


def test_who_may_only_read_is_offered_no_change(signed_in, site):
    opened = signed_in(READER)
    panel = open_flag(opened, "new_dashboard")
    assert panel.get_by_role("spinbutton").count() == 0
    assert opened.page.get_by_role("button", name="Write it").count() == 0
    panel.get_by_label("User id").fill("7")
    panel.get_by_role("button", name="Show why").click()
    panel.locator("b.good, b.bad").first.wait_for()


def test_a_keyboard_is_enough(signed_in, site):
    opened = signed_in()
    page = opened.page
    page.get_by_label("Find a flag").focus()
    page.keyboard.type("new_dash")
    page.keyboard.press("Tab")  # the table, which may scroll
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#flag-title").wait_for()
    assert page.evaluate("document.activeElement.id") == "flag-title"


def test_signing_out_ends_it(signed_in):
    opened = signed_in()
    opened.page.get_by_role("button", name="Sign out").click()
    opened.page.get_by_label("Token").wait_for()


def test_no_secret_and_no_token_is_in_the_page_or_reachable_by_script(signed_in):
    opened = signed_in()
    open_flag(opened, "new_dashboard")
    assert SECRET not in opened.page.content()
    assert TOKEN not in opened.page.content()
    assert opened.page.evaluate("document.cookie + JSON.stringify({...localStorage})") == "{}"


def test_a_flag_with_markup_in_its_texts_is_text(signed_in, site):
    evil = "<img src=x onerror=document.title='owned'>"
    site.flags.set("new_dashboard", owner=evil[:60], description=evil)
    opened = signed_in()
    open_flag(opened, "new_dashboard")
    assert opened.page.title() == "confkit"
    assert opened.page.locator("img").count() == 0
