"""One user as HTML: from the id to the bucket, and what the rule asks in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.analysis.panels import section
from confkit.analysis.user_story import UserStory, as_test, percent_of
from confkit.figures.marks import Marks
from confkit.figures.shares import strip
from confkit.tables import escape

_SAID = {"ok": "holds", "fails": "fails", "no": "the next one is asked"}
_SIGNS = {"ok": "✓", "fails": "✗", "no": "–"}


def one_user(
    story: UserStory,
    marks: Marks,
    percentage: float,
    attributes: Mapping[str, Any] | None = None,
) -> str:
    """The panel about one unit; ``percentage`` is where the rollout is cut."""
    decision = story.decision
    state = '<span class="pill">ON</span>' if decision.value else '<span class="pill no">OFF</span>'
    if decision.variant is not None:
        state += f" variant <b>{escape(decision.variant)}</b>"
    cut = percentage / 100
    place = percent_of(story.bucket)
    side = f"{abs(percentage - place):.3f} points {'above' if percentage > place else 'below'}"
    drawn = strip(marks, place / 100, cut)
    test = escape(as_test(story, attributes))
    return section(
        f"One user: {story.unit}",
        f'<p class="row" style="margin:6px 0 12px">{state}</p><div class="cols"><div>'
        f"<h4>From the id to the bucket</h4>{_hash(story)}{drawn}"
        f'<p class="small dim">The ring is {escape(story.unit)} at {place:.3f} %; the line is the '
        f"cut at {percentage:g} %, {side}.</p></div><div><h4>What the rule asks, in order</h4>"
        f"{trace(story)}<details><summary>Copy as a test</summary><pre>{test}</pre></details>"
        "</div></div>",
        "One user",
    )


def _hash(story: UserStory) -> str:
    first, second, rest = story.hexes[:8], story.hexes[8:16], story.hexes[16:]
    rows = [
        ("text", f'<code class="hx">{escape(story.text)}</code>'),
        ("md5", f'<code><mark>{first}</mark><u>{second}</u><span class="dim">{rest}</span></code>'),
    ]
    place = percent_of(story.bucket)
    if story.text == story.unit:  # the older scheme: no salt, the remainder of a division
        rows.append(("bucket", f"the whole number, remainder by 100: <b>{place:g} %</b>"))
    else:
        rows.append(
            (
                "bucket",
                (
                    f"<mark><code>{first}</code></mark> = {story.word:,}; "
                    f'× 100 ÷ 2<sup>32</sup> = <b class="nw">{place:.3f} %</b>'
                ),
            )
        )
    if story.decision.variant is not None:
        rows.append(
            (
                "variant",
                (
                    f"<u><code>{second}</code></u> = {100 * story.point:.3f} %: "
                    f"<b>{escape(story.decision.variant)}</b>"
                ),
            )
        )
    items = "".join(f'<li><span class="k">{k}</span><span>{text}</span></li>' for k, text in rows)
    return f'<ol class="steps">{items}</ol>'


def trace(story: UserStory) -> str:
    """Every question of the rule with its answer."""
    items = "".join(
        f'<li class="{step.state}{" end" if step.last else ""}">'
        f'<i aria-hidden="true">{_SIGNS[step.state]}</i>{escape(step.text)}'
        f'<span class="vh">: {_SAID[step.state]}</span></li>'
        for step in story.steps
    )
    return f'<ol class="trace">{items}</ol>'
