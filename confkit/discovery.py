"""The conventional layers: which files are looked for, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from confkit.errors import InvalidConfig, Problem
from confkit.layers import Origin, Source, shown
from confkit.near import did_you_mean
from confkit.project import project_root, tool_settings
from confkit.sources.environ import Environ
from confkit.sources.files import SUFFIXES, File
from confkit.sources.names import Empty

#: An environment's name is part of file names, so it can hold nothing that walks directories.
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
DEFAULT_ENVIRONMENT = "development"


class Discovery(NamedTuple):
    """Where a configuration comes from, to be asked at every reload.

    :ivar sources: gives the sources, lowest precedence first.
    :ivar paths: every file that is read, or would be if it were there, lowest precedence first.
    :ivar root: the directory that files are shown relative to.
    """

    sources: Callable[[], Sequence[Source]]
    paths: Callable[[Sequence[Source]], list[Path]]
    root: Path | None


def of_sources(sources: Sequence[Source]) -> Discovery:
    """Sources that are given, and stay the same."""
    return Discovery(lambda: sources, watched, None)


def watched(sources: Sequence[Source]) -> list[Path]:
    """The files that sources are read from."""
    return [path for source in sources for path in getattr(source, "paths", ())]


def of_conventions(
    *,
    environment: str | None,
    root: Path | None,
    environ: Mapping[str, str],
    settings: str,
    above: Sequence[Source] = (),
    empty: Empty = "value",
    secrets_dir: Path | None = None,
) -> Discovery:
    """The conventional layers, looked for anew at every reload; ``above`` are on top of them.

    :raises InvalidConfig: as :func:`conventional`.
    """
    where = project_root() if root is None else root

    def sources() -> list[Source]:
        found = conventional(
            environment=environment,
            root=where,
            environ=environ,
            settings=settings,
            empty=empty,
            secrets_dir=secrets_dir,
        )
        return [*found, *above]

    def paths(found: Sequence[Source]) -> list[Path]:
        name = environment_name(environment, environ, settings)
        known = candidates(where, name)
        return [*known, *(path for path in watched(found) if path not in known)]

    return Discovery(sources, paths, where)


def conventional(
    *,
    environment: str | None,
    root: Path | None,
    environ: Mapping[str, str],
    settings: str,
    empty: Empty = "value",
    secrets_dir: Path | None = None,
) -> list[Source]:
    """The conventional sources below the command line, lowest precedence first.

    :param empty: what an empty variable is, of the environment and of env files.
    :param secrets_dir: a directory with a file for each secret; else the one that
        ``[tool.confkit]`` names, if it is there.
    :raises InvalidConfig: for a name that is none, an environment that no file is named after
        while others are, and a root that is no directory.
    """
    root = project_root() if root is None else root
    if not root.is_dir():
        message = f"the root {shown(root)} is no directory"
        raise InvalidConfig(settings, [Problem("", message, code="missing-root")])
    name, origin = _environment(environment, environ, settings)
    sources: list[Source] = []
    present = False
    secrets = _secrets(secrets_dir, root)
    for path in candidates(root, name):
        if path.name == ".env":  # the first file above the secrets
            sources += secrets
        if path.exists():
            present |= path.name == f".env.{name}" or path.parent == root / "config"
            sources.append(_source(path, root, empty))
    if not present and origin is not None and name != DEFAULT_ENVIRONMENT:
        _refuse_unknown(name, origin, root, settings)
    sources.append(Environ(environ=environ, empty=empty))
    return sources


def candidates(root: Path, name: str) -> list[Path]:
    """Every conventional file of an environment, there or not, lowest precedence first."""
    stems = (root / "config", root / "config" / name, root / "config.local")
    files = [stem.with_name(stem.name + suffix) for stem in stems for suffix in SUFFIXES]
    return [*files, root / ".env", root / f".env.{name}", root / ".env.local"]


def _secrets(given: Path | None, root: Path) -> list[Source]:
    named = tool_settings().get("secrets_dir") if given is None else str(given)
    if not isinstance(named, str):
        return []
    from confkit.sources.directory import Directory  # only where there are secret files

    # The project names the directory for every machine, and some have none.
    return [Directory(named, optional=given is None, root=root)]


def _source(path: Path, root: Path, empty: Empty) -> Source:
    if path.name.startswith(".env"):
        from confkit.sources.dotenv import DotEnv  # only where there is one

        return DotEnv(path, empty=empty, optional=True, root=root)
    return File(path, optional=True, root=root)


def environment_name(given: str | None, environ: Mapping[str, str], settings: str) -> str:
    """The environment that is chosen: the argument, else ``$ENVIRONMENT``, else development.

    :raises InvalidConfig: for a name that could walk directories.
    """
    return _environment(given, environ, settings)[0]


def _environment(
    given: str | None, environ: Mapping[str, str], settings: str
) -> tuple[str, Origin | None]:
    if given is not None:
        name, origin = given, Origin("code", "environment argument")
    elif environ.get("ENVIRONMENT"):
        name, origin = environ["ENVIRONMENT"], Origin("env", "ENVIRONMENT")
    else:
        return DEFAULT_ENVIRONMENT, None
    if not _NAME.match(name):
        message = "the name of an environment holds letters, digits, - and _ only"
        problem = Problem("environment", message, origin, code="environment-name")
        raise InvalidConfig(settings, [problem])
    return name, origin


def environments(root: Path) -> list[str]:
    """The environments that files of the conventional places are named after."""
    names = {path.stem for path in (root / "config").glob("*") if path.suffix in SUFFIXES}
    names |= {path.name[5:] for path in root.glob(".env.*")}
    return sorted(name for name in names if _NAME.match(name) and name not in ("example", "local"))


def _refuse_unknown(name: str, origin: Origin, root: Path, settings: str) -> None:
    known = environments(root)
    if not known:
        return
    hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
    message = f"no file is named after the environment {name}"
    problem = Problem("environment", message, origin, hint, "unknown-environment")
    raise InvalidConfig(settings, [problem])
