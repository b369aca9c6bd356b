"""The config resolution explorer: where each setting comes from, and what is wrong."""

from __future__ import annotations

import secrets
from typing import Any

from confkit.environments import DEFAULT_ENVIRONMENT
from confkit.errors import ConfkitError
from confkit.figures.marks import Marks
from confkit.reports.key_table import Shown, count_line, key_by_layer, shown_rows
from confkit.reports.matrix import matrix
from confkit.reports.page_style import SHEET
from confkit.reports.waterfall import problems, why
from confkit.resolution.snapshot import Resolution
from confkit.tables import escape
from confkit.widgets.config_source import ConfigSource, Overlay, config_source, variables, words
from confkit.widgets.controls import Announcement, Page, group, html, style, wide, widgets


def config_resolution(
    config: object = None, *, root: object = None, environment: str | None = None, **options: Any
) -> ConfigResolution:
    """A page that shows where each setting comes from, also where the settings do not load.

    :param config: a ``Config``, a ``Resolution``, an ``InvalidConfig``, a settings class, or
        ``"module:Class"``; None: the settings of the project.
    :param root: where the files are, for a class.
    :param environment: the environment to begin with, for a class.
    :param options: ``prefix``, ``rules``, ``resolvers``, ``secrets_dir`` and ``empty`` of
        :func:`confkit.load`, for a class.
    :raises confkit.MissingExtra: without the extra ``widgets``.
    :raises ValueError: for what is none of these.

    ::

        config_resolution("shop.settings:Settings", environment="production")
    """
    return ConfigResolution(config_source(config, root, **options), environment)


class ConfigResolution(Page):
    """The page: controls above, the table of keys and layers, and one key in full."""

    def __init__(self, source: ConfigSource, environment: str | None) -> None:
        self._source = source
        self._busy = False
        self._make_controls(environment)
        self.table, self.why, self.problems, self.message = html(), html(), html(), html()
        self.live = Announcement()
        super().__init__(self._arranged())
        for control in (self.environment, self.variables, self.words):
            control.observe(self._resolve, "value")
        for control in (self.filter, self.overruled, self.secrets, self.default):
            control.observe(self._show, "value")
        self.key.observe(self._show, "value")
        self.more.observe(self._fold, "value")
        self._resolve()

    def __repr__(self) -> str:
        return f"<ConfigResolution of {self._source.name}>"

    def _make_controls(self, environment: str | None) -> None:
        names = self._source.environments()
        first = environment or (DEFAULT_ENVIRONMENT if DEFAULT_ENVIRONMENT in names else None)
        if names and first not in names:
            names.append(str(first))
        self.filter = widgets.Text(description="Filter keys", placeholder="pool, api.*, /timeout$/")
        self.environment = widgets.Dropdown(
            options=names or ["as it was loaded"],
            value=first if names else "as it was loaded",
            description="Environment",
            disabled=not names,
        )
        self.overruled = widgets.Checkbox(description="overruled somewhere", indent=False)
        self.secrets = widgets.Checkbox(description="secrets", indent=False)
        self.default = widgets.Checkbox(description="still the default", indent=False)
        self.key = widgets.Dropdown(options=[("none", "")], value="", description="Explain the key")
        self.more = widgets.ToggleButton(value=False, description="Layers and overlay")
        self.variables = widgets.Textarea(
            description="Environment variables, for this page only",
            placeholder="DATABASE_POOL_SIZE=30",
            continuous_update=False,
        )
        self.words = widgets.Text(
            description="Command line, for this page only",
            placeholder="--database.pool-size 30",
            continuous_update=False,
        )
        self.layers = group("ck-buttons")

    def _arranged(self) -> list[Any]:
        header = html(
            "<h2>Config resolution explorer</h2><p class='dim'>Which layer sets each key of "
            f"<code>{escape(self._source.name)}</code>. Secrets stay hidden.</p>"
        )
        only = group("ck-buttons", self.overruled, self.secrets, self.default)
        bar = group("ck-bar", self.filter, self.environment, self.key, only, self.more)
        self._more = group("ck-bar", wide(self.layers), self.variables, self.words)
        self._fold()
        return [
            style(Marks(f"ck{secrets.token_hex(3)}"), SHEET),
            header,
            bar,
            self._more,
            self.live,
            self.message,
            self.problems,
            self.table,
            self.why,
        ]

    def _fold(self, _: object = None) -> None:
        self._more.layout.display = None if self.more.value else "none"

    def overlay(self) -> Overlay:
        """What the controls lay over the settings.

        :raises confkit.InvalidConfig: for a line that is no variable.
        """
        off = frozenset(box.description for box in self.layers.children if not box.value)
        return Overlay(variables(self.variables.value), words(self.words.value), off)

    def _resolve(self, _: object = None) -> None:
        """Resolve again, and show it."""
        if self._busy:
            return
        environment = None if self.environment.disabled else self.environment.value
        try:
            overlay = self.overlay()
            whole = Overlay(overlay.variables, overlay.words)
            every = self._source.resolve(environment, whole)
            names = {layer.name for layer in every.read}
            off = overlay.without & names
            found = every
            if off:
                found = self._source.resolve(
                    environment, Overlay(overlay.variables, overlay.words, off)
                )
        except (ConfkitError, OSError) as error:
            self.message.value = (
                f'<section aria-label="Problem"><p class="bad">✗ {escape(str(error))}</p></section>'
            )
            self.live.text = str(error)
            return
        self.message.value = ""
        self.resolution: Resolution[Any] = found
        self._toggles([layer.name for layer in every.read], off)
        self._keys()
        self._show()

    def _toggles(self, names: list[str], off: frozenset[str]) -> None:
        if names == [box.description for box in self.layers.children]:
            return
        boxes = []
        for name in dict.fromkeys(names):
            box = widgets.Checkbox(value=name not in off, description=name, indent=False)
            box.observe(self._resolve, "value")
            boxes.append(box)
        self.layers.children = boxes

    def _keys(self) -> None:
        keys = [row.key for row in matrix(self.resolution)]
        self._busy = True
        try:
            held = self.key.value
            self.key.options = [("none", ""), *((key, key) for key in keys)]
            self.key.value = held if held in keys else ""
        finally:
            self._busy = False

    def _show(self, _: object = None) -> None:
        """Show what the filter lets through, and the key that is explained."""
        if self._busy:
            return
        shown = Shown(
            self.filter.value, self.overruled.value, self.secrets.value, self.default.value
        )
        found = self.resolution
        self.table.value = key_by_layer(found, shown, marked=self.key.value)
        self.why.value = why(found, self.key.value) if self.key.value else ""
        self.problems.value = problems(found.problems)
        table = matrix(found)
        self.live.text = count_line(found, shown_rows(found, table, shown), table)
