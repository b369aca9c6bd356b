"""The conventional layers: which files are looked for, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from confkit.environments import (
    DEFAULT_ENVIRONMENT,
    FIELD,
    Agreeing,
    Chosen,
    Field,
    choose,
    is_name,
)
from confkit.errors import InvalidConfig, Problem
from confkit.forced_environments import Choice
from confkit.layers import Layer, Origin, Source, shown
from confkit.near import did_you_mean
from confkit.project import project_root, tool_settings
from confkit.sources.environ import Environ
from confkit.sources.files import SUFFIXES, File
from confkit.sources.names import Empty

Unfound = Callable[[Iterable[Layer]], Problem | None]


class Discovery(NamedTuple):
    """Where a configuration comes from, to be asked at every reload.

    :ivar sources: gives the sources, lowest precedence first.
    :ivar paths: every file that is read, or would be if it were there, lowest precedence first.
    :ivar root: the directory that files are shown relative to.
    :ivar unfound: the problem that no file was found, from the layers above the defaults.
    :ivar choice: what chooses the environment; None where the sources are given.
    """

    sources: Callable[[], Sequence[Source]]
    paths: Callable[[Sequence[Source]], list[Path]]
    root: Path | None
    unfound: Unfound | None = None
    choice: Choice | None = None


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
    prefix: str = "",
    default: str | None = None,
) -> Discovery:
    """The conventional layers, looked for anew at every reload; ``above`` are on top of them.

    :param default: the default of the field that has the environment's name; None without one.

    :raises InvalidConfig: as :func:`conventional`.
    """
    where = project_root() if root is None else root

    chosen = Choice(
        lambda: choose(
            environment,
            environ,
            settings,
            root=where,
            prefix=prefix,
            above=above,
            default=default or DEFAULT_ENVIRONMENT,
        )
    )

    def sources() -> list[Source]:
        name = chosen()
        found = conventional(
            chosen=name,
            root=where,
            environ=environ,
            settings=settings,
            empty=empty,
            secrets_dir=secrets_dir,
            prefix=prefix,
            agree=default is not None,
        )
        return [*found, *above, *([Field(name)] if default is not None else [])]

    def paths(found: Sequence[Source]) -> list[Path]:
        try:
            known = candidates(where, chosen().name)
        except InvalidConfig:  # a name that cannot be one: the files that may hold it
            known = candidates(where, None)
        return [*known, *(path for path in watched(found) if path not in known)]

    def unfound(layers: Iterable[Layer]) -> Problem | None:
        # A container has its working directory for other reasons than configuration files.
        if where == Path() and any(layer.entries.keys() - {FIELD} for layer in layers):
            return None
        return without_files(where)

    return Discovery(sources, paths, where, unfound, chosen)


def conventional(
    *,
    environment: str | None = None,
    chosen: Chosen | None = None,
    root: Path | None,
    environ: Mapping[str, str],
    settings: str,
    empty: Empty = "value",
    secrets_dir: Path | None = None,
    prefix: str = "",
    agree: bool = False,
) -> list[Source]:
    """The conventional sources below the command line, lowest precedence first.

    :param agree: whether the files of one environment may name no other one.
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
    chosen = chosen or choose(environment, environ, settings, root=root, prefix=prefix)
    name, origin = chosen
    sources: list[Source] = []
    present = False
    secrets = _secrets(secrets_dir, root)
    for path in candidates(root, name):
        if path.name == ".env":  # the first file above the secrets
            sources += secrets
        if path.exists():
            present |= path.name == f".env.{name}" or path.parent == root / "config"
            source = _source(path, root, empty, prefix)
            free = not agree or path.name in (".env", ".env.local")
            sources.append(source if free else Agreeing(source, chosen, "ENVIRONMENT"))
    if not present and origin is not None and name != DEFAULT_ENVIRONMENT:
        _refuse_unknown(name, origin, root, settings)
    sources.append(Environ(prefix, environ=environ, empty=empty))
    return sources


def candidates(root: Path, name: str | None) -> list[Path]:
    """Every conventional file of an environment, there or not, lowest precedence first.

    :param name: None for the files of every environment only.
    """
    own = () if name is None else (root / "config" / name,)
    stems = (root / "config", *own, root / "config.local")
    files = [stem.with_name(stem.name + suffix) for stem in stems for suffix in SUFFIXES]
    own_env = () if name is None else (root / f".env.{name}",)
    return [*files, root / ".env", *own_env, root / ".env.local"]


def _secrets(given: Path | None, root: Path) -> list[Source]:
    named = tool_settings().get("secrets_dir") if given is None else str(given)
    if not isinstance(named, str):
        return []
    from confkit.sources.directory import Directory  # only where there are secret files

    # The project names the directory for every machine, and some have none.
    return [Directory(named, optional=given is None, root=root)]


def _source(path: Path, root: Path, empty: Empty, prefix: str) -> Source:
    if path.name.startswith(".env"):
        from confkit.sources.dotenv import DotEnv  # only where there is one

        return DotEnv(path, prefix, empty=empty, optional=True, root=root)
    return File(path, optional=True, root=root)


def environments(root: Path) -> list[str]:
    """The environments that files of the conventional places are named after."""
    names = {path.stem for path in (root / "config").glob("*") if path.suffix in SUFFIXES}
    names |= {path.name[5:] for path in root.glob(".env.*")}
    return sorted(name for name in names if is_name(name) and name not in ("example", "local"))


def without_files(root: Path) -> Problem | None:
    """The problem that a root has no conventional file of any environment; None where it has one.

    A directory with ``config/production.yaml`` alone is the right one for development, too.
    """
    names = [DEFAULT_ENVIRONMENT, *environments(root)]
    if any(path.exists() for name in names for path in candidates(root, name)):
        return None
    hint = "name the directory with root= or --root, or once in [tool.confkit] root"
    message = f"no configuration file was found in {shown(root.absolute())}"
    return Problem("", message, hint=hint, code="no-files")


def _refuse_unknown(name: str, origin: Origin, root: Path, settings: str) -> None:
    known = environments(root)
    if not known:
        return
    hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
    message = f"no file is named after the environment {name}"
    problem = Problem("environment", message, origin, hint, "unknown-environment")
    raise InvalidConfig(settings, [problem])
