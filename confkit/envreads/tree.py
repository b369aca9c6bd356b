"""The reads of a directory of source: every module, with the wrappers that they share."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from confkit.envreads.module import Module, Wrapper
from confkit.envreads.reads import Read
from confkit.layers import shown

#: Directories that hold no source of the project.
_SKIPPED = frozenset(
    {"__pycache__", "node_modules", "build", "dist", "site-packages", "venv", "env", "migrations"}
)
#: What a module that reads the environment has in its text.
_SIGNS = re.compile(
    r"environ|getenv|envvar|expandvars|decouple|dotenv_values|BaseSettings|starlette\.config"
)
_LARGEST = 5_000_000


@dataclass
class Reads:
    """What was found: the reads, by place, and what could not be looked at.

    ``unnamed`` are places that read a variable whose name is not written in the source.
    """

    reads: list[Read] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    files: int = 0

    @property
    def names(self) -> dict[str, list[Read]]:
        """The reads by name, sorted."""
        found: dict[str, list[Read]] = {}
        for read in self.reads:
            found.setdefault(read.name, []).append(read)
        return dict(sorted(found.items()))


def scan(paths: Iterable[Path], root: Path | None = None) -> Reads:
    """Find every read in the Python files of ``paths``, which may be files or directories.

    :param root: files are shown relative to it, else to the working directory.
    """
    made = Reads()
    texts: dict[Path, str] = {}
    for path in sources(paths):
        made.files += 1
        text = _text(path)
        if text is None:
            made.unreadable.append(shown(path, root))
        else:
            texts[path] = text
    modules: dict[Path, Module] = {}
    for path, text in texts.items():
        if _SIGNS.search(text) and (module := _parsed(text, path, root, made)) is not None:
            _scan(module, {}, path, modules, made)
    shared = {
        name: (path.stem, wrapper)
        for path, module in modules.items()
        for name, wrapper in module.wrappers.items()
        if not name.startswith(".")
    }
    if shared:
        _follow(shared, texts, modules, root, made)
    for module in modules.values():
        made.reads += module.reads
        made.unnamed += [f"{module.file}:{line}:{column}" for line, column in module.unnamed]
    made.reads.sort(key=lambda r: (r.file, r.line, r.column, r.name))
    return made


def _follow(
    shared: dict[str, tuple[str, Wrapper]],
    texts: dict[Path, str],
    modules: dict[Path, Module],
    root: Path | None,
    made: Reads,
) -> None:
    """Look again at the modules that import a wrapper from another one."""
    names = re.compile(r"\b(?:" + "|".join(map(re.escape, shared)) + r")\b")
    for path, text in texts.items():
        if not names.search(text):
            continue
        module = modules.get(path) or _parsed(text, path, root, made)
        if module is None:
            continue
        known: dict[str, Wrapper] = {}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom):
                source = (node.module or "").rpartition(".")[2]
                for alias in node.names:
                    stem, wrapper = shared.get(alias.name, ("", None))
                    # Through a package's __init__ the module is not that of the definition.
                    if wrapper is not None and (stem == source or stem != path.stem):
                        known[alias.asname or alias.name] = wrapper
        if known:
            _scan(module, known, path, modules, made)


def _text(path: Path) -> str | None:
    try:
        small = path.stat().st_size <= _LARGEST
        return path.read_text(encoding="utf-8") if small else None
    except (OSError, ValueError):
        return None


def _parsed(text: str, path: Path, root: Path | None, made: Reads) -> Module | None:
    try:
        return Module(shown(path, root), ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        made.unreadable.append(shown(path, root))
        return None


def _scan(
    module: Module, known: dict[str, Wrapper], path: Path, modules: dict[Path, Module], made: Reads
) -> None:
    """Find the reads of a module; one that nests too deeply is unreadable, like in the parser."""
    try:
        module.scan(known)
    except RecursionError:
        modules.pop(path, None)
        made.unreadable.append(module.file)
    else:
        modules[path] = module


def sources(paths: Iterable[Path]) -> Iterator[Path]:
    """The Python files in files and directories, without those of environments and caches."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for directory, below, files in os.walk(path):
            here = Path(directory)
            below[:] = sorted(
                name
                for name in below
                if not name.startswith(".")
                and name not in _SKIPPED
                and not (here / name / "pyvenv.cfg").exists()
            )
            yield from (here / name for name in sorted(files) if name.endswith(".py"))
