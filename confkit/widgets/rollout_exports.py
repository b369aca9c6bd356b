"""What the rollout explorer exports: the flag, its SQL, a test, the plot, the assignment."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from confkit.analysis import rollout_exports as made
from confkit.analysis.assignment_file import write_assignment
from confkit.analysis.panels import View
from confkit.analysis.people import People
from confkit.analysis.user_story import user_story
from confkit.errors import InvalidPopulation
from confkit.flags.rules.evaluation import Compiled
from confkit.widgets.export_bar import ExportBar, write_content
from confkit.widgets.flag_source import FlagSource

KINDS = {
    "the flag as YAML": ".yaml",
    "SQL for six warehouses": ".sql",
    "a test for pytest": "_test.py",
    "the histogram as SVG": ".svg",
    "the histogram as PNG": ".png",
    "the assignment as CSV": ".csv",
    "the assignment as Parquet": ".parquet",
}

#: What a page shows: view, users, the attributes that all share, the user.
Asked = Callable[[], tuple[View, People, dict[str, Any], str]]


def rollout_exports(source: FlagSource, asked: Asked) -> ExportBar:
    """The bar of a page."""

    def write(kind: str, path: Path) -> str:
        view, crowd, shared, user = asked()
        flag, table, end = Compiled(view.rule), source.table(), KINDS[kind]
        if end not in (".csv", ".parquet"):
            return write_content(path, _content(end, view, source, shared, user))
        if path.suffix != end:
            raise InvalidPopulation(f"{path}: the name of this kind ends in {end}")
        rows = write_assignment(flag, crowd, path, table=table, shared=shared)
        return f"{rows:,} rows"

    return ExportBar(KINDS, lambda: asked()[0].rule.name, write)


def _content(end: str, view: View, source: FlagSource, shared: dict[str, Any], user: str) -> bytes:
    rule, table = view.rule, source.table()
    if end == ".png":
        file = BytesIO()
        made.matplotlib_figure(view).savefig(file, format="png", dpi=200)
        return file.getvalue()
    if end == ".svg":
        return made.histogram_svg(view).encode()
    if end == ".sql":
        rules = {name: flag.rule for name, flag in table.items() if isinstance(flag, Compiled)}
        return made.warehouse_sql(rule, rules).encode()
    if end == "_test.py":
        story = user_story(Compiled(rule), user, table, shared)
        return made.test_file(rule, [story], shared).encode()
    return made.flag_yaml(rule).encode()
