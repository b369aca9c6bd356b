"""One page of a browser, and what people need of it: names, keys, contrast, room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage

#: What a keyboard must reach. Of a group of radio buttons one has the focus, arrows move it.
CONTROLS = """
() => [...document.querySelectorAll(`a[href], button, input, select, textarea, summary,
        [contenteditable=true], [tabindex="0"], [role=slider], [role=button]`)]
    .filter(e => e.type !== "hidden" && !e.disabled && e.tabIndex >= 0)
    .filter(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
    .filter(e => !(e.type === "radio" && e.name && !e.checked))
    .map((e, at) => { e.dataset.control = at; return e.outerHTML.slice(0, 160); })
"""
FOCUSED = "() => document.activeElement?.dataset?.control ?? null"
#: Elements that are wider than their own frame and can be moved sideways, the page first.
SIDEWAYS = """
() => [document.scrollingElement, ...document.body.querySelectorAll("*")]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
    .filter(e => e === document.scrollingElement
        || ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
    .map(e => `${e.tagName} ${e.id} ${e.className}: ${e.scrollWidth} in ${e.clientWidth} px`)
"""
AXE = """
async () => (await axe.run({resultTypes: ["violations"]})).violations
    .flatMap(v => v.nodes.map(n =>
        `${v.impact}: ${v.id}: ${n.html.slice(0, 200)}: ${n.failureSummary}`))
"""


class Visit:
    """A page in a browser context of its own; `page` is Playwright's."""

    def __init__(
        self,
        browser: Browser,
        *,
        width: int = 1200,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        **context: Any,
    ) -> None:
        size: Any = {"width": width, "height": height}
        self.width, self.scheme = width, scheme
        self.context = browser.new_context(
            viewport=size, color_scheme=scheme, reduced_motion="reduce", **context
        )
        self.context.set_default_timeout(60_000)
        #: Errors of the console and exceptions that no script caught.
        self.errors: list[str] = []
        #: Parts of messages that are no fault of ours. Each needs a reason where it is added.
        self.allowed: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        return [e for e in self.errors if not any(part in e for part in self.allowed)]

    def open(self, url: str) -> None:
        self.page.goto(url, wait_until="domcontentloaded")

    def close(self) -> None:
        self.context.close()

    def findings(self, axe: str, *impacts: str) -> list[str]:
        """What axe-core finds, of these impacts: serious and critical unless told."""
        self.page.evaluate(axe)
        chosen = impacts or ("serious", "critical")
        return [text for text in self.page.evaluate(AXE) if text.startswith(chosen)]

    def sideways(self) -> list[str]:
        """What has to be scrolled sideways to be seen: the page, or a part of it."""
        found: list[str] = self.page.evaluate(SIDEWAYS)
        return found

    def unreachable(self) -> list[str]:
        """The visible controls that the Tab key does not come to, from the top of the page."""
        controls: list[str] = self.page.evaluate(CONTROLS)
        self.page.evaluate("() => { document.activeElement?.blur(); getSelection()?.empty(); }")
        reached: set[str] = set()
        # Twice: a browser may begin in the middle, and a page may have stops that are no controls.
        for _ in range(2 * len(controls) + 20):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            reached |= {focused} - {None}
            if len(reached) == len(controls):
                break
        return [html for at, html in enumerate(controls) if str(at) not in reached]

    def nameless(self) -> list[str]:
        """The controls that a screen reader would read without a name, as the browser has them."""
        session = self.context.new_cdp_session(self.page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        return [
            f"{node['role']['value']} (node {node.get('backendDOMNodeId')})"
            for node in nodes
            if not node.get("ignored")
            and _focusable(node)
            and node["role"]["value"] not in ("RootWebArea", "generic", "Iframe")
            and not node.get("name", {}).get("value", "").strip()
        ]

    def shoot(self, folder: Path, name: str) -> Path:
        """A picture of the whole page: NAME_WIDTH_SCHEME.png."""
        path = folder / f"{name}_{self.width}_{self.scheme}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


def _focusable(node: dict[str, Any]) -> bool:
    return any(
        prop["name"] == "focusable" and prop["value"].get("value")
        for prop in node.get("properties", ())
    )
