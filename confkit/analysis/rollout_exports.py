"""What a page about a rollout hands out: the flag, its SQL, a test, the plots as files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from confkit.analysis.panels import View, summary, where_they_fall
from confkit.analysis.user_story import UserStory, as_test
from confkit.errors import MissingExtra, NoSql
from confkit.figures.histogram import BASE
from confkit.figures.marks import Marks
from confkit.figures.picture import image, standalone
from confkit.flags.rules.model import Rule
from confkit.flags.rules.sql import flag_sql
from confkit.tables import escape, html_details, html_table

#: The warehouses whose SQL is handed out; the first three are run in our tests.
WAREHOUSES = ("postgresql", "spark", "clickhouse", "bigquery", "snowflake", "trino")


def flag_yaml(rule: Rule) -> str:
    """The flag as it is in a flag file."""
    document = {rule.name: rule.as_document()}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def warehouse_sql(rule: Rule, rules: Mapping[str, Rule] | None = None) -> str:
    """The flag as a query for each of six warehouses, each with what checks the engine.

    :param rules: the rules of the prerequisites.
    """
    parts = []
    for dialect in WAREHOUSES:
        try:
            found = flag_sql(rule, dialect, rules=rules)
        except NoSql as error:
            said = str(error).replace("\n", "\n-- ")
            parts.append(f"-- {dialect}: {said}\n")
            continue
        variant = f",\n       {found.variant} AS variant" if found.variant else ""
        parts.append(
            f"-- {dialect}\nSELECT *,\n       {found.predicate} AS is_on,\n"
            f"       {found.bucket} AS bucket{variant}\nFROM users;\n\n"
            f"-- {dialect}: gives no rows where the engine agrees\n{found.selfcheck};\n"
        )
    return "\n".join(parts)


def test_file(rule: Rule, stories: Iterable[UserStory], attributes: Mapping[str, Any]) -> str:
    """A pytest file that holds the answers of some users; it brings its own flag."""
    document = rule.as_document()
    tests = "\n\n".join(as_test(story, attributes) for story in stories)
    return (
        "import pytest\n\nfrom confkit import Flags, MemoryStore\n\n\n"
        "@pytest.fixture\ndef flags():\n"
        f"    rules = {{{rule.name!r}: {document!r}}}\n"
        "    with Flags(MemoryStore(rules), background=False) as flags:\n"
        f"        yield flags\n\n\n{tests}"
    )


test_file.__test__ = False  # type: ignore[attr-defined]


def histogram_svg(view: View, wide: int = 960) -> str:
    """The histogram as a document of its own."""
    marks = Marks("figure")
    found = re.search(
        r"<svg height=.*?role=\"img\".*</svg>(?=</div>)", where_they_fall(view, marks)
    )
    assert found is not None
    drawing, _, _ = found[0].partition("</svg></div>")
    return standalone(f"{drawing}", marks, wide=wide, high=BASE + 44)


def saved(view: View) -> str:
    """The result as an untrusted notebook keeps it: a sentence, a picture, a folded table."""
    said = summary(view)
    rows = []
    for n, sides in enumerate(view.found.bins(view.percentage)):
        if n % 10 == 0:
            rows.append([0, 0])
        rows[-1][0] += sides.total
        rows[-1][1] += sides.after
    table = html_table(
        ("buckets", "users", "on"),
        [(f"{10 * n} to {10 * n + 10} %", f"{a:,}", f"{on:,}") for n, (a, on) in enumerate(rows)],
    )
    picture = image(histogram_svg(view), said)
    return f"<p>{escape(said)}</p>{picture}{html_details('The same as a table', table)}"


def matplotlib_figure(view: View) -> Any:
    """The histogram as a figure of matplotlib, for papers: ``.savefig("rollout.pdf")``.

    :raises confkit.MissingExtra: without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("matplotlib", "figures") from None
    figure = Figure(figsize=(9, 3), layout="constrained")
    axes = figure.subplots()
    bins = view.found.bins(view.percentage)
    below = [0] * len(bins)
    for name, colour, hatch in (
        ("on", "#0072B2", ""),
        ("new", "#009E73", ".."),
        ("lost", "#D55E00", "xx"),
        ("off", "#E69F00", "//"),
    ):
        heights = [getattr(one, name) for one in bins]
        if any(heights):
            axes.bar(
                [n + 0.5 for n in range(len(bins))],
                heights,
                0.84,
                below,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0,
                label={"on": "stay on", "new": "newly on", "lost": "turned off"}.get(name, "off"),
            )
        below = [low + height for low, height in zip(below, heights, strict=True)]
    axes.axvline(view.percentage, color="black", linewidth=2)
    axes.axhline(view.found.total / len(bins), color="black", linestyle=":", linewidth=1)
    axes.set(xlim=(0, 100), xlabel="bucket, %", ylabel="users", title=view.rule.name)
    axes.legend(loc="lower right")
    return figure
