"""The histogram of the buckets: a hundred bars, each from the units that stay on to those off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from confkit.figures.marks import Mark, Marks, at, drawing
from confkit.tables import escape

TOP, HIGH = 22, 150  # pixels above the bars, and of the highest bar
BASE = TOP + HIGH
_ORDER: tuple[Mark, ...] = ("on", "new", "lost", "off")


class Pin(NamedTuple):
    """A unit that is on a list: its place (0 to 1), and whether it is always or never on."""

    place: float
    name: str
    always: bool


class Bin(NamedTuple):
    """The units of one bar."""

    on: int
    new: int
    lost: int
    off: int


def histogram(
    marks: Marks,
    bins: Sequence[Bin],
    *,
    cut: float,
    was: float | None = None,
    pins: Sequence[Pin] = (),
    total: int,
) -> str:
    """The bars with a cut at a percentage, and dashed where the cut was.

    :param cut: per cent; ``was`` the same, None where there was none.
    :param total: how many units there are: a bar is expected to have an equal part of them.
    """
    expected = total / len(bins)
    spread = 2 * math.sqrt(expected * (1 - 1 / len(bins)))
    most = max([expected + spread * 1.5, *(float(sum(one)) for one in bins)]) or 1.0
    parts = [_ticks(expected, most)]
    parts.append(_bars(marks, bins, most))
    parts.append(_expectation(expected, spread, most))
    parts.append(f'<line x1="0" x2="100%" y1="{BASE}" y2="{BASE}" style="stroke:var(--edge)"/>')
    parts += [_cuts(cut, was), *(_pin(pin) for pin in pins), _scale()]
    on = sum(one.on + one.new for one in bins)
    said = f"Histogram of {len(bins)} bars of one per cent of the buckets. On: {on:,} of {total:,}."
    if was is not None:
        said += f" The rollout was at {was:g} per cent before."
    return (
        f'<div class="plot"><div class="yl" aria-hidden="true">{_labels(expected, most)}</div>'
        f"{drawing(BASE + 40, said, ''.join(parts))}</div>"
    )


def _y(count: float, most: float) -> float:
    return BASE - HIGH * count / most


def _bars(marks: Marks, bins: Sequence[Bin], most: float) -> str:
    """Every bar, mark by mark: the attributes that bars share are given once."""
    wide, heights = 100 / len(bins), [0] * len(bins)
    drawn = []
    for mark in _ORDER:
        rects = []
        for number, one in enumerate(bins):
            if count := getattr(one, mark):
                top, bottom = _y(heights[number] + count, most), _y(heights[number], most)
                rects.append(
                    f'<rect x="{wide * (number + 0.08):.4g}%" y="{top:.1f}" '
                    f'width="{0.84 * wide:g}%" '
                    f'height="{bottom - top:.1f}"/>'
                )
                heights[number] += count
        if rects:
            drawn.append(f"<g {marks.fill(mark)}>{''.join(rects)}</g>")
    return "".join(drawn)


def _steps(expected: float) -> tuple[float, float]:
    return expected / 2, expected


def _ticks(expected: float, most: float) -> str:
    return "".join(
        f'<line x1="0" x2="100%" y1="{_y(n, most):.1f}" y2="{_y(n, most):.1f}" '
        'style="stroke:var(--line)"/>'
        for n in _steps(expected)
    )


def _labels(expected: float, most: float) -> str:
    return "".join(
        f'<span style="top:{_y(n, most):.0f}px">{_count(n)}</span>'
        for n in (0.0, *_steps(expected))
    )


def _count(n: float) -> str:
    return f"{n:,.0f}" if n >= 100 or n == round(n) else f"{n:.1f}"


def _expectation(expected: float, spread: float, most: float) -> str:
    high, low, middle = (_y(n, most) for n in (expected + spread, expected - spread, expected))
    return (
        f'<rect x="0" width="100%" y="{high:.1f}" height="{min(low, BASE) - high:.1f}" '
        'style="fill:var(--fg);opacity:.13"/>'
        f'<line x1="0" x2="100%" y1="{middle:.1f}" y2="{middle:.1f}" '
        'style="stroke:var(--fg);stroke-dasharray:2 3"/>'
    )


def _cuts(cut: float, was: float | None) -> str:
    drawn = ""
    if was is not None and was != cut:
        drawn += (
            f'<line x1="{was:g}%" x2="{was:g}%" y1="16" y2="{BASE}" '
            'style="stroke:var(--fg);stroke-width:1.5;stroke-dasharray:4 3"/>'
        )
        # The label of the cut is to its right up to 60 %, else to its left, and needs room.
        beside = (was > cut) == (cut <= 60)
        if 5 <= was <= 95 and abs(was - cut) >= (40 if beside else 12):
            drawn += (
                f'<text class="d" x="{was:g}%" y="11" text-anchor="middle">was {was:g} %</text>'
            )
    side, shift = ("start", 7) if cut <= 60 else ("end", -7)
    long_ = f"{cut:g} %: on to the left, off to the right"
    return drawn + (
        f'<line x1="{cut:g}%" x2="{cut:g}%" y1="0" y2="{BASE + 4}" '
        'style="stroke:var(--fg);stroke-width:2"/>'
        f'<text class="thick" x="{cut:g}%" dx="{shift}" y="11" text-anchor="{side}" '
        f'font-weight="650">{long_}</text>'
        f'<text class="thin" x="{cut:g}%" dx="{shift}" y="11" text-anchor="{side}" '
        f'font-weight="650">{cut:g} %</text>'
    )


def pin_shape(*, always: bool) -> str:
    """The mark of a unit on a list: a triangle for always on, a crossed box for never."""
    if always:
        return '<path d="M0 0L7 12H-7Z" style="fill:var(--new);stroke:var(--fg);stroke-width:1"/>'
    return (
        '<rect x="-6.5" width="13" height="13" rx="2" '
        'style="fill:var(--bg);stroke:var(--lost);stroke-width:1.5"/>'
        '<path d="M-3.5 3L3.5 10M3.5 3L-3.5 10" style="stroke:var(--lost);stroke-width:2"/>'
    )


def _pin(pin: Pin) -> str:
    said = f"{pin.name}: {'always' if pin.always else 'never'} on"
    return (
        f'<svg x="{at(pin.place)}" y="{BASE + 4}" width="1" height="1">'
        f"{pin_shape(always=pin.always)}<title>{escape(said)}</title></svg>"
    )


def _scale() -> str:
    drawn = []
    for n in (0, 25, 50, 75, 100):
        anchor = {0: "start", 100: "end"}.get(n, "middle")
        text = f"{n} %" if n in (0, 100) else str(n)
        drawn.append(
            f'<text class="d" x="{n}%" y="{BASE + 36}" text-anchor="{anchor}">{text}</text>'
        )
    return "".join(drawn)
