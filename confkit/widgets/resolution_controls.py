"""The controls of the config explorer, and the overlay and the keys that they ask for."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from confkit.environments import DEFAULT_ENVIRONMENT
from confkit.layers import bare
from confkit.redaction.names import sensitive_name
from confkit.reports.key_table import Shown
from confkit.resolution.snapshot import Resolution
from confkit.secret import MASK
from confkit.widgets.config_source import ConfigSource, Overlay, variables, words
from confkit.widgets.controls import group, wide, widgets

#: What stands in the picker where there is no environment to choose.
AS_LOADED = "as it was loaded"


class ResolutionControls:
    """Every control, each named after what it asks for.

    :param projects: the names of projects to choose from, the first of which is shown.
    """

    def __init__(self, projects: Sequence[str]) -> None:
        self.project = widgets.Dropdown(
            options=list(projects), value=next(iter(projects), None), description="Project"
        )
        self.project.layout.display = None if len(projects) > 1 else "none"
        self.filter = widgets.Text(description="Filter keys", placeholder="pool, api.*, /timeout$/")
        self.environment = widgets.Dropdown(description="Environment")
        self.compare = widgets.Dropdown(description="Compare with")
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
        #: what was typed for secrets: by the name of a variable, and whole command lines
        self._typed: dict[str, str] = {}
        self._typed_words: dict[str, str] = {}
        self.second = group("ck-bar", wide(self.layers), self.variables, self.words)
        self.more.observe(self._fold, "value")
        self._fold()

    @property
    def of_input(self) -> tuple[Any, ...]:
        """The controls that the settings follow."""
        return (self.environment, self.variables, self.words)

    @property
    def of_view(self) -> tuple[Any, ...]:
        """The controls that only what is shown follows."""
        only = (self.overruled, self.secrets, self.default)
        return (self.filter, *only, self.key, self.compare)

    def bar(self) -> Any:
        """The controls that are always seen."""
        only = wide(group("ck-buttons", self.overruled, self.secrets, self.default))
        pickers = (self.project, self.filter, self.environment, self.key, self.compare)
        return group("ck-bar", *pickers, self.more, only)

    def _fold(self, _: object = None) -> None:
        self.second.layout.display = None if self.more.value else "none"

    def offer_environments(self, source: ConfigSource, first: str | None) -> None:
        """Offer the environments that the settings have."""
        names = source.environments()
        value = first or (DEFAULT_ENVIRONMENT if DEFAULT_ENVIRONMENT in names else AS_LOADED)
        if names and value not in names:
            names = [*names, value]
        self.environment.options = names or [AS_LOADED]
        self.environment.value = value if names else AS_LOADED
        self.environment.disabled = not names
        self.compare.options = [("nothing", ""), *((name, name) for name in names)]
        self.compare.value = ""
        self.compare.disabled = not names

    def offer_keys(self, keys: Sequence[str], first: str = "") -> None:
        """Offer keys to explain; one that is still there stays chosen.

        :param first: the key to explain where none was offered before.
        """
        held = self.key.value if len(self.key.options) > 1 else first
        self.key.options = [("none", ""), *((key, key) for key in keys)]
        self.key.value = held if held in keys else ""

    def offer_layers(
        self, names: Sequence[str], off: frozenset[str], changed: Callable[[object], None]
    ) -> None:
        """A box for each layer, ticked where it counts."""
        names = list(dict.fromkeys(names))
        if names == [box.description for box in self.layers.children]:
            return
        boxes = []
        for name in names:
            box = widgets.Checkbox(value=name not in off, description=name, indent=False)
            box.observe(changed, "value")
            boxes.append(box)
        self.layers.children = boxes

    @property
    def chosen(self) -> str | None:
        """The environment; None where there is none to choose."""
        return None if self.environment.disabled else self.environment.value

    def overlay(self) -> Overlay:
        """What the controls lay over the settings.

        :raises confkit.InvalidConfig: for a line that is no variable.
        """
        off = frozenset(box.description for box in self.layers.children if not box.value)
        given = variables(self.variables.value)
        for name, value in given.items():
            if value == MASK:
                given[name] = self._typed.get(name, value)
        line = self._typed_words.get(self.words.value, self.words.value)
        return Overlay(given, words(line), off)

    def mask(self, resolution: Resolution[Any], overlay: Overlay) -> None:
        """Show ``***`` for what was typed for secrets: a notebook is saved with its controls.

        What was typed is kept here, and counts as long as it is shown so.
        """
        lines = []
        for line in self.variables.value.splitlines():
            name = line.strip().removeprefix("export ").partition("=")[0].strip()
            key = resolution.schema.variables.get(name, "")
            secret = resolution.visibility(key).secret if key else sensitive_name(name)
            if secret and overlay.variables.get(name):
                self._typed[name] = overlay.variables[name]
                line = f"{name}={MASK}"
            lines.append(line)
        self.variables.value = "\n".join(lines)
        line = self._typed_words.get(self.words.value, self.words.value)
        hidden = {text for key, text in _options(resolution) if resolution.visibility(key).secret}
        given = words(line)
        # By words, as they are after the quotes were taken off.
        shown = [_without(word, hidden) for word in given]
        if shown != given:
            self._typed_words = {shlex.join(shown): line}
            self.words.value = shlex.join(shown)

    def shown(self) -> Shown:
        """Which keys to show."""
        only = (self.overruled.value, self.secrets.value, self.default.value)
        return Shown(self.filter.value, *only)


def _options(resolution: Resolution[Any]) -> Iterator[tuple[str, str]]:
    """The texts that a command line sets, by key."""
    for layer in resolution.stack:
        for key, entry in layer.entries.items():
            if entry.origin.kind == "argv":
                raw = bare(entry.raw)
                texts = raw if isinstance(raw, list) else [raw]
                yield from ((key, text) for text in texts if isinstance(text, str) and text)


def _without(word: str, hidden: set[str]) -> str:
    """A word without the texts that are hidden; the longest first."""
    for text in sorted(hidden, key=len, reverse=True):
        word = word.replace(text, MASK)
    return word
