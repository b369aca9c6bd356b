"""Which settings a page is about: a configuration, a resolution, a class or ``module:Class``."""

from __future__ import annotations

import dataclasses
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from confkit.config import Config
from confkit.discovery import environments
from confkit.environments import DEFAULT_ENVIRONMENT
from confkit.errors import InvalidConfig, Problem
from confkit.layers import Layer, Source
from confkit.loading import resolve
from confkit.project import tool_settings
from confkit.resolution.snapshot import Resolution
from confkit.sources.argv import Argv
from confkit.sources.environ import Environ
from confkit.unseen import Unseen
from confkit.widgets.flag_source import project_directory


@dataclass(frozen=True)
class Overlay:
    """What a page lays over the settings, for itself alone.

    :ivar variables: environment variables, as ``NAME=value``; ``words`` those of a command line.
    :ivar without: the names of layers that are left out.
    """

    variables: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    words: Sequence[str] = dataclasses.field(default=(), repr=False)
    without: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.variables or self.words or self.without)


class _Held:
    """A layer that was read already, as a source."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def read(self) -> Layer:
        return self._layer


class ConfigSource:
    """Settings to look at, in any environment and under any overlay."""

    def __init__(
        self,
        settings: type | None,
        root: Path | None,
        held: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings, self._root, self._held = settings, root, held
        self._options = dict(options or {})

    @property
    def name(self) -> str:
        """The name of the settings class."""
        if self._settings is not None:
            return self._settings.__name__
        return str(self._held.resolution.schema.name)

    @property
    def root(self) -> Path | None:
        """Where the files are; None for the working directory."""
        return self._root

    def environments(self) -> list[str]:
        """The environments that there are files for; empty where there is nothing to choose."""
        if self._settings is None:
            return []
        return sorted({DEFAULT_ENVIRONMENT, *environments(self._root or Path())})

    def resolve(self, environment: str | None, overlay: Overlay) -> Resolution[Any]:
        """The settings, right or wrong.

        :raises InvalidSource: for words of a command line that are no options.
        """
        if self._settings is not None:
            found: Resolution[Any] = resolve(
                self._settings,
                environment=environment,
                root=self._root,
                environ={**os.environ, **overlay.variables},
                argv=list(overlay.words) or None,
                **self._options,
            )
            layers: Sequence[Layer] = found.read
        else:
            found = self._held.resolution
            more: list[Source] = []
            if overlay.variables:
                more.append(Environ(environ=Unseen(overlay.variables)))
            if overlay.words:
                more.append(Argv(list(overlay.words)))
            layers = [*found.read, *(source.read() for source in more)]
            if more:
                found = self._again(layers)
        if overlay.without:
            return self._again([one for one in layers if one.name not in overlay.without])
        return found

    def _again(self, layers: Sequence[Layer]) -> Resolution[Any]:
        if isinstance(self._held, Config):
            return self._held.resolve_layers(layers)
        schema = self._settings or self._held.resolution.schema.type
        held = [_Held(layer) for layer in layers] or [_Held(Layer("nothing"))]
        options = {k: v for k, v in self._options.items() if k in ("rules", "resolvers")}
        return resolve(schema, *held, **options)


def config_source(config: object = None, root: object = None, **options: Any) -> ConfigSource:
    """The settings that a configuration, a resolution, a class or ``module:Class`` stands for.

    None: the settings that ``[tool.confkit]`` names, of the project that the working directory is
    in.

    :param root: where the files are; by default as ``[tool.confkit]`` has it.
    :raises ValueError: for a name that names no settings class, with the reason.
    """
    if isinstance(config, type):
        return ConfigSource(config, _root(root), None, options)
    if config is None or isinstance(config, str):
        return ConfigSource(_named(config), _root(root), None, options)
    if isinstance(config, InvalidConfig):
        config = config.resolution
    if not hasattr(config, "resolution"):
        kind = type(config).__name__
        raise ValueError(
            f"config_resolution takes a Config, a Resolution, a class or 'module:Class', not {kind}"
        )
    return ConfigSource(None, None, config)


#: Directories that hold no project of one's own.
_SKIPPED = {".git", ".nox", ".tox", ".venv", "venv", "node_modules", "build", "dist"}


def projects(root: object = None, **options: Any) -> dict[str, ConfigSource]:
    """The settings of the project around the working directory, and of those up to two below it.

    Each is called by its directory; empty where there is no project.
    """
    place = project_directory()
    if place is None:
        return {}
    found: dict[str, ConfigSource] = {}
    below = (path.parent for path in sorted([*place.glob("*/pyproject.toml"),
                                             *place.glob("*/*/pyproject.toml")]))  # fmt: skip
    for directory in (place, *below):
        if _SKIPPED & set(directory.relative_to(place).parts):
            continue
        table = tool_settings(directory)
        if isinstance(settings := table.get("settings"), str):
            where = root if root is not None else directory / str(table.get("root", "."))
            name = place.name if directory == place else directory.relative_to(place).as_posix()
            found[name] = ConfigSource(
                _class_of(settings, directory), Path(str(where)), None, options
            )
    return found


def _root(given: object) -> Path | None:
    if given is not None:
        return Path(str(given))
    place = project_directory()
    if place is None:
        return None
    root = tool_settings(place).get("root")
    return place / root if isinstance(root, str) else place


def _named(text: str | None) -> type:
    place = project_directory()
    if text is None:
        settings = None if place is None else tool_settings(place).get("settings")
        if not isinstance(settings, str):
            raise ValueError(
                "which settings? Write config_resolution('package.module:Class'), or once in "
                'pyproject.toml: [tool.confkit] settings = "package.module:Class"'
            )
        text = settings
    return _class_of(text, place)


def _class_of(text: str, place: Path | None) -> type:
    module_name, colon, class_name = text.partition(":")
    if not (module_name and colon and class_name):
        raise ValueError(f"{text!r} is not module:Class, such as shop.settings:Settings")
    for directory in (Path.cwd(), place):
        if directory is not None and str(directory) not in sys.path:
            sys.path.insert(0, str(directory))
    found = getattr(import_module(module_name), class_name, None)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError(f"{module_name} has no settings class {class_name}")
    return found


def variables(text: str) -> dict[str, str]:
    """``NAME=value`` on each line.

    :raises InvalidConfig: for a line that is none; its text is not shown, since it may be a secret.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not (line := line.strip()) or line.startswith("#"):
            continue
        name, equals, value = line.removeprefix("export ").partition("=")
        if not equals or not name.strip():
            problem = Problem("", f"line {number} is not NAME=value", code="argument")
            raise InvalidConfig("the overlay", [problem])
        found[name.strip()] = value.strip()
    return found


def words(text: str) -> list[str]:
    """The words of a command line, as a shell parts them.

    :raises InvalidConfig: for a quotation mark that is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError:
        problem = Problem("", "a quotation mark is not closed", code="argument")
        raise InvalidConfig("the command line", [problem]) from None
