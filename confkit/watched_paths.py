"""What decides the content of a path: the links on its way, their directories, its bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import hashlib

#: As many links as Linux follows before it says ELOOP.
MAX_LINKS = 40
#: More than any configuration file may have; the bytes above do not count.
MAX_BYTES = 4 * 1024 * 1024 + 1

#: A directory with its device and inode: another one of the same name differs.
Identity = tuple[str, int, int]


def directories(paths: Iterable[Path]) -> set[Path]:
    """The directories in which an entry decides what ``paths`` hold.

    For every symbolic link on the way, the directory that the link is in; the directory of the
    file; and the one above it, where that directory could be replaced. A directory that does not
    exist stands for the nearest one above that does.
    """
    found: set[Path] = set()
    for path in paths:
        links, final = _walk(path)
        found |= links
        found |= {final.parent, final.parent.parent}
        if final.is_dir():  # a directory of one-value files
            found.add(final)
    return {_existing(directory) for directory in found}


def _walk(path: Path) -> tuple[set[Path], Path]:
    """The directories that hold a link on the way to ``path``, and where the way ends."""
    links: set[Path] = set()
    absolute = path.absolute()
    here = Path(absolute.anchor)
    parts = list(reversed(absolute.parts[1:]))
    followed = 0
    while parts:
        name = parts.pop()
        if name == "..":
            here = here.parent
            continue
        entry = here / name
        target = None
        if followed < MAX_LINKS:
            try:
                target = Path(os.readlink(entry))  # noqa: PTH115 - a plain look, no exception chain
            except OSError:
                target = None
        if target is None:
            here = entry
            continue
        followed += 1
        links.add(here)
        if target.is_absolute():
            here = Path(target.anchor)
        parts.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))
    return links, here


def _existing(directory: Path) -> Path:
    while not directory.is_dir() and directory != directory.parent:
        directory = directory.parent
    return directory


def identity(found: Iterable[Path]) -> frozenset[Identity]:
    """The directories with device and inode; those that have just gone are left out."""
    made = set()
    for directory in found:
        try:
            stats = directory.stat()
        except OSError:
            continue
        made.add((str(directory), stats.st_dev, stats.st_ino))
    return frozenset(made)


def digest(path: Path) -> str:
    """A text that differs where the content differs.

    ``missing`` where there is nothing, ``unreadable`` where the file cannot be read or is a
    device. For a directory, the names and the content of its files.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except (OSError, ValueError):
        return "unreadable"
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            return _of_directory(path)
        if not stat.S_ISREG(mode):
            return "unreadable"
        with open(handle, "rb", closefd=False) as file:
            return _sha256(file.read(MAX_BYTES)).hexdigest()
    except OSError:
        return "unreadable"
    finally:
        os.close(handle)


def _sha256(content: bytes) -> hashlib._Hash:
    import hashlib  # most programs load and never look again

    return hashlib.sha256(content)


def _of_directory(path: Path) -> str:
    made = _sha256(b"")
    for name in sorted(os.listdir(path)):  # noqa: PTH208 - names are enough
        # Kubernetes keeps the files of each version below a name that starts with two dots.
        if not name.startswith(".") and not (path / name).is_dir():
            made.update(f"{name}\0{digest(path / name)}\n".encode(errors="surrogateescape"))
    return made.hexdigest()


def pinned(path: Path) -> bool:
    """Whether the file is a mount of its own: a rename on the host never reaches it."""
    try:
        real = os.path.realpath(path)
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:  # noqa: PTH123
            return any(line.split()[4] == real for line in mounts) and not os.path.isdir(real)  # noqa: PTH112
    except (OSError, IndexError):
        return False
