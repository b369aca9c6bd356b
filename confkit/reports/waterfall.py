"""One key as HTML: what every layer sets, lowest first, and how the winner becomes the value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from confkit.errors import Problem
from confkit.reports.explanation import Explanation, explain
from confkit.tables import escape

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


def why(resolution: Resolution[Any], key: str) -> str:
    """One key: what every layer sets, lowest first, and how the winner becomes the value.

    :raises confkit.UnknownKey: for a key that the settings do not have.
    """
    found = explain(resolution, key)
    items = "".join(_layers(resolution, found))
    doc = f'<p class="dim small">{escape(found.doc)}</p>' if found.doc else ""
    problems = "".join(map(one_problem, found.problems))
    return (
        f'<section aria-label="Why {escape(key)}"><h3>Why <code>{escape(key)}</code> is '
        f"{escape(found.text)}</h3>{doc}"
        '<p class="dim small">From the lowest layer to the highest; a later one overrules.</p>'
        f'<ol class="wf">{items}</ol>{_pipeline(found)}{problems}{_change_it(found)}</section>'
    )


def _layers(resolution: Resolution[Any], found: Explanation) -> Iterator[str]:
    rows = list(reversed(found.rows))
    by_layer: dict[str, list[Any]] = {}
    for row in rows:
        by_layer.setdefault(row.layer, []).append(row)
    for place, layer in enumerate(resolution.stack.layers, start=1):
        said = by_layer.pop(layer.name, [])
        number = f'<span><span class="ord">{place}</span>{escape(layer.name)}</span>'
        if not said:
            yield (
                f'<li class="mute"><span class="dot" aria-hidden="true"></span>{number}'
                '<span class="none">no value</span><span class="origin"></span>'
                '<span class="why"></span></li>'
            )
        for row in said:
            value = row.raw if row.key == found.key else f"{row.key}: {row.raw}"
            if row.won:
                kind, dot, reason = "w", "▲", "wins: no later layer sets it"
            else:
                later = next((o.layer for o in rows[rows.index(row) + 1 :]), "")
                kind, dot, reason = "lost", "", f"overruled by {later}" if later else ""
            yield (
                f'<li class="{kind}"><span class="dot" aria-hidden="true">{dot}</span>{number}'
                f'<span class="v">{escape(value)}</span>'
                f'<code class="origin dim">{escape(str(row.origin))}</code>'
                f'<span class="why">{escape(reason)}</span></li>'
            )


def _pipeline(found: Explanation) -> str:
    winner = found.winner
    parts = [("as written", winner.raw)] if winner else []
    parts += [("using", used) for used in found.used]
    parts.append((f"as {found.type}", found.text))
    if found.rules:
        parts.append(("rules", f"{found.rules} {'✗' if found.problems else '✓'}"))
    boxes = '<span aria-hidden="true">→</span>'.join(
        f'<div><span class="small dim">{escape(name)}</span><code>{escape(text)}</code></div>'
        for name, text in parts
    )
    return f'<div class="pipe">{boxes}</div>'


def _change_it(found: Explanation) -> str:
    if not found.env_names:
        return ""
    name = found.env_names[0]
    return (
        '<p class="small" style="margin-top:12px">To change it for one run: '
        f"<code>{escape(name)}=…</code></p>"
    )


def one_problem(problem: Problem) -> str:
    """One problem: what is wrong, where, the line, and what to do."""
    where = f' <code class="dim">{escape(str(problem.origin))}</code>' if problem.origin else ""
    value = f" ({escape(problem.value)})" if problem.value else ""
    excerpt = f"<pre>{escape(problem.excerpt)}</pre>" if problem.excerpt else ""
    hint = f'<p class="small">Fix: {escape(problem.hint)}</p>' if problem.hint else ""
    key = f"<code>{escape(problem.key)}</code> " if problem.key else ""
    return (
        f'<div class="problem"><p>{key}<span class="bad">{escape(problem.message)}</span>{value}'
        f"{where}</p>{hint}{excerpt}</div>"
    )


def problems(found: Sequence[Problem], title: str = "Problems") -> str:
    """Every problem with its fix; empty where there is none."""
    if not found:
        return ""
    shown = "".join(map(one_problem, found))
    return f'<section aria-label="{escape(title)}"><h3>{escape(title)}</h3>{shown}</section>'
