"""Every key by every layer as HTML, and which keys a filter lets through.

Pure: no script, no library. Everything is escaped, and secrets are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from confkit.layers import Origin
from confkit.reports.matrix import Matrix, MatrixRow, matrix
from confkit.secret import MASK
from confkit.tables import escape

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


@dataclass(frozen=True)
class Shown:
    """Which keys a page shows.

    :ivar filter: parts of keys, any of them: ``pool``, ``api.*``, ``/timeout$/``.
    :ivar overruled: only keys that more than one layer sets; ``secrets`` only secrets; ``default``
        only those that no layer above the defaults sets.
    """

    filter: str = ""
    overruled: bool = False
    secrets: bool = False
    default: bool = False


def shown_rows(resolution: Resolution[Any], table: Matrix, shown: Shown) -> list[MatrixRow]:
    """The rows of a matrix that a filter lets through."""
    return [row for row in table if _lets_through(resolution, row, shown)]


def _lets_through(resolution: Resolution[Any], row: MatrixRow, shown: Shown) -> bool:
    if shown.overruled and sum(cell is not None for cell in row.cells) < 2:
        return False
    if shown.secrets and not is_secret(resolution, row.key):
        return False
    if shown.default and row.winner != 0:
        return False
    return matches(row.key, shown.filter)


def matches(key: str, text: str) -> bool:
    """Whether a key matches one of the patterns in a text: a part, ``api.*``, or ``/regex/``."""
    patterns = [part for part in text.replace(",", " ").split() if part]
    if not patterns:
        return True
    for pattern in patterns:
        if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
            try:
                found = re.search(pattern[1:-1], key) is not None
            except re.error:
                found = False
        elif set("*?[") & set(pattern):
            found = fnmatchcase(key, pattern)
        else:
            found = pattern.lower() in key.lower()
        if found:
            return True
    return False


def is_secret(resolution: Resolution[Any], key: str) -> bool:
    """Whether the values of a key are masked."""
    return resolution.visibility(key).secret


def count_line(resolution: Resolution[Any], rows: Sequence[MatrixRow], table: Matrix) -> str:
    """How many keys are shown, in one sentence."""
    several = sum(sum(cell is not None for cell in row.cells) > 1 for row in rows)
    secret = sum(is_secret(resolution, row.key) for row in rows)
    problems = len(resolution.problems)
    text = f"{len(rows)} of {len(table.rows)} keys. {_are(several)} set by more than one layer, "
    text += f"{_are(secret)} secret."
    return text + (f" {problems} problem{'s' * (problems != 1)}." if problems else "")


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"


def key_by_layer(
    resolution: Resolution[Any], shown: Shown | None = None, *, marked: str = ""
) -> str:
    """The table of every key by every layer; a later layer overrules an earlier one.

    :param marked: the key whose row is marked.
    """
    table = matrix(resolution)
    rows = shown_rows(resolution, table, shown or Shown())
    used = [
        n for n in range(len(table.layers)) if n == 0 or any(r.cells[n] is not None for r in table)
    ]
    head = '<th scope="col">key</th>' + "".join(
        f'<th scope="col"><span class="ord">{place}</span>{escape(table.layers[n])}</th>'
        for place, n in enumerate(used, start=1)
    )
    body = "".join(_groups(resolution, rows, used, table, marked))
    if not rows:
        body = f'<tr><td colspan="{len(used) + 1}" class="dim">No key matches.</td></tr>'
    line = count_line(resolution, rows, table)
    return (
        f'<p role="status" style="margin-bottom:10px"><b>{escape(line)}</b> '
        '<span class="dim">A later layer overrules an earlier one.</span></p>'
        '<div class="tw" tabindex="0" role="region" aria-label="Every key by every layer">'
        f'<table class="mx"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        '<div class="legend"><span><span class="tri">▲</span><b>bold on blue</b> wins</span>'
        '<span class="lost"><span class="v">struck through</span> is overruled</span>'
        "<span>· no value</span><span>"
        f"{MASK} is a secret</span><span>:8 is the line</span></div>"
    )


def _groups(
    resolution: Resolution[Any],
    rows: Sequence[MatrixRow],
    used: Sequence[int],
    table: Matrix,
    marked: str,
) -> Iterator[str]:
    group: str | None = None
    counts: dict[str, int] = {}
    for row in rows:
        name = row.key.rpartition(".")[0]
        counts[name] = counts.get(name, 0) + 1
    for row in rows:
        name = row.key.rpartition(".")[0]
        if name != group:
            group = name
            number = f"{counts[name]} key{'s' * (counts[name] != 1)}"
            yield (
                f'<tr class="grp"><th scope="rowgroup" colspan="{len(used) + 1}">'
                f'{escape(name or "top level")} <span class="dim">{number}</span></th></tr>'
            )
        yield _row(resolution, row, used, table, marked)


def _row(
    resolution: Resolution[Any], row: MatrixRow, used: Sequence[int], table: Matrix, marked: str
) -> str:
    tag = '<span class="tag">secret</span>' if is_secret(resolution, row.key) else ""
    cells = "".join(_cell(row, n, place, table.layers[n]) for place, n in enumerate(used, start=1))
    origin = f'<td class="from">from {escape(str(row.origin or "nothing"))}</td>'
    mark = ' class="marked" aria-current="true"' if row.key == marked else ""
    return f'<tr{mark}><th scope="row"><code>{escape(row.key)}</code>{tag}</th>{cells}{origin}</tr>'


def _cell(row: MatrixRow, number: int, place: int, layer: str) -> str:
    cell = row.cells[number]
    name = f'<span class="layer">{place} {escape(layer)}</span>'
    if number == row.winner:
        broken = bool(row.problems)
        sign = "✗" if broken else "▲"
        said = "broken" if broken else "wins"
        return (
            f'<td class="win{" broken" if broken else ""}" title="{escape(str(row.origin))}">{name}'
            f'<span class="tri" aria-hidden="true">{sign}</span><span class="vh">{said}: </span>'
            f'<span class="v">{escape(cell or "")}</span>{_line(row.origin)}</td>'
        )
    if cell is None:
        return (
            '<td class="none"><span aria-hidden="true">·</span>'
            '<span class="vh">no value</span></td>'
        )
    return (
        f'<td class="lost">{name}<span class="v">{escape(cell)}</span>'
        '<span class="vh"> overruled</span></td>'
    )


def _line(origin: Origin | None) -> str:
    if origin is None or origin.line is None:
        return ""
    return f'<span class="pos mono">:{origin.line}</span>'
