"""``${file:/run/secrets/name}``: secrets in files, as Docker and Kubernetes mount them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from confkit.errors import (
    InvalidSource,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretNotFound,
)
from confkit.project import project_root
from confkit.sources.reading import read_bytes, read_text
from confkit.unseen import hiding

#: The largest secret that is read, in bytes.
MAX_BYTES = 1024 * 1024
#: Where platforms mount secrets with the modes they choose: readable, and by design.
_MOUNTS = ("/run/secrets/", "/var/run/secrets/")


class FileResolver:
    """Answers ``${file:PATH}`` by the text of a file, without the line end at its end.

    :param root: what relative paths are relative to; without one, ``root`` in ``[tool.confkit]``
        of ``pyproject.toml``, else the working directory.
    :param binary: answer with the bytes of the file, whatever they are.

    A file that every user may write to is refused: anybody could choose the secret.
    """

    secret = True

    def __init__(self, root: str | os.PathLike[str] | None = None, *, binary: bool = False) -> None:
        self.root = None if root is None else Path(root)
        self.binary = binary

    def __repr__(self) -> str:
        return f"FileResolver({str(self.root or '')!r})"

    @hiding(SecretError)
    def resolve(self, reference: str) -> str | bytes:
        """The text, or the bytes, of the file.

        :raises SecretNotFound: when there is no such file.
        :raises SecretDenied: when it may not be read, or every user may write to it.
        :raises SecretGarbled: when it is no text: a directory, a device, too large, not UTF-8.
        """
        path = self._path(reference)
        read = read_bytes if self.binary else read_text
        try:
            found = read(path, str(path), MAX_BYTES, trusted=True)
        except InvalidSource as error:
            (problem,) = error.problems
            denied = problem.code == "writable" or problem.message == "permission denied"
            kind = SecretDenied if denied else SecretGarbled
            raise kind(f"{path}: {problem.message}") from None
        if found is None:
            raise SecretNotFound(f"there is no file {path}")
        if isinstance(found, bytes):
            return found
        return found.removesuffix("\n").removesuffix("\r")

    def version(self, reference: str) -> str | None:
        """What changes with every new content of the file; None while there is no file."""
        try:
            found = self._path(reference).stat()
        except OSError:
            return None
        return f"{found.st_dev}-{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"

    def _path(self, reference: str) -> Path:
        if not reference or "\0" in reference:
            raise SecretGarbled("${file:...} names no file")
        return (project_root() if self.root is None else self.root) / reference


def readable_by_all(path: Path) -> bool:
    """Whether any user of the machine may read the file, in a place that no platform manages."""
    managed = str(path.absolute()).startswith(_MOUNTS)
    return not managed and bool(_mode(path) & stat.S_IROTH)


def _mode(path: Path) -> int:
    if os.name != "posix":
        return 0
    try:
        return path.stat().st_mode
    except OSError:
        return 0
