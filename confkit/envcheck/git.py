"""Whether git tracks a file: one question to git for all env files of a repository."""

from __future__ import annotations

import os
import subprocess
from functools import lru_cache
from pathlib import Path


class Tracked:
    """The env files that git tracks; made for one run, since the answers are kept."""

    def __init__(self) -> None:
        self._listed = lru_cache(maxsize=None)(_listed)
        self._root = lru_cache(maxsize=None)(repository)

    def __call__(self, path: Path) -> bool | None:
        """Whether git tracks ``path``; None outside a work tree, and where git is not installed."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 - a link is tracked as a link
        root = self._root(path.parent)
        if root is None:
            return None
        listed = self._listed(root, "*" if "env" not in path.name.lower() else "*env*")
        return None if listed is None else path.relative_to(root).as_posix() in listed


def repository(directory: Path) -> Path | None:
    """The root of the work tree that ``directory`` is in, if any."""
    directory = Path(os.path.abspath(directory))  # noqa: PTH100
    for one in (directory, *directory.parents):
        if (one / ".git").exists():
            return one
    return None


def _listed(root: Path, pattern: str) -> frozenset[str] | None:
    command = ["git", "-C", str(root), "ls-files", "-z", "--", f":(glob,icase)**/{pattern}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return frozenset(os.fsdecode(done.stdout).split("\0"))
