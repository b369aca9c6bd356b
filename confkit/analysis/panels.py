"""The panels of the rollout explorer as HTML: pure functions of a look-up; no script, no library.

The widgets show them, and so do the command ``confkit flags simulate --html`` and the admin page.
Everything that comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from confkit.analysis.lookup import Lookup, Sides
from confkit.analysis.overlap import Pair
from confkit.analysis.presentation import p_text
from confkit.analysis.statistics import Verdict, chi_square, verdict_of, wilson
from confkit.bucket import BUCKETS, steps
from confkit.figures.histogram import Bin, Pin, histogram, pin_shape
from confkit.figures.marks import NAMES, Mark, Marks
from confkit.figures.shares import interval, share_bar, stacked
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import digest_and_bucket
from confkit.tables import escape


@dataclass(frozen=True)
class View:
    """What a page shows: a rule at a percentage, and what held before.

    ``was`` is the percentage before, None where there was none; ``seen`` the name of the units.
    """

    rule: Rule
    found: Lookup
    percentage: float
    was: float | None = None
    seen: str = "users"
    other_salt: str = ""


def tidy(html: str) -> str:
    """HTML whose per cent signs stay on the line of their numbers."""
    return html.replace(" %", "\N{NO-BREAK SPACE}%")


def section(title: str, inside: str, name: str) -> str:
    """A panel under a heading; ``inside`` is HTML, ``title`` is not."""
    return tidy(f'<section aria-label="{escape(name)}"><h3>{escape(title)}</h3>{inside}</section>')


def _words(verdict: Verdict) -> str:
    return {
        Verdict.AS_DECLARED: '<span class="good">✓ As declared: within chance</span>',
        Verdict.UNUSUAL: '<span class="warn">! Unusual, and no proof of a fault</span>',
        Verdict.TOO_SMALL: '<span class="warn">! Certain, and too small to matter</span>',
        Verdict.MISMATCH: '<span class="bad">✗ Not as declared</span>',
    }[verdict]


def judged(found: Lookup, percentage: float) -> tuple[Verdict, float]:
    """Whether as many of the units whose bucket decides are on as the percentage declares."""
    whole = found.deciding
    share = steps(percentage) / BUCKETS
    bound = steps(percentage)
    part = sum(found.was_on.rising[:bound]) + sum(found.was_off.rising[:bound])
    if not whole or share in (0, 1):
        return Verdict.AS_DECLARED, 1.0
    p = chi_square([part, whole - part], [whole * share, whole * (1 - share)]).p
    return verdict_of(p, abs(part / whole - share)), p


def summary(view: View) -> str:
    """The result in one sentence, for those who hear it."""
    sides = view.found.sides(view.percentage)
    share = 100 * sides.after / (sides.total or 1)
    text = (
        f"At {view.percentage:g} %: {sides.after:,} of {sides.total:,} users are on, {share:.2f} %."
    )
    return f"{text} {_moves(view, sides)}"


def _moves(view: View, sides: Sides) -> str:
    since = "since nobody was on" if not sides.before else "since it was on before"
    if view.was is not None and sides.before:
        since = f"since it was {view.was:g} %"
    enter = f"{sides.new:,} users enter" if sides.new else "none enter"
    leave = f"{sides.lost:,} leave" if sides.lost else "none leave"
    return f"{enter[0].upper()}{enter[1:]}, {leave}, {since}."


def verdict(view: View) -> str:
    """The share that is on, as a large figure, with its interval and what it means."""
    found = view.found
    if not found.total:
        return tidy(
            '<section class="verdict"><p>There are no users with an id to count.</p></section>'
        )
    sides, share = found.sides(view.percentage), found.share(view.percentage)
    expected = found.expected(view.percentage) or 0.0
    conclusion, _ = judged(found, view.percentage)
    notes = []
    if not view.rule.enabled:
        notes.append("The flag is disabled in its store: all this holds once it is enabled.")
    if found.missing:
        notes.append(f"{found.missing:,} without an id are not counted.")
    if found.assumed:
        notes.append(f"Conditions on {', '.join(found.assumed)} are taken to hold.")
    shown = "".join(f'<p class="dim">{escape(note)}</p>' for note in notes)
    return tidy(
        f'<section class="verdict" aria-label="Result"><span class="big">'
        f"{100 * sides.after / sides.total:.2f} %</span><div>"
        f"<p><b>{sides.after:,} of {sides.total:,} users are on.</b> "
        f"Expected: {100 * expected:.4g} %. {_words(conclusion)} "
        f'<span class="nw">(95 %: {100 * share.low:.2f} to {100 * share.high:.2f} %).</span></p>'
        f'<p class="dim">{escape(_moves(view, sides))}</p>{shown}</div></section>'
    )


def pins(rule: Rule, most: int = 40) -> list[Pin]:
    """The units on the lists of a rule, at their buckets; the first ``most`` of each list."""
    from confkit.analysis.counting import rollout_at

    rollout = rollout_at(rule)
    chosen = [(unit, True) for unit in (rule.allow or ())[:most]]
    chosen += [(unit, False) for unit in rule.deny[:most]]
    return [
        Pin(digest_and_bucket(rollout, unit)[1] / BUCKETS, unit, always) for unit, always in chosen
    ]


def where_they_fall(view: View, marks: Marks) -> str:
    """The histogram of the buckets, its legend, and the same as a table."""
    rule, total = view.rule, view.found.total
    bins = [Bin(*one) for one in view.found.bins(view.percentage)]
    drawn = histogram(marks, bins, cut=view.percentage, was=view.was, pins=pins(rule), total=total)
    more = ""
    for names, always, said in (
        (rule.allow or (), True, "allowed: always on"),
        (rule.deny, False, "denied: never on"),
    ):
        if names:
            more += (
                '<span><svg aria-hidden="true" class="key-mark"><svg x="8" overflow="visible">'
                f"{pin_shape(always=always)}</svg></svg>{said} ({len(names):,})</span>"
            )
    shown: list[tuple[Mark, str]] = [("on", "on before and now"), ("new", "newly on")]
    if any(one.lost for one in bins):
        shown.append(("lost", "turned off"))
    shown.append(("off", "off"))
    rows = []
    for n in range(0, 100, 5):
        parts = [sum(column) for column in zip(*bins[n : n + 5], strict=True)]
        rows.append((f"{n} to {n + 5} %", f"{sum(parts):,}", f"{parts[0] + parts[1]:,}"))
    table = plain_table(("buckets", "users", "on"), rows)
    text = (
        '<p class="dim small">Each bar is one per cent of the buckets. The dotted line is the '
        f"expected {total / 100:,.6g} users; 95 of 100 bars should end in the grey band.</p>"
    )
    return section(
        "Where the users fall",
        f"{text}{drawn}{marks.legend(*shown, more=more)}{as_table(table)}",
        "Where the users fall",
    )


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose columns but the first are numbers; every cell is escaped."""
    head = "".join(
        f'<th scope="col"{" class=n" if n else ""}>{escape(text)}</th>'
        for n, text in enumerate(columns)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=n' if n else ''}>{escape(text)}</td>" for n, text in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def as_table(table: str) -> str:
    """The same figures as a table, folded."""
    return f"<details><summary>The same as a table</summary>{table}</details>"


def on_and_off(view: View, marks: Marks) -> str:
    """On and off as one bar, and the share with its interval close up."""
    found = view.found
    sides, share = found.sides(view.percentage), found.share(view.percentage)
    expected = found.expected(view.percentage)
    bar = stacked(marks, [("on", sides.after), ("off", sides.total - sides.after)])
    close = interval(share.low, share.high, share.value or 0.0, expected)
    inside = expected is not None and share.low <= expected <= share.high
    place = f"the expected share is <b>{'inside' if inside else 'outside'}</b>"
    return section(
        "On and off",
        f'<div class="row between"><span>{marks.swatch("on")}on <b>{sides.after:,}</b></span>'
        f"<span>{marks.swatch('off')}off <b>{sides.total - sides.after:,}</b></span></div>{bar}"
        '<p class="small dim" style="margin-top:16px">Close up: the share on, with its 95 % '
        f"Wilson interval</p>{close}"
        f'<p class="small">From {100 * share.low:.3f} to {100 * share.high:.3f} %: {place}.</p>',
        "On and off",
    )


def variants(view: View) -> str:
    """The shares of the variants among those that are on; empty where there are none."""
    if len(view.rule.variants) < 2:
        return ""
    counts = view.found.variants_on(view.percentage)
    total = sum(counts.values())
    declared = {v.name: v.weight / 100 for v in view.rule.variants}
    most = max([*declared.values(), *(n / (total or 1) for n in counts.values())], default=1) or 1
    rows = []
    for name, count in counts.items():
        share = wilson(count, total)
        found = count / total if total else 0.0
        rows.append(
            f'<tr><th scope="row"><b>{escape(name)}</b></th>'
            f'<td class="hide" style="width:28%">{share_bar(found, declared[name], most)}</td>'
            f'<td class="n">{100 * declared[name]:g} %</td><td class="n">{100 * found:.2f} %</td>'
            f'<td class="n dim hide nw">{100 * share.low:.1f} to {100 * share.high:.1f}</td>'
            f'<td class="n">{count:,}</td></tr>'
        )
    head = (
        '<th scope="col">variant</th><th scope="col" class="hide">share and expected</th>'
        '<th scope="col" class="n">expected</th><th scope="col" class="n">observed</th>'
        '<th scope="col" class="n hide">95 % interval</th><th scope="col" class="n">users</th>'
    )
    judged_ = ""
    if total:
        fit = chi_square(
            [counts[name] for name in counts], [declared[name] * total for name in counts]
        )
        deviation = max(abs(counts[name] / total - declared[name]) for name in counts)
        chance = (
            f"once in {1 / fit.p:,.0f} draws" if 0 < fit.p < 0.5 else "often" if fit.p else "never"
        )
        judged_ = (
            f'<p class="small" style="margin-top:8px">{_words(verdict_of(fit.p, deviation))}. '
            f"A split at least this uneven comes by chance {chance} "
            f"(chi-square {fit.statistic:.2f}, p = {p_text(fit.p)}).</p>"
        )
    return section(
        f"Variants of the {total:,} users who are on",
        f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"</table>{judged_}",
        "Variants",
    )


def sides_row(marks: Marks, sides: Sides) -> str:
    """Four counts as a bar and in words."""
    counts: list[tuple[Mark, int]] = [
        ("on", sides.on),
        ("new", sides.new),
        ("lost", sides.lost),
        ("off", sides.off),
    ]
    cells = []
    for mark, count in counts:
        state = ("good", " ✓") if mark == "lost" and not count else ("bad", " ✗")
        kind, sign = state if mark == "lost" else ("", "")
        cells.append(
            f'<span class="{kind}">{marks.swatch(mark)}{NAMES[mark]}<b>{count:,}{sign}</b></span>'
        )
    return f'{stacked(marks, counts, height=22)}<div class="cn">{"".join(cells)}</div>'


def who_changes_sides(view: View, marks: Marks) -> str:
    """Who enters and leaves by this percentage, and who would by another salt."""
    sides = view.found.sides(view.percentage)
    before = "before" if view.was is None else f"{view.was:g} %"
    lost = (
        '<span class="good">Nobody loses the feature.</span>'
        if not sides.lost
        else f'<span class="bad">{_lose(sides)}</span>'
    )
    inside = (
        f'<p style="margin-top:6px"><b>{before} → {view.percentage:g} %.</b> {lost}</p>'
        f"{sides_row(marks, sides)}"
    )
    salted = view.found.salted(view.percentage)
    if salted is not None:
        said = (
            f'<span class="bad">{_lose(salted)}</span>'
            if salted.lost
            else '<span class="good">Nobody loses the feature.</span>'
        )
        inside += (
            f'<p style="margin-top:14px"><b>Still {view.percentage:g} %, new salt '
            f"<code>{escape(view.other_salt)}</code>.</b> {said}</p>{sides_row(marks, salted)}"
            '<p class="small dim" style="margin-top:8px">Change the percentage to ramp. '
            "Change the salt only to draw new users on purpose.</p>"
        )
    return section("Who changes sides", inside, "Who changes sides")


def _lose(sides: Sides) -> str:
    share = (
        f": {100 * sides.lost / sides.before:.0f} % of those who have it" if sides.before else ""
    )
    users = "user loses" if sides.lost == 1 else "users lose"
    return f"{sides.lost:,} {users} the feature{share}."


def overlap(view: View, other: str, both: Lookup, marks: Marks) -> str:
    """How this flag and another one fall on the same units; ``both`` has the other as before."""
    name, sides = view.rule.name, both.sides(view.percentage)
    pair = Pair(name, other, sides.on, sides.new, sides.lost, sides.off)
    phi = pair.phi
    said = "one of them is the same for all: there is nothing to compare" if phi is None else (
        f"phi = {phi:+.4f} (0: independent, 1: the same users), p = {p_text(pair.p)}"
    )  # fmt: skip
    rows = [
        (f"{name} on", f"{sides.on:,}", f"{sides.new:,}"),
        (f"{name} off", f"{sides.lost:,}", f"{sides.off:,}"),
    ]
    table = plain_table(("", f"{other} on", f"{other} off"), rows)
    return section(
        f"Together with {other}",
        f'<p class="small">{pair.both:,} users have both; {pair.expected:,.0f} would if the flags '
        f"were independent. {escape(said[0].upper() + said[1:])}.</p>{table}",
        "Overlap",
    )
