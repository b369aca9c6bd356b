"""Flags and decisions as HTML: tables, which survive an untrusted notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.tables import escape, html_table

if TYPE_CHECKING:
    from confkit.flags.rules.decision import Decision
    from confkit.flags.rules.model import Flag


def flag_html(flag: Flag) -> str:
    """A declaration: its default, and what else was declared."""
    rows = [("default", "on" if flag.default is True else str(flag.default))]
    if flag.default is False:
        rows = [("default", "off")]
    rows += [
        (name, str(value))
        for name in ("description", "owner", "expires", "max_stale", "on_stale", "public")
        if (value := getattr(flag, name, None)) not in (None, "", False)
    ]
    return f"<p><b>{escape(flag.name)}</b>, a flag</p>{html_table(('', ''), rows)}"


def decision_html(decision: Decision) -> str:
    """An answer: on or off first, then why."""
    state = "ON" if decision.value else "OFF"
    rows = [("reason", decision.reason.value), ("why", decision.detail)]
    if decision.bucket is not None:
        rows.append(("bucket", f"{decision.bucket / 1000:.3f} %"))
    rows += [
        (name, str(value))
        for name in ("variant", "unit", "revision")
        if (value := getattr(decision, name)) is not None
    ]
    return f"<p><b>{state}</b> {escape(decision.name)}</p>{html_table(('', ''), rows)}"
