"""Which files a run checks, by which options and settings: those of a project and its packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.envcheck.filenames import role
from confkit.envcheck.options import InvalidOptions, Options, from_table
from confkit.layers import shown
from confkit.project import tool_settings

#: What is checked where ``files`` names nothing.
USUAL = (".env", ".env.*", "*.env")


@dataclass(frozen=True, slots=True)
class Project:
    """One application: its directory, its options, its settings, and where its files are.

    ``settings`` are ``module:Class``, or names of files that serve as a schema.
    """

    directory: Path
    root: Path
    options: Options
    settings: tuple[str, ...] = ()

    def files(self) -> list[Path]:
        """The files to check: those of the option ``files``, else the usual ones of the root.

        :raises InvalidOptions: for a pattern that matches nothing, and where there is no env file.
        """
        if not self.options.files:
            found = [path for path in _matching(self.root, USUAL) if _usual(path)]
            if not found:
                raise InvalidOptions(f"no env files in {shown(self.root) or '.'}: name them")
            return found
        for pattern in self.options.files:
            if not _matching(self.root, [pattern]):
                where = shown(self.root) or "."
                raise InvalidOptions(f"[tool.confkit.env] files: nothing in {where} is {pattern!r}")
        return _matching(self.root, self.options.files)


def _usual(path: Path) -> bool:
    """A ``.env`` file, or one named after an environment; ``redis.env`` is another matter."""
    return path.name.startswith(".env") or bool(role(path.name).environment)


def _matching(root: Path, patterns: Sequence[str]) -> list[Path]:
    found = (path for pattern in patterns for path in sorted(root.glob(pattern)))
    return list(dict.fromkeys(path for path in found if path.is_file()))


def project(directory: Path = Path()) -> Project:
    """The project whose ``pyproject.toml`` is in ``directory``.

    :raises InvalidOptions: for an option that does not exist, or has a value that it cannot have.
    """
    table = tool_settings(directory)
    env = table.get("env", {})
    if not isinstance(env, Mapping):
        raise InvalidOptions("[tool.confkit.env] must be a table")
    root = table.get("root")
    return Project(
        directory,
        directory / root if isinstance(root, str) else directory,
        from_table(env),
        tuple(_texts(table.get("settings", ()), "[tool.confkit] settings")),
    )


def packages(directory: Path = Path()) -> Iterator[Project]:
    """The packages that ``[tool.confkit.env] packages`` names, each with its own ``pyproject``.

    :raises InvalidOptions: for a pattern that matches no package, and as :func:`project` does.
    """
    env = tool_settings(directory).get("env", {})
    if not isinstance(env, Mapping):
        return
    seen: set[Path] = set()
    for pattern in _texts(env.get("packages", ()), "[tool.confkit.env] packages"):
        found = [p for p in sorted(directory.glob(pattern)) if (p / "pyproject.toml").is_file()]
        if not found:
            raise InvalidOptions(f"[tool.confkit.env] packages: nothing is {pattern!r}")
        for one in found:
            if one not in seen and tool_settings(one):
                seen.add(one)
                yield project(one)


def _texts(value: Any, what: str) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        raise InvalidOptions(f"{what} must be a text or a list of texts")
    return list(texts)
