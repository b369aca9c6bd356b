"""Which settings a command is about, and where their files are."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from confkit.cli.output import PROBLEMS, USAGE, print_json
from confkit.config import Config
from confkit.discovery import environments, without_files
from confkit.environments import DEFAULT_ENVIRONMENT, choose
from confkit.errors import InvalidConfig, Problem, SchemaError
from confkit.loading import load, resolve
from confkit.project import project_root, tool_settings
from confkit.redaction import mask_text
from confkit.resolution.references import AnyResolver
from confkit.resolution.snapshot import Resolution


def load_target(text: str) -> type:
    """The settings class that ``package.module:Class`` names.

    The working directory can be imported from, as with ``python -m``.

    :raises click.UsageError: saying which part of the name is wrong.
    """
    module_name, colon, class_name = text.partition(":")
    if not (module_name and colon and class_name):
        raise click.UsageError(f"{text!r} is not module:Class, such as shop.settings:Settings")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise click.UsageError(f"{module_name} cannot be imported: {error}") from None
    except Exception as error:
        what = f"{type(error).__name__}: {mask_text(str(error))}"
        raise click.UsageError(f"{module_name} fails while it is imported: {what}") from error
    found = getattr(module, class_name, None)
    if found is None:
        classes = [n for n, v in vars(module).items() if dataclasses.is_dataclass(v)]
        has = f"; it has {', '.join(classes)}" if classes else ""
        raise click.UsageError(f"{module_name} has no {class_name}{has}")
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise click.UsageError(f"{text} is not a dataclass")
    return found


@contextmanager
def importing_from(directory: Path) -> Iterator[None]:
    """Import from ``directory`` first, and forget afterwards what was imported from it.

    So packages of one repository may each have a module of the same name.
    """
    before = set(sys.modules)
    inside = str(directory.absolute())
    sys.path.insert(0, inside)
    try:
        yield
    finally:
        sys.path.remove(inside)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(inside + os.sep):
                del sys.modules[name]


def default_target() -> str:
    """``[tool.confkit] settings``.

    :raises click.UsageError: with the two ways to name the settings.
    """
    named = tool_settings().get("settings")
    if not isinstance(named, str):
        raise click.UsageError(
            "which settings? Name them with --settings package.module:Class, "
            'or once in pyproject.toml: [tool.confkit] settings = "package.module:Class"'
        )
    return named


@dataclass(frozen=True, slots=True)
class Target:
    """Settings and the root of their files, as the command line named them."""

    settings: type
    root: Path
    sets: tuple[str, ...] = ()

    def load(
        self, environment: str | None, resolvers: Mapping[str, AnyResolver] | None = None
    ) -> Config[Any]:
        """The settings for one environment, ``--set`` on top.

        :raises InvalidConfig: with every problem.
        """
        words: Sequence[str] = [word for one in self.sets for word in ("--set", one)]
        return load(
            self.settings,
            environment=environment,
            root=self.root,
            argv=words or None,
            resolvers=resolvers,
        )

    def resolve(
        self, environment: str | None, resolvers: Mapping[str, AnyResolver] | None = None
    ) -> Resolution[Any]:
        """The settings for one environment, right or wrong, ``--set`` on top."""
        words = [word for one in self.sets for word in ("--set", one)]
        return resolve(
            self.settings,
            environment=environment,
            root=self.root,
            argv=words or None,
            resolvers=resolvers,
        )

    def environment(self) -> str:
        """The name of the environment that holds where none is given.

        :raises click.UsageError: when ``$ENVIRONMENT`` is none.
        """
        try:
            return choose(None, os.environ, self.settings.__name__, root=self.root).name
        except InvalidConfig as error:
            raise click.UsageError(str(error.problems[0])) from None

    def environments(self) -> list[str]:
        """The environments that have a file, and the default one, which needs none."""
        return sorted({DEFAULT_ENVIRONMENT, *environments(self.root)})

    def without_files(self) -> list[Problem]:
        """A problem where no configuration file is found under the root, for no environment."""
        found = without_files(self.root)
        return [] if found is None else [found]


def _pairs(sets: tuple[str, ...]) -> tuple[str, ...]:
    if bare := [one for one in sets if "=" not in one]:
        raise click.UsageError(f"--set takes KEY=VALUE, and {bare[0]!r} is not that")
    return sets


_CODES: dict[type, str] = {SchemaError: "schema", InvalidConfig: "invalid"}


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--settings``, ``--root`` and ``--set``, and hand over a :class:`Target`."""

    @click.option("--settings", "-s", metavar="MODULE:CLASS", help="The settings class.")
    @click.option(
        "--root",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Where the files are looked up.",
    )
    @click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Override one key.")
    @wraps(command)
    def with_target(
        settings: str | None, root: Path | None, sets: tuple[str, ...], **options: Any
    ) -> Any:
        try:
            named = load_target(settings or default_target())
            target = Target(named, root or project_root(), _pairs(sets))
            return command(target=target, **options)
        except (click.UsageError, SchemaError, InvalidConfig) as error:
            if not options.get("as_json"):
                raise
            # Who asks for JSON reads standard output.
            text = error.format_message() if isinstance(error, click.UsageError) else str(error)
            print_json({"error": {"code": _CODES.get(type(error), "usage"), "message": text}})
            return PROBLEMS if isinstance(error, InvalidConfig) else USAGE

    return with_target


environment_option = click.option(
    "--environment", "-e", metavar="NAME", help="Default: $ENVIRONMENT, else development."
)
