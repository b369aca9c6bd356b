"""``load()`` and ``resolve()``: from a settings class and its sources to settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from confkit.config import Config
from confkit.discovery import Discovery, of_conventions, of_sources
from confkit.environments import DEFAULT_ENVIRONMENT, FIELD, is_name
from confkit.errors import InvalidConfig, Problem
from confkit.layered import read_sources
from confkit.layers import Source
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema
from confkit.sources.names import Empty, checked_empty
from confkit.unseen import Unseen

if TYPE_CHECKING:
    import argparse

    from confkit.resolution.references import AnyResolver

T = TypeVar("T")


def load(
    settings: type[T],
    *sources: Source,
    environment: str | None = None,
    prefix: str = "",
    root: str | os.PathLike[str] | None = None,
    argv: Sequence[str] | argparse.Namespace | None = None,
    empty: Empty = "value",
    secrets_dir: str | os.PathLike[str] | None = None,
    rules: Mapping[str, Any] | None = None,
    resolvers: Mapping[str, AnyResolver] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config[T]:
    """Resolve ``settings``, a frozen dataclass, from its layers.

    Without ``sources`` the conventional layers are read, lowest precedence first: defaults in
    code, ``config.{yaml,yml,json,toml}``, ``config/{environment}.{...}``, ``config.local.{...}``,
    secret files, ``.env``, ``.env.{environment}``, ``.env.local``, the process environment, and
    the command line where ``argv`` gives it: words without the program's name, or an ``argparse``
    namespace. Files are looked up under ``root``: the argument, else ``root`` in
    ``[tool.confkit]`` of ``pyproject.toml``, else the working directory. A root without any
    configuration file is a ``UserWarning``; in the working directory only where no variable and no
    option sets a key. ``environment`` is the argument, else that of the command line, else
    ``$ENVIRONMENT``, else ``ENVIRONMENT`` in ``.env``, else the default of the field of this
    name, else ``development``. ``environ`` stands in for ``os.environ``.

    ``prefix`` (``"SHOP_"``) is what the names of variables start with, those in env files and
    ``ENVIRONMENT`` among them. ``empty="unset"`` takes empty variables for variables that are not
    set. ``secrets_dir`` is a directory with a file for each secret, below the env files, else
    ``secrets_dir`` in ``[tool.confkit]``. Sources that are given themselves take such options
    themselves.

    ``rules`` is a whole Cerberus schema beside the ``Check`` of the fields. ``resolvers`` answer
    ``${scheme:reference}`` by scheme, beside and above those for ``aws``, ``env``, ``fernet``,
    ``file`` and ``file64``; a plain function from reference to text is one, too.

    :raises SchemaError: when the class cannot work as settings.
    :raises InvalidConfig: with every problem of every layer.
    """
    words, environ = _command_line(argv), _unseen(environ)
    del argv  # what is left in a frame, a traceback with locals prints
    pipeline, discovery = _arranged(
        settings,
        sources,
        environment=environment,
        prefix=prefix,
        root=root,
        words=words,
        empty=empty,
        secrets_dir=secrets_dir,
        rules=rules,
        resolvers=resolvers,
        environ=environ,
    )
    return Config(pipeline, discovery)


def resolve(
    settings: type[T],
    *sources: Source,
    environment: str | None = None,
    prefix: str = "",
    root: str | os.PathLike[str] | None = None,
    argv: Sequence[str] | argparse.Namespace | None = None,
    empty: Empty = "value",
    secrets_dir: str | os.PathLike[str] | None = None,
    rules: Mapping[str, Any] | None = None,
    resolvers: Mapping[str, AnyResolver] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Resolution[T]:
    """Resolve ``settings`` from its layers, right or wrong.

    ``sources``, ``environment``, ``prefix``, ``root``, ``argv``, ``empty``, ``secrets_dir``,
    ``rules``, ``resolvers`` and ``environ`` are those of :func:`load`.

    Bad input never raises: the resolution has the value or the problems, and explains every key,
    also the broken ones::

        resolution = confkit.resolve(Settings, confkit.File("config.yaml"))
        if resolution.value is None:
            for problem in resolution.problems:
                print(problem, resolution.explain(problem.key))

    :raises SchemaError: when the class cannot work as settings.
    """
    problems: list[Problem] = []
    words, environ = _command_line(argv), _unseen(environ)
    del argv  # as in load()
    try:
        pipeline, discovery = _arranged(
            settings,
            sources,
            environment=environment,
            prefix=prefix,
            root=root,
            words=words,
            empty=empty,
            secrets_dir=secrets_dir,
            rules=rules,
            resolvers=resolvers,
            environ=environ,
        )
        found, unfound = discovery.sources(), discovery.unfound
    except InvalidConfig as error:
        problems += error.problems
        pipeline, found = Pipeline(read_schema(settings), rules), []
        unfound = None
    layers, unread = read_sources(found)
    problems += unread
    return pipeline.resolve(layers, problems=problems, incomplete=bool(problems), unfound=unfound)


def _arranged(
    settings: type,
    sources: Sequence[Source],
    *,
    environment: str | None,
    prefix: str,
    root: str | os.PathLike[str] | None,
    words: Source | None,
    empty: Empty,
    secrets_dir: str | os.PathLike[str] | None,
    rules: Mapping[str, Any] | None,
    resolvers: Mapping[str, AnyResolver] | None,
    environ: Mapping[str, str],
) -> tuple[Pipeline, Discovery]:
    """The pipeline of a class, and where its sources are found."""
    for source in sources:
        if not callable(getattr(source, "read", None)):
            shown = f"File({source!r})" if isinstance(source, str | os.PathLike) else "Values(...)"
            raise TypeError(f"a {type(source).__name__} is no source: write {shown}")
    schema = read_schema(settings)
    pipeline = Pipeline(schema, rules, partial(_all_resolvers, root, resolvers or {}))
    above = [] if words is None else [words]
    if sources and (empty != "value" or secrets_dir is not None or prefix):
        raise TypeError(
            "prefix, empty and secrets_dir are for the conventional layers: give them to sources"
        )
    if sources:
        return pipeline, of_sources([*sources, *above])
    return pipeline, of_conventions(
        environment=environment,
        root=None if root is None else Path(root),
        environ=environ,
        settings=settings.__name__,
        above=above,
        empty=checked_empty(empty),
        secrets_dir=None if secrets_dir is None else Path(secrets_dir),
        prefix=prefix,
        default=_environment_default(schema),
    )


def _environment_default(schema: Schema) -> str | None:
    """The default of the field that has the environment's name; None without such a field."""
    leaf = schema.leaves.get(FIELD)
    if leaf is None or leaf.env_names[0] != FIELD.upper():
        return None
    default = getattr(leaf.default, "value", leaf.default)
    return default if isinstance(default, str) and is_name(default) else DEFAULT_ENVIRONMENT


def _command_line(argv: Sequence[str] | argparse.Namespace | None) -> Source | None:
    if argv is None:
        return None
    from confkit.sources.argv import command_line  # argparse is for those who have words

    return command_line(argv)


def _unseen(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return Unseen(os.environ if environ is None else environ)


def _all_resolvers(
    root: str | os.PathLike[str] | None, given: Mapping[str, AnyResolver]
) -> Mapping[str, AnyResolver]:
    # Only for who has references.
    from confkit.resolution.gradual import RolloutResolver
    from confkit.secrets.defaults import default_resolvers

    return {"rollout": RolloutResolver(), **default_resolvers(root), **given}
