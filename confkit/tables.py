"""Tables as plain text and as HTML that survives an untrusted notebook: no styles, no scripts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """Text as it has to stand in HTML."""
    import html  # its table of entities is large, and most programs print no HTML

    return html.escape(text)


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(ch) in "WF" for ch in text)
    return len(text) + wide - sum(bool(unicodedata.combining(ch)) for ch in text)


def cut(text: str, most: int = 40) -> str:
    """A text that fits into a column."""
    return text if len(text) <= most else text[: most - 1] + "…"


def text_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns parted by two blanks, without blanks at the ends of lines."""
    lines = [tuple(columns), *map(tuple, rows)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell + " " * (most - width(cell)) for cell, most in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def html_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A ``<table>``; every cell is escaped."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def stacked_table(columns: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> str:
    """A table whose rows our style puts below each other where it is narrow; cells are escaped."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{escape(column)}">{escape(cell)}</td>'
            for column, cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="table stacked" aria-label="{escape(name)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def html_details(summary: str, inside: str, *, shown: bool = False) -> str:
    """A ``<details>`` that opens without a script; ``inside`` is HTML, ``summary`` is not."""
    state = " open" if shown else ""
    return f"<details{state}><summary>{escape(summary)}</summary>{inside}</details>"
