"""Rollouts over whole populations: assign millions of ids, and judge what came of it.

Counting and statistics are pure Python; columns of ids need the extra ``analysis``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.analysis.assignment import Assignment as Assignment
    from confkit.analysis.assignment import assign as assign
    from confkit.analysis.assignment import buckets as buckets
    from confkit.analysis.assignment import count as count
    from confkit.analysis.distribution import BucketCounts as BucketCounts
    from confkit.analysis.distribution import Distribution as Distribution
    from confkit.analysis.distribution import bucket_counts as bucket_counts
    from confkit.analysis.distribution import distribution_of as distribution_of
    from confkit.analysis.mismatch import SampleRatio as SampleRatio
    from confkit.analysis.mismatch import sample_ratio as sample_ratio
    from confkit.analysis.mismatch import sequential_sample_ratio as sequential_sample_ratio
    from confkit.analysis.overlap import Overlap as Overlap
    from confkit.analysis.overlap import overlap_of as overlap_of
    from confkit.analysis.plan import Plan as Plan
    from confkit.analysis.plan import apply_plan as apply_plan
    from confkit.analysis.planning import make_plan as make_plan
    from confkit.analysis.ramp import Ramp as Ramp
    from confkit.analysis.ramp import percentage_ramp as percentage_ramp
    from confkit.analysis.ramp import ramp_of as ramp_of
    from confkit.analysis.segments import Segments as Segments
    from confkit.analysis.segments import segments_of as segments_of
    from confkit.analysis.statistics import Share as Share
    from confkit.analysis.statistics import Verdict as Verdict
    from confkit.analysis.statistics import wilson as wilson

_HOME = {
    "Assignment": ".assignment",
    "BucketCounts": ".distribution",
    "Distribution": ".distribution",
    "Overlap": ".overlap",
    "Plan": ".plan",
    "Ramp": ".ramp",
    "SampleRatio": ".mismatch",
    "Segments": ".segments",
    "Share": ".statistics",
    "Verdict": ".statistics",
    "apply_plan": ".plan",
    "assign": ".assignment",
    "bucket_counts": ".distribution",
    "buckets": ".assignment",
    "count": ".assignment",
    "distribution_of": ".distribution",
    "make_plan": ".planning",
    "overlap_of": ".overlap",
    "percentage_ramp": ".ramp",
    "ramp_of": ".ramp",
    "sample_ratio": ".mismatch",
    "segments_of": ".segments",
    "sequential_sample_ratio": ".mismatch",
    "wilson": ".statistics",
}
__all__ = sorted(_HOME)

__getattr__, __dir__ = _names(__name__, _HOME)
