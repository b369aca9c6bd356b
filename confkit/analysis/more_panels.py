"""Further panels of the rollout explorer: a schedule over time, shares by segment, a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from confkit.analysis.lookup import Lookup
from confkit.analysis.panels import View, as_table, plain_table, section
from confkit.analysis.plan import Plan
from confkit.analysis.segments import segments_of
from confkit.figures.shares import over_time, share_bar
from confkit.flags.rules.model import Rule
from confkit.tables import escape, stacked_table


def schedule(rule: Rule, found: Lookup, now: datetime) -> str:
    """The ramp of a schedule over time, with how many users each step takes in; else empty.

    :param now: the present, aware.
    """
    if not rule.schedule:
        return ""
    first, last = rule.schedule[0].at, rule.schedule[-1].at
    begin = min(first, now) if first - now < timedelta(days=60) else first
    begin -= timedelta(hours=12)
    end = max(last, now) if now - last < timedelta(days=60) else last
    end += max((last - begin) / 8, timedelta(days=1))
    whole = (end - begin) / timedelta(seconds=1)

    def place(at: datetime) -> float:
        return min(max((at - begin) / timedelta(seconds=1) / whole, 0.0), 1.0)

    start = rule.percentage or 0
    steps = [(0.0, start / 100, "before")]
    rows = [("before", f"{start:g} %", f"{found.sides(start).after:,}", "")]
    held = found.sides(start).after
    for step in rule.schedule:
        on = found.sides(step.percentage).after
        steps.append((place(step.at), step.percentage / 100, f"{step.at:%d %b %H:%M}"))
        at = step.at.astimezone(UTC)
        rows.append(
            (f"{at:%Y-%m-%d %H:%M} UTC", f"{step.percentage:g} %", f"{on:,}", f"{on - held:+,}")
        )
        held = on
    inside = begin <= now <= end
    drawn = over_time(
        steps,
        now=place(now) if inside else None,
        name=f"The ramp of {rule.name}: {len(rule.schedule)} steps, from {start:g} per cent",
    )
    note = '<p class="small dim">The dashed line is now.</p>' if inside else ""
    table = plain_table(("from", "percentage", "users on", "change"), rows)
    return section("The schedule", f"{drawn}{note}{as_table(table)}", "The schedule")


def by_segment(view: View, found: Mapping[str, Lookup], column: str) -> str:
    """The share that is on in each segment, with its count and its verdict."""
    parts = {name: one for name, one in found.items() if name}
    if not parts:
        return ""
    counts = {}
    for name, one in parts.items():
        sides = one.sides(view.percentage)
        counts[name] = (sides.after, sides.total)
    judged = segments_of(counts)
    most = max([*(s.share.value or 0 for s in judged.segments), judged.expected], default=1) or 1
    rows = []
    for segment in judged.segments:
        share = segment.share
        said = "–" if segment.verdict is None else segment.verdict.value
        rows.append(
            f'<tr><th scope="row">{escape(segment.name)}</th>'
            f'<td class="hide" style="width:28%">'
            f"{share_bar(share.value or 0, judged.expected, most)}</td>"
            f'<td class="n" data-label="on">{100 * (share.value or 0):.2f} %</td>'
            f'<td class="n dim hide nw">{100 * share.low:.2f} to {100 * share.high:.2f}</td>'
            f'<td class="n" data-label="users on">{share.part:,}</td>'
            f'<td class="n" data-label="users">{share.whole:,}</td>'
            f'<td data-label="verdict">{escape(said)}</td></tr>'
        )
    head = (
        f'<th scope="col">{escape(column)}</th><th scope="col" class="hide">share and the share of '
        'all</th><th scope="col" class="n">on</th><th scope="col" class="n hide">95 % interval</th>'
        '<th scope="col" class="n">users on</th><th scope="col" class="n">users</th>'
        '<th scope="col">verdict</th>'
    )
    text = (
        '<p class="small dim">Each segment beside all of them together. Many segments are many '
        "tests: the verdicts keep false alarms among them rare.</p>"
    )
    return section(
        f"By {column}",
        f'{text}<table class="table stacked"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>",
        "Segments",
    )


def planned(plan: Plan) -> str:
    """A plan: what would be written, who enters and leaves, and whether it widens."""
    steps = []
    for step in plan.steps:
        old, new = step.old or {}, step.new or {}
        steps += [
            (step.flag, name, _short(old.get(name)), _short(new.get(name)))
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
    wider = [f"{step.flag}: {why}" for step in plan.steps for why in step.widens]
    said = "".join(f'<p class="warn">! Takes in more people: {escape(why)}</p>' for why in wider)
    counted = stacked_table(plan.columns, list(plan.rows), "Who enters and leaves")
    changed = stacked_table(("flag", "field", "now", "then"), steps, "What is written")
    return section(
        "The plan",
        f"<p>{escape(plan.headline)}.</p>{said}"
        f'{counted}<h4 style="margin-top:10px">What is written</h4>{changed}',
        "The plan",
    )


def _short(value: object) -> str:
    if value is None:
        return "–"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
