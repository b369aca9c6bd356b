"""The reads of a directory of source: every module, with the wrappers that they share."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from confkit.envreads.module import OF_MAPPINGS, Module
from confkit.envreads.reads import Read
from confkit.envreads.scopes import Imported, Scope
from confkit.envreads.sinks import Sinks, called
from confkit.layers import shown

#: Directories that hold no source of the project.
_SKIPPED = frozenset(
    {"__pycache__", "node_modules", "build", "dist", "site-packages", "venv", "env"}
)
#: What a module that reads the environment has in its text.
_SIGNS = re.compile(
    r"environ|getenv|envvar|expandvars|decouple|dotenv_values|BaseSettings|starlette\.config"
)
_LARGEST = 5_000_000
#: How often functions around functions are followed from module to module.
_ROUNDS = 5


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
    project = Project(texts, root, made)
    project.scan()
    for module in project.scanned.values():
        made.reads += module.reads
        made.unnamed += [f"{module.file}:{line}:{column}" for line, column in module.unnamed]
    made.reads.sort(key=lambda r: (r.file, r.line, r.column, r.name))
    return made


class Project:
    """The modules of a directory: parsed when needed, and found by what imports call them."""

    def __init__(self, texts: dict[Path, str], root: Path | None, made: Reads) -> None:
        self.texts = texts
        self.scanned: dict[Path, Module] = {}
        self._root, self._made = root, made
        self._sinks: Sinks = {}
        self._parsed: dict[Path, Module | None] = {}
        self._paths: dict[int, Path] = {}
        self._found: dict[tuple[Path, Imported], Scope | None] = {}
        self._named: dict[str, list[Path]] = {}
        for path in texts:
            name = path.parent.name if path.name == "__init__.py" else path.stem
            self._named.setdefault(name, []).append(path)

    def scan(self) -> None:
        """Scan what reads the environment, then, again and again, what calls it to do so."""
        todo = [path for path, text in self.texts.items() if _SIGNS.search(text)]
        names: set[str] = set()
        for _ in range(_ROUNDS):
            for path in todo:
                self._scan(path)
            new = {name for scope in self._sinks if (name := _called(scope))} - names
            if not new:
                break
            names |= new
            calls = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(new))) + r")\b")
            todo = [path for path, text in self.texts.items() if calls.search(text)]

    def _scan(self, path: Path) -> None:
        module = self.module(path)
        if module is None:
            return
        try:
            module.scan()
        except RecursionError:
            self._made.unreadable.append(module.file)
            self._parsed[path] = None
            self.scanned.pop(path, None)
        else:
            self.scanned[path] = module

    def module(self, path: Path) -> Module | None:
        """The module of a file; None for what is no Python."""
        if path not in self._parsed:
            tree = None
            try:
                tree = ast.parse(self.texts[path])
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._made.unreadable.append(shown(path, self._root))
            self._parsed[path] = None
            if tree is not None:
                module = Module(shown(path, self._root), tree, self._sinks, self.imported)
                self._parsed[path] = module
                self._paths[id(module.scope)] = path
        return self._parsed[path]

    def imported(self, scope: Scope, what: Imported) -> Scope | None:
        """The scope of a module that another one imports, where it is one of the project."""
        importer = self._paths[id(scope)]
        key = (importer, what)
        if key not in self._found:
            path = self._path(importer, what)
            module = None if path is None else self.module(path)
            self._found[key] = None if module is None else module.bind()
        return self._found[key]

    def _path(self, importer: Path, what: Imported) -> Path | None:
        parts = what.module.split(".") if what.module else []
        if what.level:
            folder = importer.parent
            for _ in range(what.level - 1):
                folder = folder.parent
            folder = folder.joinpath(*parts)
            candidates = (folder.with_suffix(".py") if parts else None, folder / "__init__.py")
            return next((one for one in candidates if one in self.texts), None)
        fitting = [
            path
            for path in self._named.get(parts[-1], ())
            if _dotted(path)[-len(parts) :] == tuple(parts)
        ]
        near = importer.parts
        return max(
            fitting, default=None, key=lambda p: (_common(p.parts, near), -len(p.parts), str(p))
        )


def _called(scope: Scope) -> str:
    """What calls of the scope's function, or class, are looked for by; empty for none."""
    name = called(scope)
    return "" if name == "lambda" or name.startswith("__") or name in OF_MAPPINGS else name


def _dotted(path: Path) -> tuple[str, ...]:
    return path.parts[:-1] if path.name == "__init__.py" else path.with_suffix("").parts


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _text(path: Path) -> str | None:
    try:
        small = path.stat().st_size <= _LARGEST
        return path.read_text(encoding="utf-8") if small else None
    except (OSError, ValueError):
        return None


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
                and (name not in _SKIPPED or (here / name / "__init__.py").exists())
                and not (here / name / "pyvenv.cfg").exists()
            )
            yield from (here / name for name in sorted(files) if name.endswith(".py"))
