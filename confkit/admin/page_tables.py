"""The tables of the page: flags, keys by layer, versions; every text escaped and masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from confkit.admin.flag_views import revision
from confkit.admin.masking import masked
from confkit.flags.replica.view import View
from confkit.flags.rules.summary import audience
from confkit.layers import printable
from confkit.redaction import mask_text
from confkit.reports.matrix import Matrix, MatrixRow
from confkit.tables import cut, escape


def flag_table(view: View) -> str:
    """Every flag with its state, whom it is on for, and who owns it."""
    names = sorted({*view.flags, *view.answer.flags})
    if not names:
        return "<p>There are no flags.</p>"
    rows = "".join(_flag(view, name) for name in names)
    return _table("Flags", ("name", "state", "on for", "owner", "revision"), rows)


def _flag(view: View, name: str) -> str:
    flag = view.flags.get(name)
    error = view.errors.get(name)
    if flag is None:
        state, whom, owner = "not readable", error or "", ""
    else:
        share = flag.rule.percentage
        state = "off" if not flag.rule.enabled else "on" if share is None else f"on, {share:g} %"
        whom = f"{audience(flag)}{'; its new rule is not readable' if error else ''}"
        owner = flag.rule.owner
    cells = zip(
        ("state", "on for", "owner", "revision"),
        (state, cut(whom, 200), owner, str(revision(view, name))),
        strict=True,
    )
    return (
        f'<tr data-name="{escape(name)}"><th scope=row>'
        f"<button type=button class=name>{_text(name)}</button></th>"
        + "".join(f'<td data-of="{of}">{_text(text)}</td>' for of, text in cells)
        + "</tr>"
    )


def config_table(matrix: Matrix) -> str:
    """Every key by every layer: the one that wins is marked, by colour and by a triangle."""
    layers = [printable(name) for name in matrix.layers]
    rows = "".join(_key(row, layers) for row in matrix.rows)
    return _table("Keys by layers, the highest last", ("key", *layers, "set by"), rows)


def _key(row: MatrixRow, layers: Sequence[str]) -> str:
    cells = []
    for place, (layer, cell) in enumerate(zip(layers, row.cells, strict=True)):
        kind = "none" if cell is None else "win" if place == row.winner else "lost"
        text = "·" if cell is None else ("▲ " if kind == "win" else "") + cut(cell)
        cells.append(f'<td class={kind} data-of="{escape(layer)}">{_text(text)}</td>')
    place_of = str(row.origin or "nothing sets it")
    return (
        f"<tr><th scope=row class=key>{_text(row.key)}</th>{''.join(cells)}"
        f'<td data-of="set by"><code>{_text(place_of)}</code></td></tr>'
    )


def history_list(entries: Iterable[dict[str, Any]], *, writes: bool) -> str:
    """Versions of the configuration, newest first; the newest is what holds."""
    lines = []
    for place, entry in enumerate(entries):
        one = masked(entry)
        changes = "".join(
            f"<li><code>{escape(d['key'])}</code>: {escape(str(d['old']))} → "
            f"{escape(str(d['new']))}</li>"
            for d in one["changes"]["differences"][:20]
        )
        back = ""
        if writes and place:
            version, etag = one["version"], escape(one["etag"])
            back = f'<div data-version="{version}" data-etag="{etag}"></div>'
        who = f" by {escape(one['by'])}" if one["by"] else ""
        lines.append(
            f"<li><b>version {one['version']}</b>{who}, {escape(one['at'][:16])} "
            f"<span class=dim>{escape(one['reason'])}</span>"
            f"{f'<ul>{changes}</ul>' if changes else ''}{back}</li>"
        )
    message = "<p id=version-message class=message role=status></p>"
    return f"<ol class=history>{''.join(lines)}</ol>{message}"


def _table(caption: str, columns: Sequence[str], rows: str) -> str:
    heads = "".join(f"<th scope=col>{escape(column)}</th>" for column in columns)
    return (
        f'<div class=table tabindex=0 role=region aria-label="{escape(caption)}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _text(text: str) -> str:
    return escape(mask_text(printable(text)))
