"""Shares by segment: whether a rollout is as wide in every country, plan or platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, p_text, percent
from confkit.analysis.statistics import (
    Fit,
    Share,
    Verdict,
    chi_square,
    chi_square_tail,
    false_discovery,
    verdict_of,
    wilson,
)

#: A segment is tested if at least so many units are expected on, and so many off.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its share, and how it compares with what is expected.

    ``q`` is its p-value after false-discovery control over all segments that were tested; None
    where the segment is too small to be tested.
    """

    name: str
    share: Share
    p: float | None
    q: float | None
    deviation: float

    @property
    def verdict(self) -> Verdict | None:
        """What follows from ``q``; None for a segment that is too small."""
        return None if self.q is None else verdict_of(self.q, self.deviation)


@dataclass(frozen=True, slots=True)
class Segments(Presented):
    """Every segment against one expected share (0 to 1)."""

    segments: tuple[Segment, ...]
    expected: float
    homogeneity: Fit | None

    @property
    def deviating(self) -> tuple[Segment, ...]:
        """The segments that are not as declared."""
        return tuple(s for s in self.segments if s.verdict is Verdict.MISMATCH)

    @property
    def headline(self) -> str:
        """How many segments deviate."""
        tested = sum(s.q is not None for s in self.segments)
        small = len(self.segments) - tested
        text = (
            f"{len(self.deviating)} of {tested} segments are not as declared "
            f"({percent(self.expected)} expected)"
        )
        return text + (f"; {small} too small to test" if small else "")

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("segment", "on", "of", "share", "95 % from", "to", "q", "verdict")

    @property
    def rows(self) -> list[Sequence[str]]:
        """One row a segment."""
        return [
            (
                s.name,
                f"{s.share.part:,}",
                f"{s.share.whole:,}",
                percent(s.share.part, s.share.whole),
                percent(s.share.low),
                percent(s.share.high),
                "–" if s.q is None else p_text(s.q),
                "too small to test" if s.verdict is None else s.verdict.value,
            )
            for s in self.segments
        ]

    @property
    def bars(self) -> Sequence[Bar]:
        """The share of each segment with its interval, beside the expected one."""
        return [
            Bar(s.name, s.share.value or 0, s.share.low, s.share.high, self.expected)
            for s in self.segments
        ]

    def to_dict(self) -> dict[str, Any]:
        """For machines; shares are 0 to 1."""
        return {
            "expected": self.expected,
            "homogeneity_p": None if self.homogeneity is None else self.homogeneity.p,
            "segments": [
                {
                    "name": s.name,
                    **s.share.to_dict(),
                    "p": s.p,
                    "q": s.q,
                    "verdict": None if s.verdict is None else s.verdict.value,
                }
                for s in self.segments
            ],
        }


def segments_of(counts: Mapping[str, tuple[int, int]], expected: float | None = None) -> Segments:
    """Compare the shares of segments, given as name -> (on, all).

    ``expected`` is the declared share, 0 to 1; without it each segment is compared with the share
    of all of them together. ``homogeneity`` tests whether the segments differ from each other.

    :raises ValueError: when a count is not within its whole, or ``expected`` not within 0 to 1.
    """
    on, total = sum(part for part, _ in counts.values()), sum(all_ for _, all_ in counts.values())
    pooled = on / total if total else 0.0
    share = pooled if expected is None else expected
    if not 0 <= share <= 1:
        raise ValueError(f"a share is between 0 and 1, not {share}")
    ps: dict[str, float] = {}
    for name, (part, whole) in counts.items():
        if min(whole * share, whole * (1 - share)) >= FEWEST or (share in (0, 1) and whole):
            ps[name] = _two_groups(part, whole, share)
    adjusted = dict(zip(ps, false_discovery(list(ps.values())), strict=True))
    found = tuple(
        Segment(
            name,
            wilson(part, whole),
            ps.get(name),
            adjusted.get(name),
            abs(part / whole - share) if whole else 0.0,
        )
        for name, (part, whole) in counts.items()
    )
    return Segments(found, share, _homogeneity(counts, pooled))


def _two_groups(part: int, whole: int, share: float) -> float:
    if share in (0, 1):
        return 1.0 if part == whole * share else 0.0
    return chi_square([part, whole - part], [whole * share, whole * (1 - share)]).p


def _homogeneity(counts: Mapping[str, tuple[int, int]], pooled: float) -> Fit | None:
    filled = [(part, whole) for part, whole in counts.values() if whole]
    if len(filled) < 2 or pooled in (0, 1):
        return None
    statistic = sum(
        (part - whole * pooled) ** 2 / (whole * pooled * (1 - pooled)) for part, whole in filled
    )
    freedom = len(filled) - 1
    return Fit(statistic, freedom, chi_square_tail(statistic, freedom))
