"""The page for people: rendered here, with one style sheet and one script inside it.

It asks for nothing elsewhere, and its policy lets it run nothing but its own script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from confkit.admin.auth import BearerTokens
from confkit.admin.config_routes import ConfigRoutes
from confkit.admin.flag_routes import FlagRoutes
from confkit.admin.messages import Request, Response
from confkit.admin.page_tables import config_table, flag_table, history_list
from confkit.tables import escape

if TYPE_CHECKING:
    from confkit.admin.gate import Gate
    from confkit.admin.routes import Call

#: Whether the principal of a page may do an action.
May = Callable[[str], bool]


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _policy() -> str:
    def of(name: str) -> str:
        digest = hashlib.sha256(_asset(name).encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    # The widths of bars are set through the style object, which no policy forbids.
    return (
        f"default-src 'none'; style-src {of('page.css')}; script-src {of('page.js')}; "
        "connect-src 'self'; img-src data:; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def page(call: Call, config: ConfigRoutes | None, flags: FlagRoutes | None, gate: Gate) -> Response:
    """The page, with the parts that its reader may see."""

    def may(action: str) -> bool:
        return gate.may(call.principal, action, "")

    parts, links = [], []
    if flags is not None and may("flags:read"):
        links.append('<a href="#flags">Flags</a>')
        parts.append(_flags(flags))
    if config is not None and may("config:read"):
        links.append('<a href="#config">Configuration</a>')
        parts.append(_config(config, writes=may("config:write")))
    name = escape(call.principal.name)
    sign_out = '<form id="sign-out"><button type="submit">Sign out</button></form>'
    head = (
        f"<header><h1>confkit</h1><span class=dim>{_state(config, flags, may)}</span>"
        f"<span>as <b>{name}</b></span>{sign_out if call.request.header('cookie') else ''}</header>"
        f"<nav aria-label=Parts>{''.join(links)}</nav>"
    )
    changes = "yes" if flags is not None and may("flags:write") else ""
    inside = "".join(parts) or "<p>There is nothing that you may see.</p>"
    body = f"{head}<main id=main>{inside}</main>"
    return _html(200, call.request, "confkit", body, f'data-changes="{changes}"')


def sign_in(request: Request, refused: Response, auth: Any) -> Response:
    """What a browser is shown in place of a problem, while nobody is known to it."""
    if not isinstance(auth, BearerTokens) or "text/html" not in request.header("accept"):
        return refused
    body = (
        "<main id=main class=sign-in><h1>confkit</h1><form id=sign-in>"
        "<label for=token>Token</label>"
        "<input id=token type=password autocomplete=current-password required>"
        "<p class=row><button type=submit class=main>Sign in</button></p>"
        "<p id=sign-in-message class=message role=alert></p></form></main>"
    )
    made = _html(refused.status, request, "Sign in: confkit", body)
    made.headers.append(("WWW-Authenticate", refused.header("WWW-Authenticate")))
    return made


def _html(status: int, request: Request, title: str, body: str, attributes: str = "") -> Response:
    text = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><base href="{escape(request.root)}">'
        f'<link rel=icon href="data:,"><style>{_asset("page.css")}</style></head>'
        f"<body {attributes}><a class=skip href=#main>To the content</a>"
        f"{body}<script>{_asset('page.js')}</script></body></html>"
    )
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", _policy()),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]
    return Response(status, headers, text.encode("utf-8", "backslashreplace"))


def _state(config: ConfigRoutes | None, flags: FlagRoutes | None, may: May) -> str:
    if not may("status:read"):
        return ""
    found = []
    if flags is not None:
        status = flags.flags.status
        word = "healthy" if status.healthy else "not healthy"
        found.append(f"flags: {word}, from {status.source}")
    if config is not None:
        of_config = config.config.status
        word = "" if of_config.healthy else ", the last reload failed"
        found.append(f"settings: version {of_config.version}{word}")
    return escape("; ".join(found))


def _flags(flags: FlagRoutes) -> str:
    return (
        "<h2 id=flags-title>Flags</h2>"
        "<div class=sunk><div><label for=flag-search>Find a flag</label>"
        '<input id=flag-search type=search placeholder="name, owner, state"></div></div>'
        "<p id=flags-found class=found role=status></p>"
        f"<div id=flags>{flag_table(flags.flags.view)}</div>"
        "<section id=flag class=panel aria-label='One flag' hidden></section>"
    )


def _config(config: ConfigRoutes, *, writes: bool) -> str:
    resolution = config.config.resolution
    made = (
        "<h2 id=config-title>Configuration</h2><div class=sunk><div>"
        "<label for=key-search>Find a key</label>"
        '<input id=key-search type=search placeholder="key, value, file"></div></div>'
        "<p id=keys-found class=found role=status></p>"
        f"<div id=config>{config_table(resolution.matrix())}</div>"
    )
    if writes:
        keys = "".join(f"<option>{escape(key)}</option>" for key in resolution.keys)
        made += (
            "<section class=panel aria-labelledby=set-title><h3 id=set-title>Change a setting</h3>"
            "<form id=set><div class=cols><div><label for=set-key>Key</label>"
            f"<select id=set-key>{keys}</select></div>"
            "<div><label for=set-value>"
            "Value, as JSON or text; left empty, the file sets none</label>"
            "<input id=set-value type=text></div></div>"
            "<label for=set-reason>Reason, for the history</label>"
            "<input id=set-reason type=text maxlength=200><div id=set-out aria-live=polite></div>"
            "<p class=row><button type=button id=set-show>Show what changes</button>"
            "<button type=submit id=set-write class=main disabled>Write it</button></p>"
            "<p id=set-message class=message role=status></p></form></section>"
        )
    made += "<h2>History of the configuration</h2>"
    return made + history_list(config.entries(), writes=writes)
