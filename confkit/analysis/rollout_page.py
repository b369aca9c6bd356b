"""A whole HTML document about a rollout: it opens without a server, a script or a network."""

from __future__ import annotations

from confkit.analysis import panels
from confkit.analysis.panels import View
from confkit.figures.marks import Marks
from confkit.figures.style import page
from confkit.tables import escape


def rollout_page(view: View) -> str:
    """The panels of a rollout below each other."""
    marks = Marks("page")
    left = f'<div class="stack">{panels.on_and_off(view, marks)}{panels.variants(view)}</div>'
    body = (
        f"{marks.definitions()}<header><h2>{escape(view.rule.name)} at {view.percentage:g} %</h2>"
        '<p class="dim">What a percentage does to users. Nothing here changes a flag.</p></header>'
        f"{panels.verdict(view)}{panels.where_they_fall(view, marks)}"
        f'<div class="cols">{left}{panels.who_changes_sides(view, marks)}</div>'
    )
    return page(f"{view.rule.name} at {view.percentage:g} %", body)
