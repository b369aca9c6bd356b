"""Colours with hatches: on, newly on, turned off and off differ without colour, too."""

from __future__ import annotations

from typing import Literal

from confkit.tables import escape

Mark = Literal["on", "new", "lost", "off"]
NAMES: dict[Mark, str] = {
    "on": "stay on",
    "new": "newly on",
    "lost": "turned off",
    "off": "stay off",
}


class Marks:
    """The patterns of one page: their ids start with ``prefix``, so that two may share a page."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def definitions(self) -> str:
        """The patterns themselves; once on a page, in an SVG that takes no room."""
        made = (
            ("off", 6, ' patternTransform="rotate(45)"',
             '<rect width="2.2" height="6" style="fill:var(--gap)"/>'),
            ("new", 6, "", '<circle cx="3" cy="3" r="1.3" style="fill:var(--gap)"/>'),
            ("lost", 7, "",
             '<path d="M0 0L7 7M7 0L0 7" style="stroke:var(--gap);stroke-width:1.3"/>'),
        )  # fmt: skip
        patterns = "".join(
            f'<pattern id="{self._prefix}-{name}" width="{size}" height="{size}" '
            f'patternUnits="userSpaceOnUse"{turn}>'
            f'<rect width="{size}" height="{size}" style="fill:var(--{name})"/>{inside}</pattern>'
            for name, size, turn, inside in made
        )
        return (
            '<svg width="0" height="0" style="position:absolute;width:0" aria-hidden="true">'
            f"<defs>{patterns}</defs></svg>"
        )

    def fill(self, mark: Mark) -> str:
        """The attributes that fill a shape."""
        if mark == "on":
            return 'style="fill:var(--on)"'
        edge = ' style="stroke:var(--off-edge)"' if mark == "off" else ""
        return f'fill="url(#{self._prefix}-{mark})"{edge}'

    def swatch(self, mark: Mark) -> str:
        """The sample of a legend."""
        return (
            '<svg aria-hidden="true" class="key-mark">'
            f'<rect width="16" height="12" rx="2" {self.fill(mark)}/></svg>'
        )

    def legend(self, *entries: tuple[Mark, str], more: str = "") -> str:
        """Samples with their names; ``more`` is HTML for further ones."""
        shown = "".join(f"<span>{self.swatch(m)}{escape(text)}</span>" for m, text in entries)
        return f'<div class="legend">{shown}{more}</div>'


def drawing(height: int, name: str, inside: str) -> str:
    """An SVG of full width and fixed height; without a view box, text keeps its size."""
    label = escape(name)
    return f'<svg height="{height}" role="img" aria-label="{label}">{inside}</svg>'


def at(x: float) -> str:
    """A place or width, 0 to 1, in per cent."""
    return f"{100 * x:.3f}%"
