"""A whole HTML document about settings: it opens without a server, a script or a network."""

from __future__ import annotations

from collections.abc import Sequence

from confkit.figures.style import page
from confkit.reports.explanation import Resolved
from confkit.reports.key_table import key_by_layer
from confkit.reports.page_style import SHEET
from confkit.reports.waterfall import problems, why
from confkit.tables import escape


def resolution_page(resolved: Resolved, *, keys: Sequence[str] = (), environment: str = "") -> str:
    """A whole HTML document about a resolution; it opens without a server or a network.

    :param keys: keys to explain below the table.
    :param environment: the name of the environment, for the title.
    """
    resolution = resolved.resolution
    where = f" in {environment}" if environment else ""
    body = (
        f"<header><h2>{escape(resolution.schema.name)}{escape(where)}</h2>"
        '<p class="dim">Which layer sets each key. Secrets stay hidden.</p></header>'
        f"{problems(resolution.problems)}<div>{key_by_layer(resolution)}</div>"
        + "".join(why(resolution, key) for key in keys)
    )
    return page(f"{resolution.schema.name}{where}", body, SHEET)
