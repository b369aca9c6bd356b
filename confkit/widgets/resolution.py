"""The config resolution explorer: where each setting comes from, and what is wrong."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from confkit import clocks
from confkit.errors import ConfkitError
from confkit.figures.marks import Marks
from confkit.reports import settings_panels
from confkit.reports.difference import Diff, diff
from confkit.reports.key_table import count_line, key_by_layer, shown_rows
from confkit.reports.matrix import MatrixRow, matrix
from confkit.reports.page_style import SHEET
from confkit.reports.waterfall import problems, why
from confkit.resolution.snapshot import Resolution
from confkit.resolution.variables import unknown_names
from confkit.tables import escape
from confkit.widgets.config_source import ConfigSource, Overlay, config_source, projects
from confkit.widgets.controls import Announcement, Page, html, style
from confkit.widgets.resolution_controls import ResolutionControls
from confkit.widgets.resolution_exports import resolution_exports


def config_resolution(
    config: object = None, *, root: object = None, environment: str | None = None, **options: Any
) -> ConfigResolution:
    """A page that shows where each setting comes from, also where the settings do not load.

    :param config: a ``Config``, a ``Resolution``, an ``InvalidConfig``, a settings class, or
        ``"module:Class"``; None: the settings of the project, and of the projects below it.
    :param root: where the files are, for a class.
    :param environment: the environment to begin with, for a class.
    :param options: ``prefix``, ``rules``, ``resolvers``, ``secrets_dir`` and ``empty`` of
        :func:`confkit.load`, for a class.
    :raises confkit.MissingExtra: without the extra ``widgets``.
    :raises ValueError: for what is none of these.

    ::

        config_resolution("shop.settings:Settings", environment="production")
    """
    found = {} if config is not None else projects(root, **options)
    if not found:
        source = config_source(config, root, **options)
        found = {source.name: source}
    return ConfigResolution(found, environment)


#: What servers of notebooks set for themselves, which is no misspelt setting.
_THEIRS = ("JPY_", "JUPYTER", "VOILA_")


def _telling(rows: Sequence[MatrixRow]) -> str:
    """The key that tells most: a broken one, else the one that most layers set."""
    broken = (row.key for row in rows if row.problems)
    most = max(rows, key=lambda row: sum(cell is not None for cell in row.cells), default=None)
    return next(broken, "" if most is None else most.key)


class ConfigResolution(Page):
    """The page: controls above, the table of keys and layers, and one key in full."""

    def __init__(self, sources: dict[str, ConfigSource], environment: str | None) -> None:
        self._sources = sources
        self._source = next(iter(sources.values()))
        self._busy = False
        self.controls = controls = ResolutionControls(list(sources))
        self.table, self.why, self.problems, self.message = html(), html(), html(), html()
        self.names, self.secrets, self.differences = html(), html(), html()
        self.header = html()
        self.live = Announcement()
        self.compared: Diff | None = None
        self.exports = resolution_exports(lambda: (self.resolution, self.compared))
        super().__init__(self._arranged())
        self._choose(environment)
        self.exports.rename()
        for control in controls.of_input:
            control.observe(self._resolve, "value")
        for control in controls.of_view:
            control.observe(self._show, "value")
        controls.project.observe(self._choose_project, "value")

    def __repr__(self) -> str:
        return f"<ConfigResolution of {self._source.name}>"

    def _arranged(self) -> list[Any]:
        return [
            style(Marks(f"ck{secrets.token_hex(3)}"), SHEET),
            *(self.header, self.controls.bar(), self.controls.second),
            *(self.live, self.message, self.problems, self.table, self.why),
            *(self.differences, self.secrets, self.names),
            *(self.exports.bar, self.exports.done),
        ]

    def summary_html(self) -> str:
        """The table of keys and layers, as a saved notebook keeps it."""
        return matrix(self.resolution)._repr_html_()

    # What is asked

    def _choose_project(self, _: object = None) -> None:
        self._source = self._sources[self.controls.project.value]
        self._choose(None)

    def _choose(self, environment: str | None) -> None:
        """Take the environments of the settings, and resolve the first."""
        self.header.value = (
            "<h2>Config resolution explorer</h2><p class='dim'>Which layer sets each key of "
            f"<code>{escape(self._source.name)}</code>. Secrets stay hidden.</p>"
        )
        self._busy = True
        try:
            self.controls.offer_environments(self._source, environment)
        finally:
            self._busy = False
        self._resolve()

    def _resolve(self, _: object = None) -> None:
        """Resolve again, and show it."""
        if self._busy:
            return
        controls = self.controls
        try:
            overlay = controls.overlay()
            every = self._source.resolve(controls.chosen, replace(overlay, without=frozenset()))
            off = overlay.without & {layer.name for layer in every.read}
            found = every
            if off:
                found = self._source.resolve(controls.chosen, replace(overlay, without=off))
        except (ConfkitError, OSError) as error:
            self._refuse(error)
            return
        self.message.value = ""
        self.resolution: Resolution[Any] = found
        self._busy = True
        try:
            names = [layer.name for layer in every.read]
            controls.mask(every, overlay)
            controls.offer_layers(names, off, self._resolve)
            rows = matrix(found).rows
            controls.offer_keys([row.key for row in rows], _telling(rows))
        finally:
            self._busy = False
        self._show()

    def _refuse(self, error: Exception) -> None:
        self.message.value = (
            f'<section aria-label="Problem"><p class="bad">✗ {escape(str(error))}</p></section>'
        )
        self.live.text = str(error)

    # What is shown

    def _show(self, _: object = None) -> None:
        """Show what the filter lets through, and the key that is explained."""
        if self._busy:
            return
        controls, found = self.controls, self.resolution
        shown = controls.shown()
        self.table.value = key_by_layer(found, shown, marked=controls.key.value)
        self.why.value = why(found, controls.key.value) if controls.key.value else ""
        self.problems.value = problems(found.problems)
        unknown = [p for p in unknown_names(found) if not p.key.startswith(_THEIRS)]
        self.names.value = settings_panels.names_nobody_reads(found, unknown)
        rows = settings_panels.secret_rows(found, self._source.root or Path(), clocks.time())
        self.secrets.value = settings_panels.secrets(rows)
        self._compare()
        table = matrix(found)
        self.live.text = count_line(found, shown_rows(found, table, shown), table)

    def _compare(self) -> None:
        other = self.controls.compare.value
        self.compared = None
        if other:
            side = self._source.resolve(other, Overlay())
            names = (other, f"{self.controls.chosen} (this page)")
            self.compared = diff(side, self.resolution, names=names)
        self.differences.value = (
            "" if self.compared is None else settings_panels.differences(self.compared)
        )
