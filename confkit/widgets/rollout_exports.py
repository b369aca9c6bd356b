"""The export bar of the rollout explorer: one kind, one file name, one button."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from confkit.analysis import rollout_exports as made
from confkit.analysis.assignment_file import write_assignment
from confkit.analysis.panels import View
from confkit.analysis.people import People
from confkit.analysis.user_story import user_story
from confkit.atomic import written
from confkit.errors import ConfkitError, InvalidPopulation
from confkit.flags.rules.evaluation import Compiled
from confkit.tables import escape
from confkit.widgets.controls import group, html, widgets
from confkit.widgets.flag_source import FlagSource

#: Files up to this size are offered as a link as well, which is in the page itself.
LINKED = 2_000_000
KINDS = {
    "the flag as YAML": ".yaml",
    "SQL for six warehouses": ".sql",
    "a test for pytest": "_test.py",
    "the histogram as SVG": ".svg",
    "the histogram as PNG": ".png",
    "the assignment as CSV": ".csv",
    "the assignment as Parquet": ".parquet",
}
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv"}


class Exports:
    """The bar; ``asked`` gives what the page shows: view, users, attributes, the user."""

    def __init__(
        self, source: FlagSource, asked: Callable[[], tuple[View, People, dict[str, Any], str]]
    ) -> None:
        self._source, self._asked = source, asked
        self.kind = widgets.Dropdown(options=list(KINDS), description="Export")
        self.path = widgets.Text(description="File", continuous_update=False)
        self.button = widgets.Button(description="Write the file")
        self.done = html()
        self.bar = group("ck-bar", self.kind, self.path, self.button)
        self.kind.observe(self.rename, "value")
        self.button.on_click(self.write)

    def rename(self, _: object = None) -> None:
        """A file name that fits the flag and the kind."""
        name = self._asked()[0].rule.name
        self.path.value = f"{name}{KINDS[self.kind.value]}"
        self.done.value = ""

    def write(self, _: object = None) -> None:
        """Write the file, and say where it is."""
        path = Path(self.path.value.strip() or "rollout").expanduser()
        try:
            said = self._written(path)
        except (ConfkitError, OSError) as error:
            self.done.value = f'<p class="bad" role="alert">✗ {escape(str(error))}</p>'
            return
        self.done.value = (
            '<p role="status"><span class="good">✓ Written:</span> '
            f"<code>{escape(str(path))}</code>"
            f" ({escape(said)}). {self._link(path)}</p>"
        )

    def _written(self, path: Path) -> str:
        view, crowd, shared, user = self._asked()
        flag = Compiled(view.rule)
        table = self._source.table()
        if self.kind.value.startswith("the assignment"):
            wanted = KINDS[self.kind.value]
            if path.suffix != wanted:
                raise InvalidPopulation(f"{path}: the name of this kind ends in {wanted}")
            rows = write_assignment(flag, crowd, path, table=table, shared=shared)
            return f"{rows:,} rows"
        content = self._content(view, flag, shared, user)
        with written(path) as beside:
            beside.write_bytes(content)
        return f"{len(content):,} bytes"

    def _content(self, view: View, flag: Compiled, shared: dict[str, Any], user: str) -> bytes:
        table = self._source.table()
        kind = KINDS[self.kind.value]
        if kind == ".png":
            file = BytesIO()
            made.matplotlib_figure(view).savefig(file, format="png", dpi=200)
            return file.getvalue()
        if kind == ".svg":
            return made.histogram_svg(view).encode()
        if kind == ".sql":
            rules = {n: f.rule for n, f in table.items() if isinstance(f, Compiled)}
            return made.warehouse_sql(view.rule, rules).encode()
        if kind == "_test.py":
            return made.test_file(
                view.rule, [user_story(flag, user, table, shared)], shared
            ).encode()
        return made.flag_yaml(view.rule).encode()

    @staticmethod
    def _link(path: Path) -> str:
        content = path.read_bytes() if path.stat().st_size <= LINKED else None
        if content is None:
            return ""
        kind = _TYPES.get(path.suffix, "application/octet-stream")
        data = base64.b64encode(content).decode()
        return (
            f'<a class="copy" download="{escape(path.name)}" href="data:{kind};base64,{data}">'
            f"Save {escape(path.name)}</a>"
        )
