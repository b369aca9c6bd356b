"""The conventional layers: which files are looked for, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from confkit.errors import InvalidConfig, Problem
from confkit.layers import Origin, Source, shown
from confkit.near import did_you_mean
from confkit.project import project_root
from confkit.sources.environ import Environ
from confkit.sources.files import SUFFIXES, File

#: An environment's name is part of file names, so it can hold nothing that walks directories.
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
DEFAULT_ENVIRONMENT = "development"


def conventional(
    *,
    environment: str | None,
    root: Path | None,
    environ: Mapping[str, str],
    settings: str,
) -> list[Source]:
    """The conventional sources below the command line, lowest precedence first.

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
    for stem, where in (("config", root), (name, root / "config")):
        for suffix in SUFFIXES:
            path = where / f"{stem}{suffix}"
            if path.exists():
                present |= stem == name
                sources.append(File(path, optional=True, root=root))
    for file in (".env", f".env.{name}"):
        if (root / file).exists():
            from confkit.sources.dotenv import DotEnv  # only where there is one

            present |= file != ".env"
            sources.append(DotEnv(root / file, optional=True, root=root))
    if not present and origin is not None and name != DEFAULT_ENVIRONMENT:
        _refuse_unknown(name, origin, root, settings)
    sources.append(Environ(environ=environ))
    return sources


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
    return sorted(name for name in names if _NAME.match(name) and name != "example")


def _refuse_unknown(name: str, origin: Origin, root: Path, settings: str) -> None:
    known = environments(root)
    if not known:
        return
    hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
    message = f"no file is named after the environment {name}"
    problem = Problem("environment", message, origin, hint, "unknown-environment")
    raise InvalidConfig(settings, [problem])
