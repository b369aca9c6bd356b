"""Shares of one whole: stacked bars, an interval close up, a strip, a staircase over time."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from confkit.figures.marks import NAMES, Mark, Marks, at, drawing
from confkit.tables import escape


def stacked(marks: Marks, counts: Sequence[tuple[Mark, int]], *, height: int = 26) -> str:
    """Counts beside each other as parts of one bar."""
    total = sum(count for _, count in counts) or 1
    drawn, begin = [], 0.0
    for mark, count in counts:
        wide = count / total
        if count:
            drawn.append(
                f'<rect x="{at(begin)}" width="{at(wide)}" height="{height}" {marks.fill(mark)}/>'
            )
        begin += wide
    said = ", ".join(f"{count:,} {NAMES[mark]}" for mark, count in counts)
    return drawing(height, said, "".join(drawn))


def interval(low: float, high: float, found: float, expected: float | None) -> str:
    """A share and its interval, close up, with the expected share as a diamond; all 0 to 1."""
    places = [low, high, found] + ([] if expected is None else [expected])
    left, right = min(places), max(places)
    room = max((right - left) * 0.6, 0.0005)
    left, right = left - room, right + room

    def x(share: float) -> str:
        return at((share - left) / (right - left))

    drawn = [
        _area(x(low), at((high - low) / (right - left))),
        '<line x1="0" x2="100%" y1="52" y2="52" style="stroke:var(--edge)"/>',
        *(_tick(x(tick), tick, thick) for tick, thick in _ticks(left, right)),
        *(_stroke(x(a), x(b), y1, y2) for a, b, y1, y2 in (
            (low, high, 32, 32), (low, low, 25, 39), (high, high, 25, 39),
        )),
        _dot(x(found)),
    ]  # fmt: skip
    right_of = expected is not None and expected >= found
    drawn.append(_label(x(found), f"observed {100 * found:.2f} %", end=right_of))
    said = f"Observed {100 * found:.2f} per cent, interval {100 * low:.2f} to {100 * high:.2f}"
    if expected is not None:
        said += f", expected {100 * expected:.4g}"
        drawn.append(
            f'<svg x="{x(expected)}" y="32" width="1" height="1"><path d="M0 -7L7 0L0 7L-7 0Z" '
            'style="fill:var(--bg);stroke:var(--fg);stroke-width:2"/></svg>'
        )
        drawn.append(_label(x(expected), f"expected {100 * expected:.4g} %", end=not right_of))
    return drawing(74, said, "".join(drawn))


def _area(x: str, wide: str) -> str:
    return f'<rect x="{x}" width="{wide}" y="24" height="16" style="fill:var(--on);opacity:.22"/>'


def _dot(x: str) -> str:
    return (
        f'<circle cx="{x}" cy="32" r="6" style="fill:var(--on);stroke:var(--bg);stroke-width:1.5"/>'
    )


def _stroke(x1: str, x2: str, y1: int, y2: int) -> str:
    return (
        f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" style="stroke:var(--on);stroke-width:2.5"/>'
    )


def _label(x: str, text: str, *, end: bool) -> str:
    anchor, shift = ("end", -4) if end else ("start", 4)
    return f'<text x="{x}" y="15" dx="{shift}" text-anchor="{anchor}">{text}</text>'


def _ticks(left: float, right: float) -> list[tuple[float, bool]]:
    """Round places within, each with whether it is left out where there is little room."""
    size = 10 ** floor(log10((right - left) / 2))
    step = next(
        size * factor for factor in (0.25, 0.5, 1, 2.5, 5) if (right - left) / (size * factor) <= 5
    )
    first = floor(left / step) + 1
    places = [step * n for n in range(first, first + 6) if left < step * n < right]
    inside = [p for p in places if 0.06 < (p - left) / (right - left) < 0.94 and 0 <= p <= 1]
    return [(place, n % 2 == 1) for n, place in enumerate(inside)]


def _tick(x: str, share: float, thick: bool) -> str:
    return (
        f'<line x1="{x}" x2="{x}" y1="52" y2="56" style="stroke:var(--edge)"/>'
        f'<text class="d{" thick" if thick else ""}" x="{x}" y="70" text-anchor="middle">'
        f"{100 * share:.5g} %</text>"
    )


def share_bar(share: float, expected: float | None, most: float) -> str:
    """One share as a bar, with a tick where it is expected; ``most`` is the full width."""
    said = f"{100 * share:.2f} per cent"
    tick = ""
    if expected is not None:
        said += f", expected {100 * expected:g}"
        x = at(expected / most)
        tick = f'<line x1="{x}" x2="{x}" y1="0" y2="16" style="stroke:var(--fg);stroke-width:2"/>'
    bar = f'<rect width="{at(share / most)}" height="12" y="2" style="fill:var(--on)"/>'
    return drawing(16, said, bar + tick)


def strip(marks: Marks, place: float, cut: float) -> str:
    """Where one unit is, as a ring, beside the cut of the rollout; both 0 to 1."""
    said = f"bucket {100 * place:.3f} of 100, cut at {100 * cut:g}"
    inside = (
        f'<rect y="7" width="{at(cut)}" height="10" {marks.fill("on")}/>'
        f'<rect y="7" x="{at(cut)}" width="{at(1 - cut)}" height="10" {marks.fill("off")}/>'
        f'<line x1="{at(cut)}" x2="{at(cut)}" y1="0" y2="24" '
        'style="stroke:var(--fg);stroke-width:2"/>'
        f'<circle cx="{at(place)}" cy="12" r="7" '
        'style="fill:var(--bg);stroke:var(--fg);stroke-width:2.5"/>'
    )
    return drawing(24, said, inside)


def over_time(steps: Sequence[tuple[float, float, str]], *, now: float | None, name: str) -> str:
    """Shares that hold from a time on, as a staircase.

    :param steps: for each the time (0 to 1 of the width), the share (0 to 1) and a label.
    :param now: where the present is, None when it is outside.
    """
    high, base = 90, 106
    drawn = [f'<line x1="0" x2="100%" y1="{base}" y2="{base}" style="stroke:var(--edge)"/>']
    share = 0.0
    for n, (begin, percent, label) in enumerate(steps):
        end = steps[n + 1][0] if n + 1 < len(steps) else 1.0
        top = base - high * percent
        drawn.append(
            f'<rect x="{at(begin)}" width="{at(end - begin)}" y="{top:.1f}" '
            f'height="{base - top:.1f}" style="fill:var(--on);opacity:.25"/>'
            f'<line x1="{at(begin)}" x2="{at(end)}" y1="{top:.1f}" y2="{top:.1f}" '
            'style="stroke:var(--on);stroke-width:2.5"/>'
            f'<line x1="{at(begin)}" x2="{at(begin)}" y1="{base - high * share:.1f}" '
            f'y2="{top:.1f}" style="stroke:var(--on);stroke-width:2.5"/>'
            f'<text x="{at(begin)}" dx="4" y="{top - 4:.1f}">{100 * percent:g} %</text>'
            f'<text class="d{" thick" if n else ""}" x="{at(begin)}" y="{base + 16}">'
            f"{escape(label)}</text>"
        )
        share = percent
    if now is not None:
        drawn.append(
            f'<line x1="{at(now)}" x2="{at(now)}" y1="0" y2="{base + 4}" '
            'style="stroke:var(--fg);stroke-width:1.5;stroke-dasharray:4 3"/>'
        )
    return drawing(base + 22, name, "".join(drawn))
