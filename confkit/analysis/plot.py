"""Shares as bars in SVG, made here: no library, no script, nothing from the network.

Widths are in per cent and heights in pixels, without a view box, so that text keeps its size in a
cell of any width. Off is told from on by more than colour: only on is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from confkit.figures.marks import Marks
from confkit.figures.picture import image, standalone
from confkit.tables import escape

ROW, LEFT, WIDE = 24, 28, 56  # pixels a row; where bars begin and how long the longest is, in %


class Bar(NamedTuple):
    """One share, 0 to 1; its interval and what is expected, where there are such."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    expected: float | None = None


class Plot:
    """A figure: ``svg`` is its text, notebooks show it."""

    def __init__(self, svg: str, name: str = "", height: int = ROW) -> None:
        self.svg = svg
        self._name, self._height = name, height

    def __str__(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        # As a picture: a notebook that is not trusted strips an SVG that stands by itself.
        marks = Marks("plot")
        return image(standalone(self.svg, marks, wide=720, high=self._height), self._name)


def plot(title: str, bars: Sequence[Bar]) -> Plot:
    """Bars below each other, with a whisker for the interval and a line for what is expected."""
    most = max((n for bar in bars for n in bar[1:] if n is not None), default=0) or 1
    parts = [_row(bar, ROW * n, most) for n, bar in enumerate(bars)]
    name = escape(title)
    high = ROW * len(bars)
    return Plot(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{high}" '
        f'role="img" aria-label="{name}" font-size="12" fill="currentColor">'
        f"<title>{name}</title>{''.join(parts)}</svg>",
        title,
        high,
    )


def _row(bar: Bar, top: int, most: float) -> str:
    def at(share: float) -> str:
        return f"{LEFT + WIDE * share / most:.3f}%"

    middle, bottom = top + ROW // 2, top + ROW - 4
    found = (
        f'<text x="0" y="{middle + 4}">{escape(bar.label)}</text>'
        f'<rect x="{LEFT}%" y="{top + 4}" width="{WIDE * bar.value / most:.3f}%" '
        f'height="{ROW - 8}" fill="#0072B2"/>'
        f'<text x="86%" y="{middle + 4}">{100 * bar.value:.3f} %</text>'
    )
    if bar.low is not None and bar.high is not None:
        found += (
            f'<line x1="{at(bar.low)}" x2="{at(bar.high)}" y1="{middle}" y2="{middle}" '
            'stroke="currentColor" stroke-width="2"/>'
        )
    if bar.expected is not None:
        found += (
            f'<line x1="{at(bar.expected)}" x2="{at(bar.expected)}" y1="{top}" y2="{bottom + 4}" '
            'stroke="#D55E00" stroke-width="2" stroke-dasharray="4 2"/>'
        )
    return found
